import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import type { Literal, RawRequest } from '../syntax/framing.ts'
import { parseResponse } from './parse-response.ts'
import type { FetchValues, ServerLine, UntaggedResponse } from './response.ts'

/** Lines with a literal between each two */
function raw(first: string, ...rest: readonly (Literal | string)[]): RawRequest {
  const segments = [{ line: utf8(first), literal: undefined as Literal | undefined }]
  for (const part of rest) {
    const last = segments.at(-1)
    if (typeof part === 'string') segments.push({ line: utf8(part), literal: undefined })
    else if (last) last.literal = part
  }
  return { segments }
}
const bytes = (text: string): Literal => ({ kind: 'bytes', bytes: utf8(text), binary: false })
const parse = (line: string) => parseResponse(raw(line))

function untagged<Kind extends UntaggedResponse['kind']>(
  kind: Kind,
  line: ServerLine | undefined,
): UntaggedResponse & { kind: Kind } {
  assert.equal(line?.kind, kind)
  return line as UntaggedResponse & { kind: Kind }
}

const range = (first: number, last = first) => ({ first, last })

const cases: readonly (readonly [line: string, expected: ServerLine])[] = [
  // RFC 9051 §7, RFC 7162, 4315, 4731
  ['+ idling', { kind: 'continuation', text: 'idling' }],
  ['+', { kind: 'continuation', text: '' }],
  ['a1 OK done', { kind: 'tagged', tag: 'a1', status: 'OK', code: undefined, text: 'done' }],
  ['a1 no', { kind: 'tagged', tag: 'a1', status: 'NO', code: undefined, text: '' }],
  [
    'a1 NO [ALREADYEXISTS] it is there',
    {
      kind: 'tagged',
      tag: 'a1',
      status: 'NO',
      code: { name: 'other', code: 'ALREADYEXISTS', argument: undefined },
      text: 'it is there',
    },
  ],
  [
    'a1 OK [APPENDUID 38505 3955] APPEND completed',
    {
      kind: 'tagged',
      tag: 'a1',
      status: 'OK',
      code: { name: 'APPENDUID', uidValidity: 38505, uids: [range(3955)] },
      text: 'APPEND completed',
    },
  ],
  [
    '* OK [COPYUID 432432 42:69,3 1202:1229] moved',
    {
      kind: 'status',
      status: 'OK',
      code: { name: 'COPYUID', uidValidity: 432432, from: [range(42, 69), range(3)], to: [range(1202, 1229)] },
      text: 'moved',
    },
  ],
  [
    '* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited',
    {
      kind: 'status',
      status: 'OK',
      code: { name: 'PERMANENTFLAGS', flags: ['\\Deleted', '\\Seen', '\\*'] },
      text: 'Limited',
    },
  ],
  [
    '* OK [X-QUOTED "a ] \\" b"] words [more]',
    {
      kind: 'status',
      status: 'OK',
      code: { name: 'other', code: 'X-QUOTED', argument: '"a ] \\" b"' },
      text: 'words [more]',
    },
  ],
  ['* OK [UIDNEXT', { kind: 'status', status: 'OK', code: undefined, text: '[UIDNEXT' }],
  [
    '* OK [UIDNEXT x] no number',
    { kind: 'status', status: 'OK', code: { name: 'other', code: 'UIDNEXT', argument: 'x' }, text: 'no number' },
  ],
  ['* BYE Autologout', { kind: 'status', status: 'BYE', code: undefined, text: 'Autologout' }],
  ['* CAPABILITY IMAP4rev1 Auth=Plain', { kind: 'capability', names: ['IMAP4REV1', 'AUTH=PLAIN'] }],
  ['* ENABLED QRESYNC ', { kind: 'enabled', names: ['QRESYNC'] }],
  ['* FLAGS (\\Answered [x] $Junk)', { kind: 'flags', flags: ['\\Answered', '[x]', '$Junk'] }],
  ['* FLAGS ()', { kind: 'flags', flags: [] }],
  ['* 23 EXISTS', { kind: 'exists', number: 23 }],
  ['* 5 recent', { kind: 'recent', number: 5 }],
  ['* 44 EXPUNGE', { kind: 'expunge', number: 44 }],
  ['* VANISHED (EARLIER) 41,43:116', { kind: 'vanished', earlier: true, uids: [range(41), range(43, 116)] }],
  ['* VANISHED 405,407,410:420', { kind: 'vanished', earlier: false, uids: [range(405), range(407), range(410, 420)] }],
  [
    '* LIST (\\Noselect \\HasChildren) "/" "~peter/mail/&U,BTFw-/&ZeVnLIqe-"',
    {
      kind: 'list',
      attributes: ['\\Noselect', '\\HasChildren'],
      delimiter: '/',
      name: '~peter/mail/台北/日本語',
      extended: undefined,
    },
  ],
  ['* LSUB () NIL INBOX', { kind: 'lsub', attributes: [], delimiter: undefined, name: 'INBOX', extended: undefined }],
  [
    '* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292 MAILBOXID (F1))',
    {
      kind: 'mailbox-status',
      mailbox: 'blurdybloop',
      items: new Map<string, string | string[]>([
        ['MESSAGES', '231'],
        ['UIDNEXT', '44292'],
        ['MAILBOXID', ['F1']],
      ]),
    },
  ],
  ['* SEARCH 2 84 882', { kind: 'search', numbers: [2, 84, 882], modSeq: undefined }],
  ['* SEARCH', { kind: 'search', numbers: [], modSeq: undefined }],
  ['* SEARCH 2 5 (MODSEQ 917162500)', { kind: 'search', numbers: [2, 5], modSeq: 917162500 }],
  [
    '* ESEARCH (TAG "A282") UID MIN 2 COUNT 3 ALL 2,10:11 MODSEQ 9 PARTIAL (1:2 2,10)',
    {
      kind: 'esearch',
      tag: 'A282',
      byUid: true,
      min: 2,
      max: undefined,
      count: 3,
      all: [range(2), range(10, 11)],
      modSeq: 9,
      others: new Map([['PARTIAL', ['1:2', '2,10']]]),
    },
  ],
  [
    '* ESEARCH',
    {
      kind: 'esearch',
      tag: undefined,
      byUid: false,
      min: undefined,
      max: undefined,
      count: undefined,
      all: undefined,
      modSeq: undefined,
      others: new Map(),
    },
  ],
  ['* NAMESPACE (("" "/")) NIL NIL', { kind: 'other', name: 'NAMESPACE', text: '(("" "/")) NIL NIL' }],
  ['* 3 WONDER of the world', { kind: 'other', name: 'WONDER', text: '3  of the world' }],
  // what is not as it should be is told, and not acted upon
  ['* 4294967296 EXISTS', { kind: 'unparsed', text: '* 4294967296 EXISTS' }],
  ['* VANISHED 1:*', { kind: 'unparsed', text: '* VANISHED 1:*' }],
  ['* VANISHED 0', { kind: 'unparsed', text: '* VANISHED 0' }],
  ['* SEARCH 1 x', { kind: 'unparsed', text: '* SEARCH 1 x' }],
  ['* ESEARCH ALL 1:*', { kind: 'unparsed', text: '* ESEARCH ALL 1:*' }],
  ['* LIST () "/" &AA-', { kind: 'unparsed', text: '* LIST () "/" &AA-' }],
  ['* 1 FETCH (UID)', { kind: 'unparsed', text: '* 1 FETCH (UID)' }],
  ['* 1 FETCH (UID 1', { kind: 'unparsed', text: '* 1 FETCH (UID 1' }],
]

for (const [line, expected] of cases) test(line, () => assert.deepEqual(parse(line), expected))

test('a line that is neither tagged nor untagged is nothing at all', () => {
  for (const line of ['', ' ', '*', 'a1', 'a1 MAYBE', 'HTTP/1.1 200 fine', '220 mx.example.org ESMTP'])
    assert.equal(parse(line), undefined, line)
})

test('FETCH: every item, with literals between', () => {
  const line = raw(
    '* 12 FETCH (FLAGS (\\Seen Work) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286 UID 7 MODSEQ (65402) ' +
      'EMAILID (M6d99ac3275bb4e) THREADID NIL X-GM-LABELS (\\Inbox {5}',
    bytes('a (b)'),
    ' plain) BODY[HEADER.FIELDS ("a]b" subject)] {3}',
    bytes('abc'),
    ' BODY[1.TEXT]<0> "x\\"y" BINARY[2] NIL BINARY.SIZE[2] 44 RFC822.HEADER {0}',
    { kind: 'message', source: memorySource(utf8('')), binary: false },
    ' ENVELOPE ("date" NIL (("n" NIL "m" "h")("n2" NIL "m" "h"))))',
  )
  const { message, values } = untagged('fetch', parseResponse(line))
  assert.equal(message, 12)
  const { bodies, others, envelope, ...plain } = values
  assert.deepEqual(plain, {
    uid: 7,
    flags: ['\\Seen', 'Work'],
    internalDate: Date.UTC(1996, 6, 17, 9, 44, 25),
    sizeBytes: 4286,
    modSeq: 65402,
    emailId: 'M6d99ac3275bb4e',
    threadId: undefined,
    bodyStructure: undefined,
  } satisfies Omit<FetchValues, 'bodies' | 'others' | 'envelope'>)
  assert.deepEqual(
    bodies.map(({ source, ...body }) => [
      body,
      source?.place.kind === 'memory' ? `${Buffer.from(source.place.bytes)}` : source,
    ]),
    [
      [{ section: 'HEADER.FIELDS ("A]B" SUBJECT)', binary: false, offset: undefined }, 'abc'],
      [{ section: '1.TEXT', binary: false, offset: 0 }, 'x"y'],
      [{ section: '2', binary: true, offset: undefined }, undefined],
      [{ section: 'HEADER', binary: false, offset: undefined }, ''],
    ],
  )
  assert.deepEqual([...others.keys()], ['X-GM-LABELS', 'BINARY.SIZE[2]'])
  assert.deepEqual(others.get('X-GM-LABELS'), ['\\Inbox', utf8('a (b)'), 'plain'])
  const address = (name: string) => [utf8(name), undefined, utf8('m'), utf8('h')]
  assert.deepEqual(envelope, [utf8('date'), undefined, [address('n'), address('n2')]])
})

test('nesting and numbers of values are bounded', () => {
  const deep = (depth: number) => parse(`* 1 FETCH (BODY ${'('.repeat(depth)}${')'.repeat(depth)})`)?.kind
  assert.equal(deep(200), 'fetch')
  assert.equal(deep(100_000), 'unparsed')
  assert.equal(parse(`* 1 FETCH (BODY (${'() '.repeat(200_000)}))`)?.kind, 'unparsed')
  assert.equal(parse(`* 1 FETCH (${'BODY[] "" '.repeat(100_000)})`)?.kind, 'unparsed')
  assert.equal(parse(`* FLAGS (${'x '.repeat(20_000)})`)?.kind, 'unparsed')
  assert.equal(parse(`* OK [${'"x"'.repeat(1_000_000)}`)?.kind, 'status')
  assert.equal(parse(`* VANISHED ${'1,'.repeat(1_100_000)}1`)?.kind, 'unparsed')
})

test('whatever comes, the parser answers', () => {
  const known =
    '* |1 |FETCH (|BODY[|]|<|>|{3}|"|\\|(|)|NIL|OK |[|COPYUID |1:2 |FLAGS |LIST |STATUS |ESEARCH |UID |ALL |SEARCH |' +
    'VANISHED |+| |MODSEQ (|&|\0'
  const words = fc.constantFrom(...known.split('|'))
  const line = fc.array(fc.oneof(words, fc.string({ maxLength: 4 })), { maxLength: 30 }).map(parts => parts.join(''))
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), fc.uint8Array({ maxLength: 8 }), (lines, literal) => {
      const parts = lines.slice(1).flatMap(text => [{ kind: 'bytes', bytes: literal, binary: false } as const, text])
      const found = parseResponse(raw(lines[0] ?? '', ...parts))
      assert.ok(found === undefined || found.kind.length > 0)
    }),
    { numRuns: 3_000 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), octets => {
      const line = Buffer.concat([Buffer.from('* '), octets])
      assert.notEqual(parseResponse({ segments: [{ line, literal: undefined }] })?.kind, 'tagged')
    }),
  )
})
