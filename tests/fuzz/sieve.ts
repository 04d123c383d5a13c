/** Sieve scripts and the letters that they look at: parsing, printing, checking, running. */
import { isDeepStrictEqual } from 'node:util'
import { memorySource } from '#formats/message-source.ts'
import { checkScript } from '#formats/sieve/check.ts'
import { Budget, finish, OutOfBudget } from '#formats/sieve/matching/budget.ts'
import { compileRegex, runRegex } from '#formats/sieve/matching/regex.ts'
import { matchWildcards } from '#formats/sieve/matching/wildcard.ts'
import { parseScript } from '#formats/sieve/parse.ts'
import { withoutPlaces } from '#formats/sieve/print.testbed.ts'
import { printScript } from '#formats/sieve/print.ts'
import type { Filed } from '#mail/filing.ts'
import { bytesOf, fileLetter } from '#mail/sieve/sieve.testbed.ts'
import { cases } from '../interop/pigeonhole/cases.ts'
import type { Random } from '../support/random.ts'
import { changed, type Words } from './mutate.ts'
import { letters } from './seeds.ts'
import { type Play, type Target, watching } from './target.ts'

/** What only we have */
const ours = [
  'require ["replace", "foreverypart", "mime", "enclose"]; foreverypart { if header :mime :type "content-type" "text" { replace :mime "Content-Type: text/plain\r\n\r\nx"; } } enclose :subject "s" :headers ["From"] "y";',
  'require ["extlists", "special-use", "fileinto", "mailboxid", "mailbox", "fcc", "vacation"]; redirect :list "tag:a"; fileinto :specialuse "\\\\Junk" :create "x"; vacation :fcc "y" :mime "Content-Type: text/html\r\n\r\nz";',
  'require ["include", "variables", "ereject"]; include :once "a"; global "b"; set "global.c" "${b}"; ereject text:\r\n..\r\n.\r\n;',
  'require ["replace", "editheader"]; replace :subject "a" :from "b <hanako@home.test>" "c"; deleteheader :index 1 :last :matches "subject" ["a*", "?"]; addheader :last "X" "y";',
] as const

const words: Words = [
  'require "',
  'if ',
  'elsif ',
  'else {',
  'foreverypart {',
  'break;',
  'stop;',
  '"',
  '\\',
  '${1}',
  '${a}',
  '${hex:ff}',
  '${unicode:110000}',
  'text:\r\n',
  '\r\n.\r\n',
  ':matches',
  ':regex',
  ':count "ge"',
  ':comparator "i;unicode-casemap"',
  '[',
  ']',
  '(',
  ')',
  '{',
  '}',
  ';',
  '/*',
  '#',
  '99999999999G',
  'not ',
  'allof (',
  'set "a" "${a}${a}";',
  '(a+)+$',
  '*?*',
]

const around = {
  personal: { a: 'require ["variables", "include"]; global "b"; set "b" "${b}x"; include "main"; return;' },
  lists: { 'tag:a': ['x@example.net', 'no address'] },
  failed: (error: unknown) => {
    throw error
  },
}

export const sieve: Target = {
  name: 'sieve',
  run: fuzz => {
    const scripts = [...cases.map(({ script }) => script), ...ours].map(text => Buffer.from(text))
    const eml = letters()
    const plays: readonly Play[] = [
      { state: 'syntax', play: random => syntax(changed(random.pick(scripts), scripts, words, random)) },
      { state: 'runs', play: random => run(changed(random.pick(scripts), scripts, words, random), random.pick(eml)) },
      {
        state: 'letters',
        play: random =>
          run(random.pick(scripts), changed(random.pick(eml), eml, ['\r\n', 'Content-Type: ', '--b'], random)),
      },
      { state: 'patterns', play: patterns },
    ]
    return fuzz(plays, watching())
  },
}

function syntax(input: Buffer): string | undefined {
  const text = input.toString()
  const { script, problems } = parseScript(text)
  checkScript(text, { maxScriptBytes: 1024 * 1024 })
  if (problems.length > 0) return undefined
  const again = parseScript(printScript(script))
  if (again.problems.length > 0) return `What was printed has mistakes: ${JSON.stringify(again.problems[0])}`
  const same = isDeepStrictEqual(shape(again.script), shape(script))
  return same ? undefined : 'What was printed reads otherwise'
}

/** Whether a comment goes on the line of what is before it may change: there may be nothing before it any more. */
function shape(script: unknown): unknown {
  return JSON.parse(
    JSON.stringify(withoutPlaces(script), (key, value: unknown) => (key === 'sameLine' ? undefined : value)),
  )
}

async function run(script: Buffer, letter: Buffer): Promise<string | undefined> {
  const filed = await fileLetter(script.toString(), { text: '', source: memorySource(letter) }, around)
  for (const { edited } of filed.placements)
    if (edited && Buffer.byteLength(await bytesOf(edited)) < 1) return 'A message was edited into nothing'
  return judged(filed)
}

/** Nothing is lost, nothing half done, and no letter of ours is malformed. */
function judged({ placements, problem, effects, rejected, copies }: Filed): string | undefined {
  if (problem && (placements.length !== 1 || effects.length > 0 || rejected || copies.length > 0))
    return 'A script that failed did something else than keep'
  for (const effect of effects) {
    if (effect.kind === 'redirect') continue
    const { message, envelope } = effect
    const header = Buffer.from(message).toString('latin1').split('\r\n\r\n')[0] ?? ''
    if (envelope.reversePath !== '' || !/^Auto-Submitted: auto-/m.test(header))
      return 'A letter of ours can be answered'
    if (/[\r\n](?![ \t]|[!-9;-~]+:)/.test(header.replaceAll('\r\n', '\n')))
      return 'A header of ours has a line that is no field'
  }
  return undefined
}

function patterns(random: Random): string | undefined {
  const parts = [
    'a',
    'b',
    '(',
    ')',
    '|',
    '*',
    '+',
    '?',
    '{2,3}',
    '[a-c]',
    '[^',
    ']',
    '.',
    '^',
    '$',
    '\\',
    '\\b',
    'é',
    '😀',
  ]
  const pattern = Array.from({ length: 1 + random.integer(12) }, () => random.pick(parts)).join('')
  const text = Array.from({ length: random.integer(200) }, () => random.pick(['a', 'b', 'c', ' ', 'É', '😀'])).join('')
  const budget = new Budget(2_000_000)
  try {
    const regex = compileRegex(pattern)
    const groups = 'states' in regex ? finish(runRegex(regex, text, 'i;unicode-casemap', budget)) : undefined
    if (groups && !text.includes(groups[0] ?? '')) return `${pattern} found what is not there`
    finish(matchWildcards(pattern, text, 'i;unicode-casemap', budget))
    return undefined
  } catch (error) {
    if (error instanceof OutOfBudget) return undefined
    throw error
  }
}
