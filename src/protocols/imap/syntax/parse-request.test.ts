import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { asciiText, utf8 } from '#base/bytes.ts'
import { Framer, type RawRequest } from './framing.ts'
import { drawProblem, parseRequest } from './parse-request.ts'
import { printRequest } from './print-request.ts'
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

const limits = { lineBytes: 65536, literalBytes: 65536, appendBytes: 65536 }

/** Lines as a client would send them; `{n}` is followed by the literal in the same text. */
function raw(...lines: string[]): RawRequest {
  const framer = new Framer()
  for (let at = 0; at < lines.length; at += 1) {
    const step = framer.line(utf8(lines[at] ?? ''), limits)
    if (step.kind === 'request') return step.request
    assert.equal(step.kind, 'literal')
    at += 1
    const bytes = utf8(lines[at] ?? '')
    assert.equal(bytes.length, step.sizeBytes)
    framer.literal({ kind: 'bytes', bytes, binary: step.binary })
  }
  throw new Error('The lines end in a literal')
}

function parsed(...lines: string[]): Request {
  const result = parseRequest(raw(...lines))
  assert.ok(!('problem' in result), 'problem' in result ? drawProblem(result) : '')
  return result.request
}

const valid: readonly [line: string, fields: Record<string, unknown>][] = [
  ['a NOOP', { name: 'NOOP' }],
  ['a noop ', { name: 'NOOP' }], // a space at the end harms nobody
  ['a.1]x LOGOUT', { name: 'LOGOUT' }], // tags may hold ] but not +
  ['a LOGIN "us\\"er" pass]word', { user: utf8('us"er'), password: utf8('pass]word') }],
  ['a SELECT INBOX (CONDSTORE)', { mailbox: 'INBOX', condstore: true }],
  [
    'a SELECT INBOX (QRESYNC (67890007 90060115194045000 41:211,214:541))',
    {
      resync: {
        uidValidity: 67890007,
        modSeq: Number.MAX_SAFE_INTEGER,
        known: [
          { first: 41, last: 211 },
          { first: 214, last: 541 },
        ],
        matches: undefined,
      },
    },
  ],
  ['a UID FETCH 300:500 (FLAGS) (CHANGEDSINCE 12345 VANISHED)', { changedSince: 12345, vanished: true }],
  ['a SELECT "&Jjo-!"', { mailbox: '☺!' }],
  ['a SELECT "会議"', { mailbox: '会議' }], // raw UTF-8, as some clients send it
  ['a CREATE "R&-D" (USE (\\Drafts))', { mailbox: 'R&D', role: 'drafts' }],
  ['a LIST "" %', { patterns: ['%'], extended: false }],
  [
    'a LIST (SUBSCRIBED RECURSIVEMATCH) "" ("INBOX" "Work/*") RETURN (CHILDREN STATUS (MESSAGES))',
    { status: ['MESSAGES'] },
  ],
  ['a STATUS blurdybloop (UIDNEXT MESSAGES)', { items: ['UIDNEXT', 'MESSAGES'] }],
  ['a GETMETADATA INBOX (DEPTH infinity MAXSIZE 9) /private', { depth: 'infinity', maxSize: 9, entries: ['/private'] }],
  ['a LIST "" % RETURN (METADATA (/private/a "/shared/b"))', { metadata: ['/private/a', '/shared/b'] }],
  [
    'a SEARCH RETURN (COUNT UPDATE (UID ENVELOPE) PARTIAL 1:2) ALL',
    { give: ['COUNT', 'UPDATE'], updateItems: [{ item: 'UID' }, { item: 'ENVELOPE' }] },
  ],
  ['a UID SORT RETURN (UPDATE(FLAGS)) (DATE) UTF-8 ALL', { give: ['UPDATE'], updateItems: [{ item: 'FLAGS' }] }],
  ['a notify none', { set: undefined }],
  [
    'a notify set status (selected (MessageNew (uid body.peek[header.fields (from to subject)]) MessageExpunge)) (subtree Lists (MailboxName))',
    {
      set: {
        status: true,
        groups: [
          {
            filter: { filter: 'SELECTED' },
            events: [
              {
                event: 'MessageNew',
                items: [
                  { item: 'UID' },
                  {
                    item: 'BODY[]',
                    section: { part: [], text: { kind: 'HEADER.FIELDS', fields: ['from', 'to', 'subject'] } },
                    peek: true,
                    partial: undefined,
                  },
                ],
              },
              { event: 'MessageExpunge' },
            ],
          },
          { filter: { filter: 'SUBTREE', mailboxes: ['Lists'] }, events: [{ event: 'MailboxName' }] },
        ],
      },
    },
  ],
  ['a FETCH 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])', { byUid: false }],
  ['a UID FETCH *:4 BODY.PEEK[1.2.MIME]<0.512>', { byUid: true, messages: [{ first: star, last: 4 }] }],
  ['a FETCH 1 (FLAGS) (CHANGEDSINCE 12345)', { changedSince: 12345 }],
  [
    'a FETCH 1 (BINARY.PEEK[1.2]<0.512> BINARY[] BINARY.SIZE[3])',
    {
      items: [
        { item: 'BINARY[]', part: [1, 2], peek: true, partial: { offset: 0, count: 512 } },
        { item: 'BINARY[]', part: [], peek: false, partial: undefined },
        { item: 'BINARY.SIZE[]', part: [3] },
      ],
    },
  ],
  ['a STORE 7,5,9 (UNCHANGEDSINCE 320162338) +FLAGS.SILENT (\\Deleted)', { unchangedSince: 320162338, silent: true }],
  ['a STORE 1 FLAGS \\Seen $Forwarded', { mode: 'replace', flags: ['\\Seen', '$Forwarded'] }], // without parentheses
  ['a UID EXPUNGE 3000:3002', { uids: [{ first: 3000, last: 3002 }] }],
  [
    'a ID ("name" "x" "version" NIL)',
    {
      parameters: [
        { field: 'name', value: 'x' },
        { field: 'version', value: undefined },
      ],
    },
  ],
  ['a AUTHENTICATE PLAIN =', { mechanism: 'PLAIN', initial: new Uint8Array(0) }],
  ['a SEARCH RETURN () ALL', { give: ['ALL'] }],
  ['a FETCH 1 PREVIEW (LAZY)', { items: [{ item: 'PREVIEW', lazy: true }] }],
  ['a FETCH 1 PREVIEW (CHANGEDSINCE 5)', { items: [{ item: 'PREVIEW', lazy: false }], changedSince: 5 }],
  ['a ESEARCH unseen', { sources: [{ filter: 'SELECTED' }], give: ['ALL'], key: { key: 'UNSEEN' } }],
  [
    'a ESEARCH IN (mailboxes "folder1" subtree (a b) personal) RETURN () CHARSET UTF-8 ALL',
    {
      sources: [
        { filter: 'MAILBOXES', mailboxes: ['folder1'] },
        { filter: 'SUBTREE', mailboxes: ['a', 'b'] },
        { filter: 'PERSONAL' },
      ],
    },
  ],
  ['a UID FETCH $ FLAGS', { messages: savedResult }],
  [
    'a SORT RETURN (MIN) (REVERSE date subject) utf-8 $',
    {
      give: ['MIN'],
      program: [
        { key: 'DATE', reverse: true },
        { key: 'SUBJECT', reverse: false },
      ],
      charset: 'utf-8',
    },
  ],
  ['a SEARCH MODSEQ "/flags/\\\\draft" all 620162338', { key: { key: 'MODSEQ', modSeq: 620162338 } }],
  ['a SEARCH UNSEEN SINCE 1-Feb-1994 NOT FROM "Smith"', { charset: undefined }],
]
for (const [line, fields] of valid)
  test(`reads ${line}`, () => {
    const request = parsed(line) as unknown as Record<string, unknown>
    for (const [field, value] of Object.entries(fields)) assert.deepEqual(request[field], value)
  })

const invalid: readonly [line: string, position: number, why: string][] = [
  ['a FETCH 1 BINARY[1.TEXT]', 17, 'only numbers name what is decoded'],
  ['a FETCH 1 BINARY.SIZE[1]<0.5>', 24, 'a size has no part'],
  ['a FETCH 1 BINARY', 16, 'which part'],
  ['+ NOOP', 0, 'a tag has no +'],
  ['a', 1, 'a command must follow'],
  ['a  NOOP', 2, 'one space'],
  ['a LOGIN user', 12, 'a password must follow'],
  ['a FETCH 0 FLAGS', 9, 'numbers begin at 1'],
  ['a FETCH 1 BODY[0]', 16, 'parts are counted from 1'],
  ['a FETCH 1 BODY[MIME]', 15, 'MIME needs a part'],
  ['a FETCH 1 (FLAGS', 16, 'the list has no end'],
  ['a FETCH 4294967296 FLAGS', 18, 'numbers have 32 bits'],
  ['a SELECT "INBOX', 15, 'the string has no end'],
  ['a SELECT "a\\b"', 11, 'only " and \\ are quoted'],
  ['a SELECT "&Jjo"', 9, 'modified UTF-7 has no end'],
  ['a LIST (RECURSIVEMATCH) "" *', 7, 'RECURSIVEMATCH needs another option'],
  ['a SEARCH RETURN (UPDATE ()) ALL', 25, 'an item at least'],
  ['a NOTIFY', 8, 'an argument must follow'],
  ['a NOTIFY SET', 12, 'a group must follow'],
  ['a NOTIFY SET STATUS', 19, 'a group must follow'],
  ['a NOTIFY SET (selected (MailboxName))', 24, 'no event of messages'],
  ['a NOTIFY SET (selected NONE) (selected-delayed NONE)', 29, 'the selected mailbox is named once'],
  ['a NOTIFY SET (personal (MessageNew (UID) MessageExpunge))', 35, 'items are of the selected mailbox'],
  ['a NOTIFY SET (subtree (MessageNew))', 34, 'names and events must follow'],
  ['a NOTIFY SET (everything NONE)', 14, 'unknown filter'],
  ['a NOTIFY SET (personal ())', 24, 'an event at least'],
  ['a GETMETADATA INBOX', 19, 'an entry must follow'],
  ['a GETMETADATA (MAXSIZE 1 MAXSIZE 2) INBOX /private/a', 25, 'an option stands once'],
  ['a GETMETADATA INBOX ()', 21, 'an entry at least'],
  ['a SETMETADATA INBOX (/private "x")', 21, 'a level below the prefix'],
  ['a SETMETADATA INBOX (/private/a)', 31, 'a value must follow'],
  ['a LIST "" % RETURN (METADATA ())', 30, 'an entry at least'],
  ['a GETQUOTA', 10, 'a quota root must follow'],
  ['a SETQUOTA "" (STORAGE)', 22, 'a limit must follow'],
  ['a SEARCH SAVEDON', 16, 'a day must follow'],
  ['a SEARCH OLDER 0', 15, 'at least one second'],
  ['a SEARCH YOUNGER 4294967296', 27, 'intervals have 32 bits'],
  ['a SEARCH EMAILID x.y', 17, 'an object id has no dot'],
  ['a SEARCH THREADID', 17, 'an id must follow'],
  ['a SEARCH ON 31-Feb-1994', 12, 'no such day'],
  ['a FETCH $,1 FLAGS', 9, 'what was saved stands alone'],
  ['a SORT (SUBJECT) ALL', 20, 'the charset is not optional'],
  ['a THREAD REFERENCES UTF-8', 25, 'something is looked for'],
  ['a THREAD BYSIZE UTF-8 ALL', 9, 'no such algorithm'],
  ['a SEARCH RETURN (PARTIAL 0:5) ALL', 25, 'results are counted from 1'],
  ['a SEARCH RETURN (PARTIAL -1:5) ALL', 28, 'both from the end, or none'],
  ['a SEARCH RETURN (PARTIAL 1:*) ALL', 27, 'no star'],
  ['a SEARCH RETURN (PARTIAL 1:4294967296) ALL', 37, 'positions have 32 bits'],
  ['a SEARCH RETURN (PARTIAL) ALL', 24, 'a range must follow'],
  ['a SEARCH RETURN (ALL PARTIAL 1:2) ALL', 21, 'ALL or PARTIAL'],
  ['a SEARCH RETURN (PARTIAL 1:2 ALL) ALL', 29, 'PARTIAL or ALL'],
  ['a SEARCH RETURN (PARTIAL 1:2 PARTIAL 3:4) ALL', 29, 'one PARTIAL'],
  ['a FETCH 1 FLAGS (PARTIAL 1:2)', 16, 'PARTIAL only by UID'],
  ['a UID FETCH 1 FLAGS (PARTIAL 1:2 PARTIAL 1:2)', 33, 'one PARTIAL'],
  ['a ESEARCH IN () ALL', 14, 'one set at least'],
  ['a ESEARCH IN (folders x) ALL', 14, 'no such set'],
  ['a ESEARCH IN (subtree) ALL', 21, 'a name must follow'],
  ['a ESEARCH IN (subtree ()) ALL', 23, 'one name at least'],
  ['a ESEARCH IN (personal (depth 1)) ALL', 23, 'no scope options'],
  ['a ESEARCH IN (personal)', 23, 'keys must follow'],
  ['a CANCELUPDATE', 14, 'one tag at least'],
  ['a CANCELUPDATE A1', 15, 'tags are quoted'],
  ['a CANCELUPDATE "A1" "件"', 20, 'tags are ASCII'],
  ['a SORT () UTF-8 ALL', 8, 'one criterion at least'],
  ['a SORT (REVERSE) UTF-8 ALL', 15, 'reverse what'],
  ['a REPLACE 1:2 Drafts', 11, 'one message only'],
  ['a REPLACE $ Drafts', 10, 'what was saved may be several'],
  ['a FETCH 1 (PREVIEW (LAZY EAGER))', 25, 'no such modifier'],
  ['a FETCH 1 (PREVIEW (EAGER))', 19, 'no such modifier'],
  ['a APPEND x CATENATE (HREF y)', 21, 'TEXT or URL'],
  ['a APPEND x CATENATE ()', 21, 'something must be put together'],
  ['a APPEND x CATENATE (TEXT "y")', 26, 'text is a literal'],
  ['a UID NOOP', 6, 'no UID form'],
  ['a UNAUTHENTICATE now', 17, 'nothing may follow'],
  ['a NOOP extra', 7, 'nothing may follow'],
  ['a FETCH 1 BODY[HEADER.FIELDS (A:B)]', 30, 'a field name has no colon'],
  [`a SEARCH ${'NOT '.repeat(40)}ALL`, 141, 'nested too deeply'],
]
for (const [line, position, why] of invalid)
  test(`refuses ${line.slice(0, 60)}: ${why}`, () => {
    const result = parseRequest(raw(line))
    assert.ok('problem' in result)
    assert.equal(result.position, position, drawProblem(result))
  })

test('literals stand wherever strings do', () => {
  const request = parsed('a LOGIN {5}', 'hanak', ' {3+}', 'a b', '')
  assert.deepEqual(request, { name: 'LOGIN', user: utf8('hanak'), password: utf8('a b') })
})

test('a literal announced in a quoted string is no literal', () => {
  // the framer goes by the line's last characters; the grammar then finds a string without an end
  const result = parseRequest(raw('a SELECT "x{3}', 'abc', ''))
  assert.ok('problem' in result)
})

test('the caret stands under the place', () => {
  const result = parseRequest(raw('a FETCH 1 SIZE'))
  assert.ok('problem' in result)
  assert.equal(drawProblem(result), 'a FETCH 1 SIZE\n          ^ Unknown FETCH item')
})

// parse(print(x)) = x

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
const request = fc.oneof(
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

test('what a client prints is what the server reads', () => {
  fc.assert(
    fc.property(request, fc.boolean(), (original, nonSynchronizing) => {
      const printed = printRequest({ tag: 'A1', request: original }, { nonSynchronizing })
      const framed = reframed(printed, nonSynchronizing)
      assert.deepEqual(framed, printed)
      const result = parseRequest(framed)
      assert.ok(!('problem' in result), 'problem' in result ? drawProblem(result) : '')
      assert.deepEqual(result, { tag: 'A1', request: original })
    }),
    { numRuns: 3000 },
  )
})

/** Through the framer, as the lines would come in. */
function reframed(printed: RawRequest, nonSynchronizing: boolean): RawRequest {
  const framer = new Framer()
  for (const segment of printed.segments) {
    const step = framer.line(segment.line, limits)
    if (step.kind === 'request') return step.request
    assert.ok(step.kind === 'literal' && segment.literal, asciiText(segment.line))
    assert.equal(step.synchronizing, !nonSynchronizing)
    framer.literal(segment.literal)
  }
  return assert.fail('The request has no end')
}

test('no bytes make the parser throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), line => {
      const result = parseRequest({ segments: [{ line, literal: undefined }] })
      if ('problem' in result) assert.ok(result.position <= line.length)
    }),
    { numRuns: 5000 },
  )
})
