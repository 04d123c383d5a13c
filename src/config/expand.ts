/** `${env:NAME}` and `${file:PATH}` are the only expansions; anything else that looks like one is a mistake somebody made. */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Problem } from './problem.ts'
import { readSmallFile, unreadable } from './files.ts'
import { nearest } from './suggest.ts'
import type { YamlSource } from './yaml-source.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export type Expansion = {
  readonly problems: readonly Problem[]
  /** Dotted paths of the values that came, wholly or in part, from elsewhere */
  readonly expanded: ReadonlySet<string>
}

const pattern = /\$\{([^}\n]*)\}?|\$\(?[A-Za-z_][A-Za-z0-9_]*|\{\{[^}\n]*(?:\}\})?/g

export function expand(source: YamlSource, env: Environment, folder: string): Expansion {
  const problems: Problem[] = []
  const expanded = new Set<string>()
  source.mapTexts((text, path, node) => {
    const key = path.join('.')
    const at = (piece: string, index: number) => placeOf(source.text, node.range, piece, text, index)
    return text.replaceAll(pattern, (piece: string, inside: string | undefined, index: number) => {
      const answer = valueOf(piece, inside, env, folder)
      if (typeof answer === 'string') {
        expanded.add(key)
        return answer
      }
      problems.push(source.problem(answer.code, at(piece, index), key, answer.text))
      if (answer.code !== 'CONF-UNEXPANDED') expanded.add(key)
      return ''
    })
  })
  return { problems, expanded }
}

function placeOf(
  whole: string,
  range: readonly number[] | null | undefined,
  piece: string,
  text: string,
  index: number,
): number {
  const start = range?.[0] ?? 0
  const raw = whole.slice(start, range?.[1] ?? start)
  const nth = text.slice(0, index).split(piece).length
  let found = -1
  for (let count = 0; count < nth; count++) found = raw.indexOf(piece, found + 1)
  return start + Math.max(found, 0)
}

type Refused = Pick<Problem, 'code' | 'text'>

function valueOf(piece: string, inside: string | undefined, env: Environment, folder: string): string | Refused {
  const match = inside === undefined || !piece.endsWith('}') ? null : /^(env|file):(.+)$/s.exec(inside)
  if (!match) return unexpanded(piece)
  const [, kind, name = ''] = match
  return kind === 'env' ? fromEnvironment(name, env) : fromFile(resolve(folder, name))
}

function unexpanded(piece: string): Refused {
  const name = /[A-Za-z_][A-Za-z0-9_]*/.exec(piece)?.[0] ?? 'NAME'
  return {
    code: 'CONF-UNEXPANDED',
    text: {
      en: `${piece} is not expanded by anyone; for an environment variable write \${env:${name}}, for a file \${file:PATH}`,
      ja: `${piece} は展開されません。環境変数なら \${env:${name}}、ファイルなら \${file:PATH} と書いてください`,
    },
  }
}

function fromEnvironment(name: string, env: Environment): string | Refused {
  const value = env[name]
  if (value !== undefined) return value
  const near = nearest(name, Object.keys(env))
  const hint = near ? { en: `; ${near} is set`, ja: `(${near} は設定されています)` } : { en: '', ja: '' }
  return {
    code: 'CONF-MISSING',
    text: {
      en: `the environment variable ${name} is not set${hint.en}`,
      ja: `環境変数 ${name} が設定されていません${hint.ja}`,
    },
  }
}

function fromFile(path: string): string | Refused {
  try {
    if (!statSync(path).isFile())
      return { code: 'CONF-UNREADABLE', text: { en: `${path} is not a file`, ja: `${path} はファイルではありません` } }
    return readSmallFile(path)
  } catch (error) {
    return { code: 'CONF-UNREADABLE', text: unreadable(path, error) }
  }
}
