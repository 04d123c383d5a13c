/** Commands that change the message, variables, or the way through the scripts. */
import type { Modifier } from '../program.ts'
import { texts } from '../texts.ts'
import type { Bound, TagRule } from './arguments.ts'
import { checkFieldName, indexOf, matchOf, matchTags, variableOf } from './common-tags.ts'
import { readVariableName } from './template.ts'
import type { CommandRule } from './rules.ts'

/** RFC 5229 §4.1: one of each precedence; the highest works first. `:encodeurl` RFC 5435 §6, `:quoteregex` draft-ietf-sieve-regex §6 */
const precedence: Readonly<Record<Modifier, number>> = {
  lower: 40,
  upper: 40,
  lowerfirst: 30,
  upperfirst: 30,
  quotewildcard: 20,
  quoteregex: 20,
  encodeurl: 15,
  length: 10,
}
const modifiers = Object.keys(precedence) as readonly Modifier[]

const modifierTags: Readonly<Record<string, TagRule>> = {
  lower: { group: '40' },
  upper: { group: '40' },
  lowerfirst: { group: '30' },
  upperfirst: { group: '30' },
  quotewildcard: { group: '20' },
  quoteregex: { group: '20', extension: 'regex' },
  encodeurl: { extension: 'enotify' },
  length: {},
}

function modifiersOf(bound: Bound): readonly Modifier[] {
  return modifiers.filter(modifier => bound.has(modifier)).toSorted((a, b) => precedence[b] - precedence[a])
}

const set: CommandRule = {
  extension: 'variables',
  tags: modifierTags,
  positional: ['string', 'string'],
  read: bound => ({
    kind: 'set',
    variable: variableOf(bound, 0, 'set'),
    value: bound.string(1),
    modifiers: modifiersOf(bound),
  }),
}

/** RFC 5293 §4: Received and Auto-Submitted stay; those that only we add are kept from forgery */
const protectedFields = new Set(['received', 'auto-submitted', 'delivered-to'])

export function isProtectedField(name: string): boolean {
  return protectedFields.has(name.toLowerCase())
}

const addheader: CommandRule = {
  extension: 'editheader',
  tags: { last: {} },
  positional: ['string', 'string'],
  read: bound => {
    const name = bound.string(0)
    checkFieldName(bound, 0, name)
    return { kind: 'addheader', name, value: bound.string(1), last: bound.has('last') }
  },
}

const deleteheader: CommandRule = {
  extension: 'editheader',
  tags: { ...matchTags, index: { value: 'number' }, last: {} },
  positional: ['string', 'strings?'],
  read: bound => {
    const name = bound.string(0)
    checkFieldName(bound, 0, name)
    if (typeof name === 'string' && isProtectedField(name))
      bound.checker.tell(bound.placeOfValue(0), texts.protectedField(name))
    const values = bound.given(1) ? bound.strings(1) : undefined
    return { kind: 'deleteheader', name, match: matchOf(bound, values), ...indexOf(bound), ...(values && { values }) }
  },
}

const breakLoop: CommandRule = {
  extension: 'foreverypart',
  tags: { name: { value: 'string' } },
  read: bound => {
    const name = bound.tagConstant('name')
    const { loops } = bound.checker
    if (loops.length === 0) bound.checker.tell(bound.call.at, texts.onlyInLoop('break'))
    else if (name !== undefined && !loops.includes(name))
      bound.checker.tell(bound.placeOf('name'), texts.noSuchLoop(name))
    return { kind: 'break', ...(name !== undefined && { name }) }
  },
}

const replace: CommandRule = {
  extension: 'replace',
  tags: { mime: {}, subject: { value: 'string' }, from: { value: 'string' } },
  positional: ['string'],
  read: bound => {
    const subject = bound.tagString('subject')
    const from = bound.tagString('from')
    return {
      kind: 'replace',
      mime: bound.has('mime'),
      text: bound.string(0),
      ...(subject !== undefined && { subject }),
      ...(from !== undefined && { from }),
    }
  },
}

const enclose: CommandRule = {
  extension: 'enclose',
  tags: { subject: { value: 'string' }, headers: { value: 'strings' } },
  positional: ['string'],
  read: bound => {
    const subject = bound.tagString('subject')
    return {
      kind: 'enclose',
      headers: bound.tagStrings('headers') ?? [],
      text: bound.string(0),
      ...(subject !== undefined && { subject }),
    }
  },
}

const extracttext: CommandRule = {
  extension: 'extracttext',
  tags: { ...modifierTags, first: { value: 'number' } },
  positional: ['string'],
  read: bound => {
    bound.checker.need(bound.call.at, 'extracttext', 'variables')
    if (bound.checker.loops.length === 0) bound.checker.tell(bound.call.at, texts.onlyInLoop('extracttext'))
    const first = bound.tagNumber('first')
    return {
      kind: 'extracttext',
      variable: variableOf(bound, 0, 'extracttext'),
      modifiers: modifiersOf(bound),
      ...(first !== undefined && { first }),
    }
  },
}

/** RFC 6609 §3.2 */
const include: CommandRule = {
  extension: 'include',
  tags: { personal: { group: 'scope' }, global: { group: 'scope' }, once: {}, optional: {} },
  positional: ['string'],
  read: bound => {
    const name = bound.constant(0, 'include')
    if (!isScriptName(name)) bound.checker.tell(bound.placeOfValue(0), texts.badScriptName(name))
    return {
      kind: 'include',
      scope: bound.has('global') ? 'global' : 'personal',
      name,
      once: bound.has('once'),
      optional: bound.has('optional'),
    }
  },
}

/** RFC 5804 §1.6 */
export function isScriptName(name: string): boolean {
  return (
    name !== '' && Buffer.byteLength(name) <= 512 && name.isWellFormed() && !/[\0-\x1f\x7f-\x9f\u2028\u2029]/.test(name)
  )
}

const returnCommand: CommandRule = { extension: 'include', read: () => ({ kind: 'return' }) }

const global: CommandRule = {
  extension: 'include',
  positional: ['strings'],
  read: bound => {
    bound.checker.need(bound.call.at, 'global', 'variables')
    const names = bound.constants(0, 'global').map(name => {
      if (!readVariableName(name, new Set())) bound.checker.tell(bound.placeOfValue(0), texts.badVariable(name))
      return name.toLowerCase()
    })
    return { kind: 'global', names }
  },
}

/** RFC 5463 §5 */
const error: CommandRule = {
  extension: 'ihave',
  positional: ['string'],
  read: bound => ({ kind: 'error', message: bound.string(0) }),
}

export const otherCommands: Readonly<Record<string, CommandRule>> = {
  set,
  addheader,
  deleteheader,
  break: breakLoop,
  replace,
  enclose,
  extracttext,
  include,
  return: returnCommand,
  global,
  error,
}
