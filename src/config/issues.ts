/** zod's findings as sentences in both languages, at their place in the file. */
import type { z } from 'zod'
import type { Text } from '#base/text.ts'
import type { Problem, ProblemCode } from './problem.ts'
import { configSchema } from './schema.ts'
import { nearest, unknownKey } from './suggest.ts'
import type { IssueNote } from './values.ts'
import { allKeys, choicesOf, fitting, isRecord, keysAt, optionsOf, type PathKeys, unwrap } from './walk.ts'
import type { YamlSource } from './yaml-source.ts'

type Issue = z.core.$ZodIssue

const everyKey = allKeys(configSchema)

export function problemsOf(issues: readonly Issue[], data: unknown, source: YamlSource): readonly Problem[] {
  return issues.flatMap(issue => problemOf(issue, issue.path as PathKeys, data, source))
}

function problemOf(issue: Issue, path: PathKeys, data: unknown, source: YamlSource): readonly Problem[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(name => {
      const text = unknownKey(name, keysAt(configSchema, data, path), everyKey)
      return source.problem('CONF-PARSE', source.keyOffsetOf([...path, name]), [...path, name].join('.'), text)
    })
  const value = valueAt(data, path)
  if (issue.code === 'invalid_union' && value !== undefined) {
    const inner = nearestBranch(issue.errors)
    if (inner.length > 0)
      return inner.flatMap(item => problemOf(item, [...path, ...(item.path as PathKeys)], data, source))
  }
  const missing = value === undefined && issue.code !== 'custom'
  const { code, text } = missing ? missingKey(path) : sentence(issue, value, path)
  return [source.problem(code, source.offsetOf(path), path.join('.'), text)]
}

/** Of a union's options the one that got furthest: its complaints lie deeper than the value itself. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const deep = branches.filter(
    branch =>
      branch.length > 0 &&
      branch.every(issue => issue.path.length > 0 || issue.code === 'unrecognized_keys' || issue.code === 'custom'),
  )
  return deep[0] ?? []
}

function missingKey(path: PathKeys): { code: ProblemCode; text: Text } {
  const { doc } = docAt(path)
  const example = doc?.example === undefined ? '' : `, ${String(path.at(-1))}: ${doc.example}`
  return {
    code: 'CONF-MISSING',
    text: {
      en: `is required and missing${example === '' ? '' : ` (such as${example.slice(1)})`}`,
      ja: `は必須ですが書かれていません${example === '' ? '' : `(例: ${example.slice(2)})`}`,
    },
  }
}

function sentence(issue: Issue, value: unknown, path: PathKeys): { code: ProblemCode; text: Text } {
  if (issue.code === 'custom') {
    const note = issue.params as IssueNote | undefined
    if (note) return { code: note.problem ?? 'CONF-PARSE', text: note.text }
  }
  return { code: 'CONF-PARSE', text: plainSentence(issue, value, path) }
}

function plainSentence(issue: Issue, value: unknown, path: PathKeys): Text {
  if (issue.code === 'invalid_type') return wrongType(issue.expected, value)
  if (issue.code === 'too_big') return tooMuch(issue, value)
  if (issue.code === 'too_small') return tooLittle(issue, value)
  return oneOf(issue.code === 'invalid_value' ? issue.values.map(String) : choicesAt(path), value)
}

function tooMuch({ origin, maximum }: z.core.$ZodIssueTooBig, value: unknown): Text {
  if (origin !== 'number' && origin !== 'int')
    return { en: `too many or too long: at most ${maximum}`, ja: `多すぎるか長すぎます。最大 ${maximum} です` }
  return {
    en: `${shown(value)} is too much: at most ${maximum}`,
    ja: `${shown(value)} は大きすぎます。最大 ${maximum} です`,
  }
}

function tooLittle({ origin, minimum }: z.core.$ZodIssueTooSmall, value: unknown): Text {
  if (origin !== 'number' && origin !== 'int')
    return { en: `is empty or too short: at least ${minimum}`, ja: `空か短すぎます。${minimum} 以上必要です` }
  return {
    en: `${shown(value)} is too little: at least ${minimum}`,
    ja: `${shown(value)} は小さすぎます。${minimum} 以上です`,
  }
}

const typeNames: Readonly<Record<string, Text>> = {
  string: { en: 'text', ja: '文字列' },
  number: { en: 'a number', ja: '数' },
  int: { en: 'a whole number', ja: '整数' },
  boolean: { en: 'true or false', ja: 'true か false' },
  array: { en: 'a list', ja: '一覧(リスト)' },
  object: { en: 'a block of keys', ja: 'キーのまとまり' },
}

function wrongType(expected: string, value: unknown): Text {
  const wanted = typeNames[expected] ?? { en: expected, ja: expected }
  return {
    en: `${wanted.en} is wanted, not ${shown(value)}`,
    ja: `${wanted.ja}を書いてください(${shown(value)} ではなく)`,
  }
}

function oneOf(choices: readonly string[], value: unknown): Text {
  if (choices.length === 0) return { en: `${shown(value)} does not fit here`, ja: `${shown(value)} はここに書けません` }
  const near = typeof value === 'string' ? nearest(value, choices) : undefined
  const list = choices.join(', ')
  return {
    en: `${shown(value)} is not one of ${list}${near ? `; did you mean ${near}?` : ''}`,
    ja: `${shown(value)} は ${list} のどれでもありません${near ? `。${near} のことですか?` : ''}`,
  }
}

/** Only short plain values are repeated; whatever is long or came from elsewhere could be a secret. */
function shown(value: unknown): string {
  if (value === null) return 'nothing'
  if (typeof value === 'string') return value.length <= 40 ? JSON.stringify(value) : 'this text'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return Array.isArray(value) ? 'a list' : 'a block'
}

function choicesAt(path: PathKeys): readonly string[] {
  const { core } = docAt(path)
  const options = optionsOf(core)
  if (!options) return choicesOf(core) ?? []
  return options.flatMap(option => choicesOf(unwrap(option).core) ?? serviceOf(option))
}

function serviceOf(option: z.core.$ZodType): readonly string[] {
  const keys = (unwrap(option).core as z.core.$ZodTypes)._zod.def
  if (keys.type !== 'object' || !keys.shape['service']) return []
  return choicesOf(unwrap(keys.shape['service']).core) ?? []
}

/** The schema at a path, as far as it can be told without the data; at `service` the union above it. */
function docAt(path: PathKeys) {
  let at: z.core.$ZodType = configSchema
  for (const step of path) {
    const { def } = (unwrap(at).core as z.core.$ZodTypes)._zod
    const next =
      def.type === 'array'
        ? def.element
        : def.type === 'object' && typeof step === 'string'
          ? def.shape[step]
          : undefined
    if (!next) return unwrap(at)
    at = next
  }
  return fitting(at, undefined)
}

function valueAt(data: unknown, path: PathKeys): unknown {
  let value = data
  for (const step of path) {
    if (!isRecord(value) && !Array.isArray(value)) return undefined
    value = (value as Record<string | number, unknown>)[step]
  }
  return value
}
