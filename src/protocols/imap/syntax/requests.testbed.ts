/** Requests of every kind for fast-check. */
import fc from 'fast-check'
import { utf8 } from '#base/bytes.ts'
import {
  messageEvents,
  notifyEvents,
  searchDates,
  searchFlags,
  searchReturns,
  searchSaveDates,
  searchTexts,
  sortKeys,
  statusItems,
  threadAlgorithms,
  type Request,
  type SearchKey,
} from './request.ts'
import { filterTrees } from './mailbox-filter.ts'
import { savedResult, star } from './sequence-set.ts'

const record = <Model extends object>(model: { [Key in keyof Model]: fc.Arbitrary<Model[Key]> }) =>
  fc.record(model, { noNullPrototype: true })

const word = fc.stringMatching(/^[A-Za-z0-9$_-]{1,12}$/)
const mailbox = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter(isName)
  .map(name => name.normalize('NFC'))
function isName(name: string): boolean {
  return name.isWellFormed() && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name)
}
const number = fc.oneof(fc.integer({ min: 1, max: 0xffff_ffff }), fc.constant(star))
const sequenceRanges = fc.array(
  fc.oneof(
    record({ first: number, last: number }),
    number.map(only => ({ first: only, last: only })),
  ),
  { minLength: 1, maxLength: 5 },
)
const sequenceSet = fc.oneof({ weight: 9, arbitrary: sequenceRanges }, fc.constant(savedResult))
const bytes = fc.uint8Array({ maxLength: 30 }).filter(value => !value.includes(0))
const flag = fc.oneof(
  word,
  word.map(name => `\\${name}`),
)
const name = <Name extends string>(value: Name) => fc.constant(value)
const modSeq = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })

const sectionText = fc.oneof(
  record({ kind: fc.constantFrom('ALL', 'HEADER', 'TEXT') }),
  record({
    kind: fc.constantFrom('HEADER.FIELDS', 'HEADER.FIELDS.NOT'),
    fields: fc.array(word, { minLength: 1, maxLength: 3 }),
  }),
)
const partNumbers = fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 3 })
const partial = fc.option(record({ offset: modSeq, count: fc.integer({ min: 1, max: 0xffff_ffff }) }), {
  nil: undefined,
})
const fetchItem = fc.oneof(
  record({
    item: fc.constantFrom(
      'FLAGS',
      'UID',
      'INTERNALDATE',
      'RFC822.SIZE',
      'ENVELOPE',
      'BODY',
      'MODSEQ',
      'RFC822',
      'RFC822.PEEK',
      'EMAILID',
      'THREADID',
      'SAVEDATE',
    ),
  }),
  record({ item: name('PREVIEW'), lazy: fc.boolean() }),
  record({
    item: name('BODY[]'),
    section: record({ part: partNumbers, text: sectionText }),
    peek: fc.boolean(),
    partial,
  }),
  record({ item: name('BINARY[]'), part: partNumbers, peek: fc.boolean(), partial }),
  record({ item: name('BINARY.SIZE[]'), part: partNumbers }),
)
const { key: searchKey } = fc.letrec<{ key: SearchKey }>(tie => ({
  key: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    record({ key: fc.constantFrom(...searchFlags, 'ALL' as const, 'NEW' as const) }),
    record({ key: fc.constantFrom(...searchTexts), text: bytes }),
    record({ key: fc.constantFrom(...searchDates), day: fc.integer({ min: -100_000, max: 100_000 }) }),
    record({ key: fc.constantFrom(...searchSaveDates), savedDay: fc.integer({ min: -100_000, max: 100_000 }) }),
    record({ key: name('SAVEDATESUPPORTED') }),
    record({ key: fc.constantFrom('OLDER', 'YOUNGER'), seconds: fc.integer({ min: 1, max: 0xffff_ffff }) }),
    record({ key: name('HEADER'), field: word, text: bytes }),
    record({ key: fc.constantFrom('KEYWORD', 'UNKEYWORD'), keyword: word }),
    record({ key: fc.constantFrom('UID', 'SEQUENCE'), set: sequenceSet }),
    record({ key: fc.constantFrom('LARGER', 'SMALLER'), sizeBytes: modSeq }),
    record({ key: name('MODSEQ'), modSeq }),
    record({ key: fc.constantFrom('EMAILID', 'THREADID'), id: fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/) }),
    record({ key: fc.constantFrom('NOT', 'FUZZY'), of: tie('key') }),
    record({ key: name('OR'), of: fc.tuple(tie('key'), tie('key')) }),
    record({ key: name('AND'), of: fc.array(tie('key'), { minLength: 2, maxLength: 3 }) }),
  ) as fc.Arbitrary<SearchKey>,
}))

const literal = record({ kind: name('bytes'), bytes: fc.uint8Array(), binary: fc.boolean() })
const utf8Literal = record({
  kind: name('utf8'),
  literal: record({ kind: name('bytes'), bytes: fc.uint8Array(), binary: fc.constant(true) }),
})
const catenatedPart = fc.oneof(
  utf8Literal,
  record({ kind: name('text'), literal }),
  record({ kind: name('url'), url: fc.oneof(bytes, fc.constant(utf8('/INBOX/;UID=20'))) }),
)
const appendMessage = record({
  flags: fc.array(flag, { maxLength: 3 }),
  internalDate: fc.option(
    fc.integer({ min: -1e9, max: 4e9 }).map(seconds => seconds * 1000),
    { nil: undefined },
  ),
  message: fc.oneof(
    literal,
    utf8Literal,
    record({ kind: name('catenation'), parts: fc.array(catenatedPart, { minLength: 1, maxLength: 4 }) }),
  ),
})
const quotaRoot = fc.string({ unit: 'grapheme', maxLength: 20 }).filter(text => text === '' || isName(text))
const entry = fc
  .stringMatching(/^\/(private|Shared)(\/[ !#-$&-)+-.0-~]{1,8}){1,3}$/)
  .filter(text => !text.includes('/vendor'))
const byUid = fc.boolean()
const positive = fc.integer({ min: 1, max: 4_294_967_295 })
const knownSet = fc
  .uniqueArray(positive, { minLength: 2, maxLength: 2 })
  .map(ends => [{ first: Math.min(...ends), last: Math.max(...ends) }])
const resync = fc.option(
  record({
    uidValidity: positive,
    modSeq: positive,
    known: fc.option(knownSet, { nil: undefined }),
    matches: fc.option(
      knownSet.map(set => ({ numbers: set, uids: set })),
      { nil: undefined },
    ),
  }),
  { nil: undefined },
)
const resultRange = record({ first: positive, last: positive, fromEnd: fc.boolean() })
const plainReturn = fc.option(fc.subarray([...searchReturns], { minLength: 1 }), { nil: undefined })
const returned = fc.oneof(
  plainReturn.map(give => ({ give, partial: undefined })),
  record({ give: fc.subarray(searchReturns.filter(option => option !== 'ALL')), partial: resultRange }),
)
const mailboxFilter = fc.oneof(
  record({ filter: fc.constantFrom('SELECTED', 'INBOXES', 'PERSONAL', 'SUBSCRIBED') }),
  record({
    filter: fc.constantFrom(...filterTrees),
    mailboxes: fc.array(mailbox, { minLength: 1, maxLength: 3 }),
  }),
)
const withReturn = <Fields extends object>(fields: fc.Arbitrary<Fields>) =>
  fc
    .tuple(returned, fc.array(fetchItem, { maxLength: 3 }), fields)
    .map(([options, updateItems, rest]) =>
      options.give?.includes('UPDATE') && updateItems.length > 0
        ? { ...options, updateItems, ...rest }
        : { ...options, ...rest },
    )
const plainEvent = fc.constantFrom(...messageEvents.slice(1)).map(event => ({ event }))
const otherEvent = fc.constantFrom(...notifyEvents.slice(messageEvents.length)).map(event => ({ event }))
const unknownEvent = record({ event: name('unknown'), name: word.map(text => `X-${text.toUpperCase()}`) })
const eventsOf = (...events: fc.Arbitrary<object>[]) => fc.array(fc.oneof(...events), { maxLength: 4 })
const ofSelected = record({
  filter: record({ filter: fc.constantFrom('SELECTED', 'SELECTED-DELAYED') }),
  events: eventsOf(
    plainEvent,
    unknownEvent,
    record({ event: name('MessageNew'), items: fc.array(fetchItem, { maxLength: 3 }) }),
  ),
})
const ofOthers = record({
  filter: fc.oneof(
    record({ filter: fc.constantFrom('INBOXES', 'PERSONAL', 'SUBSCRIBED') }),
    record({
      filter: fc.constantFrom('SUBTREE', 'MAILBOXES'),
      mailboxes: fc.array(mailbox, { minLength: 1, maxLength: 3 }),
    }),
  ),
  events: eventsOf(plainEvent, otherEvent, unknownEvent, record({ event: name('MessageNew'), items: fc.constant([]) })),
})
const notifyGroups = fc
  .tuple(fc.array(ofSelected, { maxLength: 1 }), fc.array(ofOthers, { minLength: 1, maxLength: 3 }))
  .map(groups => groups.flat())
/** Any request that a client of ours could print */
export const anyRequest = fc.oneof(
  record({ name: fc.constantFrom('NOOP', 'IDLE', 'COMPRESS', 'CLOSE', 'UNSELECT', 'NAMESPACE', 'UNAUTHENTICATE') }),
  record({ name: name('LOGIN'), user: bytes, password: bytes }),
  record({
    name: name('AUTHENTICATE'),
    mechanism: name('PLAIN'),
    initial: fc.option(fc.uint8Array(), { nil: undefined }),
  }),
  record({ name: fc.constantFrom('SELECT', 'EXAMINE'), mailbox, condstore: fc.boolean(), resync }),
  record({ name: name('CREATE'), mailbox, role: fc.constantFrom(undefined, 'sent', 'junk') }),
  record({ name: name('RENAME'), mailbox, to: mailbox }),
  record({ name: name('LSUB'), reference: mailbox, pattern: mailbox }),
  record({
    name: name('LIST'),
    extended: name('true').map(() => true),
    select: fc.subarray(['SUBSCRIBED', 'SPECIAL-USE']),
    reference: mailbox,
    patterns: fc.array(mailbox, { minLength: 1, maxLength: 3 }),
    give: fc.subarray(['SUBSCRIBED', 'CHILDREN']),
    status: fc.option(fc.subarray([...statusItems], { minLength: 1 }), { nil: undefined }),
    metadata: fc.option(fc.array(entry, { minLength: 1, maxLength: 3 }), { nil: undefined }),
  }),
  record({ name: name('STATUS'), mailbox, items: fc.subarray([...statusItems], { minLength: 1 }) }),
  record({
    name: name('NOTIFY'),
    set: fc.option(record({ status: fc.boolean(), groups: notifyGroups }), { nil: undefined }),
  }),
  record({
    name: name('GETMETADATA'),
    mailbox,
    maxSize: fc.option(positive, { nil: undefined }),
    depth: fc.constantFrom(0, 1, 'infinity'),
    entries: fc.array(entry, { minLength: 1, maxLength: 3 }),
  }),
  record({
    name: name('SETMETADATA'),
    mailbox: fc.oneof(mailbox, fc.constant('')),
    values: fc.array(record({ entry, value: fc.option(fc.uint8Array({ maxLength: 20 }), { nil: undefined }) }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  record({ name: name('GETQUOTA'), root: quotaRoot }),
  record({ name: name('GETQUOTAROOT'), mailbox }),
  record({
    name: name('SETQUOTA'),
    root: quotaRoot,
    limits: fc.array(record({ resource: word.map(text => text.toUpperCase()), limit: modSeq }), { maxLength: 3 }),
  }),
  record({
    name: name('ESEARCH'),
    sources: fc.array(mailboxFilter, { minLength: 1, maxLength: 3 }),
    give: fc.subarray([...searchReturns], { minLength: 1 }),
    partial: fc.constant(undefined),
    charset: fc.option(fc.constantFrom('UTF-8', 'ISO-2022-JP'), { nil: undefined }),
    key: searchKey,
  }),
  record({ name: name('CANCELUPDATE'), tags: fc.array(word, { minLength: 1, maxLength: 3 }) }),
  record({ name: name('EXPUNGE'), uids: fc.option(sequenceSet, { nil: undefined }) }),
  record({
    name: name('FETCH'),
    byUid,
    messages: sequenceSet,
    items: fc.array(fetchItem, { minLength: 1, maxLength: 4 }),
    changedSince: fc.option(modSeq, { nil: undefined }),
    vanished: fc.constant(false),
    partial: fc.constant(undefined),
  }),
  record({
    name: name('FETCH'),
    byUid: fc.constant(true),
    messages: sequenceSet,
    items: fc.array(fetchItem, { minLength: 1, maxLength: 4 }),
    changedSince: modSeq,
    vanished: fc.boolean(),
    partial: fc.option(resultRange, { nil: undefined }),
  }),
  record({
    name: name('STORE'),
    byUid,
    messages: sequenceSet,
    unchangedSince: fc.option(modSeq, { nil: undefined }),
    mode: fc.constantFrom('add', 'remove', 'replace'),
    silent: fc.boolean(),
    flags: fc.array(flag, { maxLength: 4 }),
  }),
  record({ name: fc.constantFrom('COPY', 'MOVE'), byUid, messages: sequenceSet, mailbox }),
  withReturn(
    record({
      name: name('SEARCH'),
      byUid,
      charset: fc.option(fc.constantFrom('UTF-8', 'ISO-2022-JP'), { nil: undefined }),
      key: searchKey,
    }),
  ),
  withReturn(
    record({
      name: name('SORT'),
      byUid,
      program: fc.array(record({ key: fc.constantFrom(...sortKeys), reverse: fc.boolean() }), {
        minLength: 1,
        maxLength: 4,
      }),
      charset: fc.constantFrom('UTF-8', 'US-ASCII'),
      key: searchKey,
    }),
  ),
  record({
    name: name('THREAD'),
    byUid,
    algorithm: fc.constantFrom(...threadAlgorithms),
    charset: fc.constantFrom('UTF-8', 'US-ASCII'),
    key: searchKey,
  }),
  record({ name: name('APPEND'), mailbox, messages: fc.array(appendMessage, { minLength: 1, maxLength: 3 }) }),
  record({ name: name('REPLACE'), byUid, replaced: number, mailbox, message: appendMessage }),
) as fc.Arbitrary<Request>
