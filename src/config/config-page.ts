/** docs/config.md from the schema. */
import { type Language, say, type Text } from '#base/text.ts'
import { configSchema } from './schema.ts'
import { type AnySchema, choicesOf, elementOf, optionsOf, shapeOf, typeOf, unwrap } from './walk.ts'

const words: Readonly<Record<string, Text>> = {
  title: { en: 'Configuration', ja: '設定ファイル' },
  generated: {
    en: 'Generated from the schema by `npm run docs`; `hikyaku config schema` prints it for editors, `hikyaku config check` checks a file.',
    ja: '`npm run docs` がスキーマから生成しています。`hikyaku config schema` はエディター用のスキーマを出力し、`hikyaku config check` はファイルを検査します。',
  },
  rules: {
    en: 'One YAML file. Relative paths start at the file’s folder. `${env:NAME}` and `${file:PATH}` are expanded, in any value; an unset variable or unreadable file is an error, and so is every other `$NAME`, `${…}` or `{{…}}`. Times carry their unit (`10s`, `30d`), sizes too (`50MB`, `64MiB`). Secrets never stand in the file itself. All problems are told at once as `file:line:column`, with exit code 78. SIGHUP reads the file again: keys marked ⟳ take effect while connections stay open, the log names those that wait for a restart; a file with errors changes nothing.',
    ja: 'YAMLファイル1つです。相対パスはファイルのあるフォルダから数えます。値の中の `${env:NAME}` と `${file:PATH}` は展開されます。未設定の変数や読めないファイルはエラーで、それ以外の `$NAME`、`${…}`、`{{…}}` もエラーです。時間(`10s`、`30d`)と大きさ(`50MB`、`64MiB`)には単位をつけます。秘密をファイルに直接書くことはできません。問題はすべて一度に `ファイル:行:桁` で示し、終了コードは78です。SIGHUPで読み直します。⟳ のキーは接続を切らずに効き、再起動が必要なキーはログに出ます。エラーがあれば何も変えません。',
  },
  key: { en: 'key', ja: 'キー' },
  type: { en: 'type', ja: '型' },
  fallback: { en: 'default', ja: '既定値' },
  meaning: { en: 'meaning', ja: '意味' },
  required: { en: 'required', ja: '必須' },
  example: { en: 'Example', ja: '例' },
  listOf: { en: 'list of ', ja: '一覧: ' },
  block: { en: 'block', ja: 'まとまり' },
  listeners: { en: 'Each entry names its service:', ja: '各項目はサービス名を持ちます。' },
  errors: { en: 'An example', ja: '例' },
}

const example = `role: home
hostname: mail.example.com
data: ./data
listen:
  - { service: lmtp, address: 100.64.0.1 }
  - { service: submissions }
  - { service: imaps }
tls:
  certificates:
    - { cert: ./tls/mail.crt, key: ./tls/mail.key }
home:
  gateways:
    - { name: tokyo, clientCertificateFile: ./tls/tokyo.crt }
outbound:
  upstreams:
    - { name: sendgrid, preset: sendgrid, passwordFile: ./secrets/sendgrid.key }
`

export function configPage(language: Language): string {
  const word = (name: string) => say(words[name] ?? { en: name, ja: name }, language)
  const shape = Object.entries(shapeOf(configSchema) ?? {})
  const plainKeys = shape.filter(([, schema]) => !isSection(schema))
  const sections = shape.filter(([, schema]) => isSection(schema))
  return [
    `# ${word('title')}`,
    word('generated'),
    word('rules'),
    `## ${word('errors')}\n\n\`\`\`yaml\n${example}\`\`\``,
    table(plainKeys, language),
    ...sections.map(([name, schema]) => section(name, schema, language, 2)),
  ]
    .join('\n\n')
    .concat('\n')
}

/** A block of keys or a list of them: it gets a table of its own. */
function isSection(schema: AnySchema): boolean {
  return inside(schema).length > 0
}

function inside(schema: AnySchema): readonly AnySchema[] {
  const { core } = unwrap(schema)
  if (shapeOf(core)) return [core]
  const element = elementOf(core)
  if (element) return inside(element)
  return (optionsOf(core) ?? []).filter(option => shapeOf(unwrap(option).core)).map(option => unwrap(option).core)
}

function section(name: string, schema: AnySchema, language: Language, level: number): string {
  const { core, doc } = unwrap(schema)
  const isList = elementOf(core) !== undefined
  const head = `${'#'.repeat(Math.min(level, 4))} ${name}${isList ? ' []' : ''}${doc?.reload ? ' ⟳' : ''}\n\n${doc ? say(doc, language) : ''}`
  const blocks = inside(schema)
  if (blocks.length > 1) return [head, ...blocks.map(block => variant(block, language))].join('\n\n')
  const keys = Object.entries(shapeOf(blocks[0] ?? core) ?? {})
  const deeper = keys.filter(([, inner]) => isSection(inner))
  const flat = keys.filter(([, inner]) => !isSection(inner))
  return [
    head,
    ...(flat.length > 0 ? [table(flat, language)] : []),
    ...deeper.map(([inner, schema]) => section(`${name}.${inner}`, schema, language, level + 1)),
  ].join('\n\n')
}

function variant(block: AnySchema, language: Language): string {
  const shape = shapeOf(block) ?? {}
  const service = shape['service'] ? unwrap(shape['service']) : undefined
  const name = service ? choicesOf(service.core)?.join() : ''
  const keys = Object.entries(shape).filter(([key]) => key !== 'service')
  return `**service: ${name}** — ${service?.doc ? say(service.doc, language) : ''}\n\n${table(keys, language)}`
}

function table(keys: readonly (readonly [name: string, schema: AnySchema])[], language: Language): string {
  const word = (name: string) => say(words[name] ?? { en: name, ja: name }, language)
  const rows = keys.map(([name, schema]) => {
    const { core, doc, optional, fallback } = unwrap(schema)
    const shown = fallback === undefined ? (optional ? '–' : word('required')) : code(JSON.stringify(fallback))
    const sample = doc?.example === undefined ? '' : ` ${word('example')}: ${code(doc.example)}`
    const meaning = `${doc ? say(doc, language) : ''}${sample}`
    return `| ${code(name)}${doc?.reload ? ' ⟳' : ''} | ${cell(doc?.type ?? typeName(core, language))} | ${shown} | ${cell(meaning)} |`
  })
  const head = ['key', 'type', 'fallback', 'meaning'].map(word).join(' | ')
  return [`| ${head} |`, '|---|---|---|---|', ...rows].join('\n')
}

function typeName(core: AnySchema, language: Language): string {
  const choices = choicesOf(core)
  if (choices) return choices.join(', ')
  const element = elementOf(core)
  if (element)
    return `${say(words['listOf'] ?? { en: '', ja: '' }, language)}${typeName(unwrap(element).core, language)}`
  const names: Readonly<Record<string, Text>> = {
    string: { en: 'text', ja: '文字列' },
    number: { en: 'number', ja: '数' },
    boolean: { en: 'true or false', ja: 'true か false' },
  }
  return say(names[typeOf(core)] ?? { en: 'text', ja: '文字列' }, language)
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
