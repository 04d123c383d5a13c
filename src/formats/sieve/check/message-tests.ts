/** Tests that look at the message and its envelope. RFC 5228 §5, RFC 5173, RFC 5260, RFC 5703 */
import type { Template } from '../program.ts'
import { texts } from '../texts.ts'
import type { Bound } from './arguments.ts'
import {
  fieldNames,
  checkFieldName,
  indexOf,
  indexTags,
  matchOf,
  matchTags,
  mimeOf,
  mimeOptionTags,
  mimeTags,
  partOf,
  partTags,
  zoneOf,
} from './common-tags.ts'
import type { TestRule } from './rules.ts'

const header: TestRule = {
  tags: { ...matchTags, ...indexTags, ...mimeTags, ...mimeOptionTags },
  positional: ['strings', 'strings'],
  read: bound => {
    const keys = bound.strings(1)
    return {
      kind: 'header',
      names: fieldNames(bound, 0),
      keys,
      match: matchOf(bound, keys),
      ...indexOf(bound),
      ...mimeOf(bound),
    }
  },
}

const address: TestRule = {
  tags: { ...matchTags, ...partTags, ...indexTags, ...mimeTags },
  positional: ['strings', 'strings'],
  read: bound => {
    const keys = bound.strings(1)
    const tests = { names: fieldNames(bound, 0), keys, match: matchOf(bound, keys) }
    return { kind: 'address', part: partOf(bound), ...tests, ...indexOf(bound), ...mimeOf(bound) }
  },
}

const envelope: TestRule = {
  extension: 'envelope',
  tags: { ...matchTags, ...partTags },
  positional: ['strings', 'strings'],
  read: bound => {
    const parts = bound.strings(0)
    for (const part of parts) checkEnvelopePart(bound, part)
    const keys = bound.strings(1)
    return { kind: 'envelope', parts, keys, match: matchOf(bound, keys), part: partOf(bound) }
  },
}

/** RFC 5228 §5.4, RFC 6009 §3 */
function checkEnvelopePart(bound: Bound, part: Template): void {
  if (typeof part !== 'string') return
  const name = part.toLowerCase()
  if (['from', 'to'].includes(name)) return
  const isDsn = ['notify', 'orcpt', 'ret', 'envid'].includes(name)
  if (isDsn) bound.checker.need(bound.placeOfValue(0), part, 'envelope-dsn')
  else bound.checker.tell(bound.placeOfValue(0), texts.badEnvelopePart(part))
}

const exists: TestRule = {
  tags: mimeTags,
  positional: ['strings'],
  read: bound => ({ kind: 'exists', names: fieldNames(bound, 0), ...mimeOf(bound) }),
}

const size: TestRule = {
  tags: { over: { group: 'size' }, under: { group: 'size' } },
  positional: ['number'],
  read: bound => {
    if (!bound.oneOf(['over', 'under'])) bound.checker.tell(bound.call.at, texts.needsTag('size', ':over, :under'))
    return { kind: 'size', over: bound.has('over'), limit: bound.number(0) }
  },
}

const body: TestRule = {
  extension: 'body',
  tags: {
    ...matchTags,
    raw: { group: 'transform' },
    text: { group: 'transform' },
    content: { group: 'transform', value: 'strings' },
  },
  positional: ['strings'],
  read: bound => {
    const keys = bound.strings(0)
    const content = bound.tagStrings('content')
    const transform = content ? { content } : (bound.oneOf(['raw'] as const) ?? 'text')
    return { kind: 'body', transform, keys, match: matchOf(bound, keys) }
  },
}

const dateParts = new Set('year month day date julian hour minute second time iso8601 std11 zone weekday'.split(' '))

function checkDatePart(bound: Bound, index: number, part: Template): void {
  if (typeof part === 'string' && !dateParts.has(part.toLowerCase()))
    bound.checker.tell(bound.placeOfValue(index), texts.badDatePart(part))
}

const date: TestRule = {
  extension: 'date',
  tags: {
    ...matchTags,
    ...indexTags,
    ...mimeTags,
    zone: { value: 'string', group: 'zone' },
    originalzone: { group: 'zone' },
  },
  positional: ['string', 'string', 'strings'],
  read: bound => {
    const field = bound.string(0)
    checkFieldName(bound, 0, field)
    const part = bound.string(1)
    checkDatePart(bound, 1, part)
    const keys = bound.strings(2)
    const zone = zoneOf(bound, true)
    return { kind: 'date', field, zone, part, keys, match: matchOf(bound, keys), ...indexOf(bound), ...mimeOf(bound) }
  },
}

const currentdate: TestRule = {
  extension: 'date',
  tags: { ...matchTags, zone: { value: 'string' } },
  positional: ['string', 'strings'],
  read: bound => {
    const part = bound.string(0)
    checkDatePart(bound, 0, part)
    const keys = bound.strings(1)
    return { kind: 'currentdate', zone: zoneOf(bound, false), part, keys, match: matchOf(bound, keys) }
  },
}

const spamtest: TestRule = {
  tags: { ...matchTags, percent: { extension: 'spamtestplus' } },
  positional: ['string'],
  read: bound => {
    const { checker } = bound
    // spamtestplus brings the test too (RFC 5235 §2.2)
    if (!checker.extensions.has('spamtestplus')) checker.need(bound.call.at, 'spamtest', 'spamtest')
    const key = bound.string(0)
    return { kind: 'spamtest', percent: bound.has('percent'), key, match: matchOf(bound, [key]) }
  },
}

const virustest: TestRule = {
  extension: 'virustest',
  tags: matchTags,
  positional: ['string'],
  read: bound => {
    const key = bound.string(0)
    return { kind: 'virustest', key, match: matchOf(bound, [key]) }
  },
}

export const messageTests: Readonly<Record<string, TestRule>> = {
  header,
  address,
  envelope,
  exists,
  size,
  body,
  date,
  currentdate,
  spamtest,
  virustest,
}
