/** Arguments that many tests and commands share, and what is read out of them. */
import { comparators } from '../matching/comparators.ts'
import { compileRegex } from '../matching/regex.ts'
import type {
  AddressPart,
  Comparator,
  FieldIndex,
  FileCopy,
  MailboxTarget,
  Match,
  MimeTarget,
  Relation,
  Template,
  VariableName,
  Zone,
} from '../program.ts'
import { texts } from '../texts.ts'
import type { Bound, TagRule } from './arguments.ts'
import { readVariableName } from './template.ts'

type Tags = Readonly<Record<string, TagRule>>

export const matchTags: Tags = {
  is: { group: 'match' },
  contains: { group: 'match' },
  matches: { group: 'match' },
  count: { group: 'match', value: 'string', extension: 'relational' },
  value: { group: 'match', value: 'string', extension: 'relational' },
  regex: { group: 'match', extension: 'regex' },
  list: { group: 'match', extension: 'extlists' },
  comparator: { value: 'string' },
}
export const partTags: Tags = {
  all: { group: 'part' },
  localpart: { group: 'part' },
  domain: { group: 'part' },
  user: { group: 'part', extension: 'subaddress' },
  detail: { group: 'part', extension: 'subaddress' },
}
export const indexTags: Tags = { index: { value: 'number', extension: 'index' }, last: { extension: 'index' } }
export const mimeTags: Tags = { mime: { extension: 'mime' }, anychild: { extension: 'mime' } }
export const mimeOptionTags: Tags = {
  type: { extension: 'mime', group: 'option' },
  subtype: { extension: 'mime', group: 'option' },
  contenttype: { extension: 'mime', group: 'option' },
  param: { extension: 'mime', group: 'option', value: 'strings' },
}
export const mailboxTags: Tags = {
  create: { extension: 'mailbox' },
  mailboxid: { extension: 'mailboxid', value: 'string', group: 'mailbox' },
  specialuse: { extension: 'special-use', value: 'string', group: 'mailbox' },
}
export const flagTags: Tags = { flags: { extension: 'imap4flags', value: 'strings' } }
export const fccTags: Tags = { fcc: { extension: 'fcc', value: 'string' }, ...mailboxTags, ...flagTags }

const relations: readonly string[] = ['gt', 'ge', 'lt', 'le', 'eq', 'ne'] satisfies Relation[]
const substrings = ['contains', 'matches', 'regex'] as const

/** With the keys, whose regular expressions are checked as far as they hold no variables. */
export function matchOf(bound: Bound, keys: readonly Template[] = []): Match {
  const comparator = comparatorOf(bound)
  const type = bound.oneOf(['contains', 'matches', 'regex', 'list', 'count', 'value'] as const) ?? 'is'
  if (type === 'count' || type === 'value') return { type, comparator, relation: relationOf(bound, type) }
  const cannot = comparator === 'i;ascii-numeric' && substrings.find(tag => tag === type)
  if (cannot) bound.checker.tell(bound.placeOf(type), texts.comparatorCannot(comparator, cannot))
  if (type === 'regex') for (const key of keys) checkRegex(bound, key)
  return { type, comparator }
}

function checkRegex(bound: Bound, key: Template): void {
  if (typeof key !== 'string') return
  const regex = compileRegex(key)
  if ('mistake' in regex) bound.checker.tell(bound.placeOf('regex'), texts.badRegex(regex.mistake))
}

function comparatorOf(bound: Bound): Comparator {
  const name = bound.tagConstant('comparator')
  if (name === undefined) return 'i;ascii-casemap'
  const comparator = comparators.find(known => known === name)
  if (!comparator) {
    bound.checker.tell(bound.placeOf('comparator'), texts.unknownComparator(name))
    return 'i;ascii-casemap'
  }
  // RFC 5228 §2.7.3: these two need not be asked for
  if (comparator !== 'i;octet' && comparator !== 'i;ascii-casemap')
    bound.checker.need(bound.placeOf('comparator'), comparator, `comparator-${comparator}`)
  return comparator
}

function relationOf(bound: Bound, tag: 'count' | 'value'): Relation {
  const written = bound.tagConstant(tag) ?? ''
  const relation = relations.find(known => known === written.toLowerCase())
  if (!relation) bound.checker.tell(bound.placeOf(tag), texts.badRelation(written))
  return (relation ?? 'eq') as Relation
}

export function partOf(bound: Bound): AddressPart {
  return bound.oneOf(['localpart', 'domain', 'user', 'detail'] as const) ?? 'all'
}

export function indexOf(bound: Bound): { index?: FieldIndex } {
  const number = bound.tagNumber('index')
  if (number === undefined) {
    if (bound.has('last')) bound.checker.tell(bound.placeOf('last'), texts.tagNeeds('last', 'index'))
    return {}
  }
  if (number === 0) bound.checker.tell(bound.placeOf('index'), texts.badNumberRange(':index', 1, 2 ** 31 - 1))
  return { index: { number, last: bound.has('last') } }
}

export function mimeOf(bound: Bound): { mime?: MimeTarget } {
  const option = bound.oneOf(['type', 'subtype', 'contenttype', 'param'] as const)
  if (!bound.has('mime')) {
    const alone = bound.has('anychild') ? 'anychild' : option
    if (alone) bound.checker.tell(bound.placeOf(alone), texts.tagNeeds(alone, 'mime'))
    return {}
  }
  const anyChild = bound.has('anychild')
  if (!option) return { mime: { anyChild } }
  return { mime: { anyChild, option: option === 'param' ? { parameters: bound.tagStrings('param') ?? [] } : option } }
}

/** RFC 5228 §2.4.2.2 */
export function fieldNames(bound: Bound, index: number): readonly Template[] {
  const names = bound.strings(index)
  for (const name of names) checkFieldName(bound, index, name)
  return names
}

export function checkFieldName(bound: Bound, index: number, name: Template): void {
  if (typeof name === 'string' && !isFieldName(name))
    bound.checker.tell(bound.placeOfValue(index), texts.badHeaderName(name))
}

export function isFieldName(name: string): boolean {
  return /^[!-9;-~]{1,256}$/.test(name)
}

export function mailboxTarget(bound: Bound, mailbox: Template): MailboxTarget {
  const mailboxId = bound.tagString('mailboxid')
  const specialUse = bound.tagString('specialuse')
  return {
    mailbox,
    create: bound.has('create'),
    ...(mailboxId !== undefined && { mailboxId }),
    ...(specialUse !== undefined && { specialUse }),
  }
}

export function flagsOf(bound: Bound): { flags?: readonly Template[] } {
  const flags = bound.tagStrings('flags')
  return flags ? { flags } : {}
}

export function fccOf(bound: Bound): { fcc?: FileCopy } {
  const mailbox = bound.tagString('fcc')
  const only = bound.oneOf(['create', 'mailboxid', 'specialuse', 'flags'] as const)
  if (mailbox === undefined) {
    if (only) bound.checker.tell(bound.placeOf(only), texts.tagNeeds(only, 'fcc'))
    return {}
  }
  checkMailbox(bound, 'fcc', mailbox)
  return { fcc: { ...mailboxTarget(bound, mailbox), ...flagsOf(bound) } }
}

export function checkMailbox(bound: Bound, tag: string, mailbox: Template): void {
  if (typeof mailbox === 'string' && !isMailboxName(mailbox))
    bound.checker.tell(bound.placeOf(tag), texts.badMailbox(mailbox))
}

/** What any account would refuse; the account has the last word. */
export function isMailboxName(name: string): boolean {
  return name !== '' && name.length <= 1000 && !/[\0-\x1f\x7f-\x9f\u2028\u2029]/.test(name) && name.isWellFormed()
}

export function zoneOf(bound: Bound, mayKeep: boolean): Zone {
  if (mayKeep && bound.has('originalzone')) return { kept: true }
  const zone = bound.tagString('zone')
  if (typeof zone === 'string' && !isZone(zone)) bound.checker.tell(bound.placeOf('zone'), texts.badZone(zone))
  return zone
}

/** RFC 5260 §4.1 */
export function isZone(zone: string): boolean {
  return /^[+-](?:0\d|1\d|2[0-3])[0-5]\d$/.test(zone)
}

export function variableOf(bound: Bound, index: number, what: string): VariableName {
  const name = bound.constant(index, what)
  const variable = readVariableName(name, bound.checker.namespaces)
  if (!variable) bound.checker.tell(bound.placeOfValue(index), texts.badVariable(name))
  return variable ?? { kind: 'named', name: '', global: false }
}
