/** file + environment → a frozen Config, or every problem at once with its place. Nothing is opened but what the file names. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { crossCheck, type Parts } from './crosscheck.ts'
import { type Environment, expand } from './expand.ts'
import { ephemeralFileSystem, unreadable, whyTooOpen, whyUnreadable } from './files.ts'
import { problemsOf } from './issues.ts'
import { type Problem, sortProblems } from './problem.ts'
import { type Config, configSchema } from './schema.ts'
import { isRecord, mapLeaves, type PathKeys, typeOf } from './walk.ts'
import { YamlSource } from './yaml-source.ts'

export type Loaded =
  | { readonly config: Config; readonly warnings: readonly Problem[] }
  | { readonly problems: readonly Problem[] }

/** Far beyond any real configuration; a disk image named by mistake is refused. */
const maxConfigBytes = 1024 * 1024

export function loadConfig(path: string, env: Environment): Loaded {
  const file = resolve(path)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    return { problems: [noFile(path, error)] }
  }
  if (text.length > maxConfigBytes)
    return {
      problems: [
        new YamlSource(path, '').problem('CONF-PARSE', 0, '', {
          en: 'larger than 1 MiB: not a configuration',
          ja: '1 MiBを超えています。設定ファイルではありません',
        }),
      ],
    }
  return parseConfig(text, { path, env })
}

/** The same from text that is already read; `path` names it in problems and is where relative paths start. */
export function parseConfig(text: string, from: { readonly path: string; readonly env: Environment }): Loaded {
  const file = resolve(from.path)
  const source = new YamlSource(from.path, text)
  const broken = source.problems()
  if (broken.length > 0) return { problems: broken }
  const expansion = expand(source, from.env, dirname(file))
  const values = placeValues(source.document.toJS() as unknown, source, expansion.expanded, dirname(file))
  const parsed = configSchema.safeParse(values.data)
  const failed = new Set(expansion.problems.map(problem => problem.key))
  const found = parsed.success ? [] : problemsOf(parsed.error.issues, values.data, source)
  const crossed = crossCheck(partsOf(values.data)).map(finding =>
    source.problem(finding.code, source.offsetOf(finding.path), finding.path.join('.'), finding.text, finding.severity),
  )
  // A value that could not be expanded has been told; what follows from its absence is not repeated.
  const rest = [...values.problems, ...found, ...crossed].filter(problem => !failed.has(problem.key))
  const all = sortProblems([...expansion.problems, ...rest])
  if (!parsed.success || all.some(problem => problem.severity === 'error')) return { problems: all }
  const sha256 = createHash('sha256').update(text).digest('hex')
  return { config: deepFreeze({ ...parsed.data, source: { path: file, sha256 } }) as Config, warnings: all }
}

function noFile(path: string, error: unknown): Problem {
  const gone = error instanceof Error && 'code' in error && error.code === 'ENOENT'
  const why = unreadable(path, error)
  const text = {
    en: `${why.en}; nothing runs on defaults: make one with hikyaku init, or name it with --config`,
    ja: `${why.ja}。既定値だけでは動きません。hikyaku init で作るか、--config で指定してください`,
  }
  return new YamlSource(path, '').problem(gone ? 'CONF-DEFAULT' : 'CONF-UNREADABLE', 0, '', text)
}

type Placed = { readonly data: unknown; readonly problems: readonly Problem[] }

/** Makes paths absolute, looks at the files that are named, and turns expanded texts into numbers where numbers stand. */
function placeValues(data: unknown, source: YamlSource, expanded: ReadonlySet<string>, folder: string): Placed {
  const problems: Problem[] = []
  const report = (path: PathKeys, code: Problem['code'], text: Problem['text'], severity?: 'warning') =>
    problems.push(source.problem(code, source.offsetOf(path), path.join('.'), text, severity))

  const placed = mapLeaves(configSchema, data, ({ path, value, doc, core }) => {
    if (typeof value !== 'string' || value === '') return value
    if (expanded.has(path.join('.'))) value = fitted(value as string, typeOf(core))
    if (typeof value !== 'string') return value
    switch (doc?.kind) {
      case 'path':
        return resolve(folder, value)
      case 'file':
      case 'secret-file': {
        const file = resolve(folder, value)
        const unread = whyUnreadable(file)
        const open = doc.kind === 'secret-file' && !unread ? whyTooOpen(file) : undefined
        if (unread) report(path, 'CONF-UNREADABLE', unread)
        if (open) report(path, 'SECRET-PERM', open, 'warning')
        return file
      }
      case 'endpoint':
        return value.startsWith('unix:') && !isAbsolute(value.slice(5))
          ? `unix:${resolve(folder, value.slice(5))}`
          : value
      case 'secret':
        if (!expanded.has(path.join('.')))
          report(path, 'SECRET-LITERAL', {
            en: 'a secret does not stand in the configuration: use ${file:PATH} or ${env:NAME}',
            ja: '秘密を設定ファイルに直接書けません。${file:PATH} か ${env:NAME} を使ってください',
          })
        return value
      case 'plain':
      case undefined:
        return value
      default:
        return doc?.kind satisfies undefined
    }
  })
  const folderName = isRecord(placed) ? placed['data'] : undefined
  const vanishing = typeof folderName === 'string' ? ephemeralFileSystem(folderName) : undefined
  if (vanishing)
    report(
      ['data'],
      'CONF-EPHEMERAL',
      {
        en: `the data folder lies on ${vanishing}: mail in it would vanish with the container or at a restart; use a volume`,
        ja: `データフォルダが ${vanishing} 上にあります。コンテナや再起動とともにメールが消えます。ボリュームを使ってください`,
      },
      'warning',
    )
  return { data: placed, problems }
}

/** `${env:PORT}` is text; where the schema wants a number or a truth value it becomes one. */
function fitted(value: string, type: string): unknown {
  if (type === 'number' && /^\d{1,10}$/.test(value)) return Number(value)
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true'
  return value
}

/** The sections that are right by themselves. */
function partsOf(data: unknown): Parts {
  if (!isRecord(data)) return {}
  const parts = Object.entries(configSchema.shape).flatMap(([name, section]) => {
    const parsed = section.safeParse(data[name])
    return parsed.success ? [[name, parsed.data] as const] : []
  })
  return Object.fromEntries(parts) as Parts
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner)
    Object.freeze(value)
  }
  return value
}
