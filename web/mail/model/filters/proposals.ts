/** What "letters like this one" may mean: proposals from a letter, the best first. */
import type { Condition, Filter } from '#formats/sieve/filters/filter.ts'
import type { Letter } from '../conversation.ts'
import { fieldsNamed } from '../header.ts'

export type Proposal = {
  readonly kind: 'list' | 'sender' | 'domain' | 'subject'
  readonly condition: Condition
  readonly name: string
}

type Like = Pick<Letter, 'from' | 'subject' | 'headers'>

export function proposalsFor(letter: Like): readonly Proposal[] {
  const list = listOf(letter)
  const { email = '', name: sender } = letter.from?.[0] ?? {}
  const domain = email.slice(email.lastIndexOf('@') + 1)
  const subject = stablePart(letter.subject ?? '')
  return [
    ...(list ? [proposal('list', { kind: 'list', test: 'is', value: list.id }, list.name || list.id)] : []),
    ...(email.includes('@') ? [proposal('sender', { kind: 'from', test: 'is', value: email }, sender || email)] : []),
    ...(domain === '' || isShared(domain)
      ? []
      : [proposal('domain', { kind: 'from', test: 'domain', value: domain }, domain)]),
    ...(subject === '' ? [] : [proposal('subject', { kind: 'subject', test: 'contains', value: subject }, subject)]),
  ]
}

function proposal(kind: Proposal['kind'], condition: Condition, name: string): Proposal {
  return { kind, condition, name: name.slice(0, 60) }
}

/** RFC 2919 §3: the identifier stands in angle brackets, a name may stand before it; one that would have to be decoded is left out */
function listOf({ headers }: Like): { readonly id: string; readonly name: string } | undefined {
  const [field = ''] = fieldsNamed(headers, 'list-id')
  const [, before = '', id] = /^([^<>]*)<([^<>\s]+)>[^<>]*$/.exec(field) ?? []
  const name = before.trim().replace(/^"(.*)"$/, '$1')
  return id === undefined ? undefined : { id, name: name.includes('=?') ? '' : name }
}

/** Providers where neighbours in a domain have nothing in common */
const shared =
  /(?:^|\.)(?:gmail|googlemail|outlook|hotmail|live|yahoo|icloud|me|aol|docomo|ezweb|au|softbank|i\.softbank|nifty|biglobe|so-net)\.(?:com|jp|co\.jp|ne\.jp)$/i

function isShared(domain: string): boolean {
  return shared.test(domain)
}

/** Without what answers put before it and what changes each time: the name in brackets, else what stands before the first number. */
export function stablePart(subject: string): string {
  const plain = subject.replace(/^(?:\s*(?:re|fwd?|aw|wg|返信|転送)\s*[:：]\s*)+/i, '').trim()
  const [, bracketed] = /^([[【［][^\]】］]{2,60}[\]】］])/.exec(plain) ?? []
  if (bracketed !== undefined) return bracketed.replace(/[\s:#-]*\d+(?=[\]】］]$)/, '').replace(/^[[【［]$/, '')
  const [before = ''] = plain.split(/[\s#(（第]*\d/)
  return before.trim().length >= 4 ? before.trim().slice(0, 80) : ''
}

/** A filter to begin with */
export function filterLike(condition: Condition | undefined, name: string): Filter {
  return { name, isOn: true, match: 'all', conditions: condition ? [condition] : [], actions: [], stops: true }
}
