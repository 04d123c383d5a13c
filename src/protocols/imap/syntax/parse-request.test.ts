import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { utf8 } from '#base/bytes.ts'
import { Framer, type RawRequest } from './framing.ts'
import { drawProblem, parseRequest } from './parse-request.ts'
import type { Request } from './request.ts'
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

test('no bytes make the parser throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), line => {
      const result = parseRequest({ segments: [{ line, literal: undefined }] })
      if ('problem' in result) assert.ok(result.position <= line.length)
    }),
    { numRuns: 5000 },
  )
})
