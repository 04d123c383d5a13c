/**
 * Plays requests and responses of JMAP from a text file.
 *
 *     # a comment; empty lines don't count
 *     @letter INBOX Subject of it        something is made so, by the test: words of its own
 *     C:                                 the client sends what follows, JSON up to the next mark
 *     [["Mailbox/get", {"accountId": "${accountId}"}, "a"]]     an array: calls, with all capabilities; an object: the whole envelope
 *     S:                                 and gets this: an array is methodResponses, an object the whole response
 *     S: 400                             … with another status than 200
 *
 * In what is expected, `"${name}"` takes what stands there when the name is new, and is the same when it is not; a member `"…": true` lets
 * an object have more than is named; `"/pattern/"` is a string that matches; `["…unordered", a, b]` is an array in any order.
 */
import assert from 'node:assert/strict'

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

export type JmapTranscriptOptions = {
  readonly post: (body: string) => Promise<{ readonly status: number; readonly text: string }>
  readonly using: readonly string[]
  readonly prepare?: (words: readonly string[], variables: Map<string, unknown>) => Promise<void>
  readonly variables?: Readonly<Record<string, Json>>
}

type Step = { readonly at: number; readonly mark: string; readonly rest: string; text: string }

export async function runJmapTranscript(transcript: string, options: JmapTranscriptOptions): Promise<void> {
  const variables = new Map<string, Json>(Object.entries(options.variables ?? {}))
  let answer: { readonly status: number; readonly text: string } | undefined
  for (const step of stepsOf(transcript)) {
    if (step.mark === '@') {
      if (!options.prepare) throw new Error(`line ${step.at}: nothing is prepared in this test`)
      await options.prepare(step.rest.split(' '), variables)
    } else if (step.mark === 'C') {
      assert.equal(answer, undefined, `line ${step.at}: the last answer was not looked at`)
      const sent = filled(JSON.parse(step.text) as Json, variables, step.at)
      answer = await options.post(
        JSON.stringify(Array.isArray(sent) ? { using: options.using, methodCalls: sent } : sent),
      )
    } else {
      assert.ok(answer, `line ${step.at}: nothing was sent`)
      assert.equal(answer.status, Number(step.rest || 200), `line ${step.at}: ${answer.text}`)
      const got = JSON.parse(answer.text) as { readonly [name: string]: Json }
      const wanted = JSON.parse(step.text) as Json
      compare(Array.isArray(wanted) ? (got['methodResponses'] ?? null) : got, wanted, variables, `line ${step.at}`)
      answer = undefined
    }
  }
  assert.equal(answer, undefined, 'the last answer was not looked at')
}

function* stepsOf(transcript: string): Generator<Step> {
  let step: Step | undefined
  for (const [index, line] of transcript.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const match = /^([CS]):\s*(\d*)$/.exec(line) ?? /^(@)(.+)$/.exec(line)
    if (!match) {
      if (!step || step.mark === '@') throw new Error(`line ${index + 1} is no step: ${line}`)
      step.text += `${line}\n`
      continue
    }
    if (step) yield step
    step = { at: index + 1, mark: match[1] ?? '', rest: match[2] ?? '', text: '' }
  }
  if (step) yield step
}

/** `${name}` in strings and names; a string that is nothing else takes the value as it is. */
function filled(value: Json, variables: ReadonlyMap<string, Json>, at: number): Json {
  const known = (name: string): Json => {
    const found = variables.get(name)
    if (found === undefined) throw new Error(`line ${at}: nothing was taken as \${${name}} yet`)
    return found
  }
  const text = (from: string) => filledText(from, known)
  if (typeof value === 'string') {
    const [, whole] = /^\$\{(\w+)\}$/.exec(value) ?? []
    return whole === undefined ? text(value) : known(whole)
  }
  if (Array.isArray(value)) return (value as readonly Json[]).map(item => filled(item, variables, at))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [text(name), filled(item, variables, at)]))
}

function filledText(from: string, known: (name: string) => Json | undefined): string {
  return from.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = known(name)
    return typeof value === 'string' ? value : JSON.stringify(value)
  })
}

function compare(got: Json, wanted: Json, variables: Map<string, Json>, at: string): void {
  if (typeof wanted === 'string') return compareText(got, wanted, variables, at)
  if (Array.isArray(wanted)) return compareArray(got, wanted as readonly Json[], variables, at)
  if (typeof wanted !== 'object' || wanted === null) return assert.deepEqual(got, wanted, at)
  assert.ok(
    typeof got === 'object' && got !== null && !Array.isArray(got),
    `${at}: ${JSON.stringify(got)} is no object`,
  )
  const { '…': more, ...members } = wanted as { readonly [name: string]: Json }
  const names = new Set<string>()
  for (const [written, item] of Object.entries(members)) {
    const name = filledText(written, wanted => variables.get(wanted))
    names.add(name)
    const found = (got as { readonly [name: string]: Json })[name]
    if (found === undefined) assert.fail(`${at}.${name} is missing in ${JSON.stringify(got)}`)
    compare(found, item, variables, `${at}.${name}`)
  }
  if (more !== true)
    assert.deepEqual(
      Object.keys(got).filter(name => !names.has(name)),
      [],
      `${at} has more members`,
    )
}

function compareArray(got: Json, wanted: readonly Json[], variables: Map<string, Json>, at: string): void {
  assert.ok(Array.isArray(got), `${at}: ${JSON.stringify(got)} is no array`)
  const items = got as readonly Json[]
  const [first, ...others] = wanted
  if (first !== '…unordered') {
    assert.equal(items.length, wanted.length, `${at}: ${JSON.stringify(got)}`)
    for (const [index, item] of wanted.entries()) compare(items[index] ?? null, item, variables, `${at}[${index}]`)
    return
  }
  const sorted = (list: readonly Json[]) => list.map(item => JSON.stringify(item)).sort()
  assert.deepEqual(sorted(items), sorted(others.map(item => filled(item, variables, 0))), at)
}

function compareText(got: Json, wanted: string, variables: Map<string, Json>, at: string): void {
  const [, taken] = /^\$\{(\w+)\}$/.exec(wanted) ?? []
  if (taken !== undefined && !variables.has(taken)) return void variables.set(taken, got)
  const [, pattern] = /^\/(.+)\/$/.exec(wanted) ?? []
  if (pattern !== undefined && typeof got === 'string') return assert.match(got, new RegExp(pattern), at)
  assert.deepEqual(got, filled(wanted, variables, 0), at)
}
