import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { DsnNotify } from '#formats/envelope.ts'
import type { SmtpReply } from '#formats/smtp-reply.ts'
import { parseCommand, type SmtpCommand } from './command.ts'
import { convertLineEnds, DataDecoder, LineEndWatch } from './data.ts'
import { DotStuffer } from './dot-stuff.ts'
import { isPath } from './path.ts'
import { printCommand } from './print-command.ts'
import { printReplyLines, ReplyReader } from './reply.ts'
import { decodeXtext, encodeXtext } from './xtext.ts'

const atom = fc.stringMatching(/^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,20}$/)
const quoted = fc.stringMatching(/^"(?:[a-z >,@()]|\\["\\]){1,10}"$/)
const domain = fc.stringMatching(/^[a-z0-9]{1,8}(?:\.[a-z]{1,5}){1,3}$/)
const address = fc
  .tuple(
    fc.oneof(atom, quoted, fc.constant('花子')),
    fc.oneof(domain, fc.constant('[192.0.2.1]'), fc.constant('例え.test')),
  )
  .map(([local, host]) => `${local}@${host}`)
const words = fc.stringMatching(/^[!-~](?:[ -~]{0,20}[!-~])?$/)
const notify: fc.Arbitrary<DsnNotify> = fc.oneof(
  fc.constant<DsnNotify>({ never: true }),
  fc
    .record({ success: fc.boolean(), failure: fc.boolean(), delay: fc.boolean() })
    .filter(flags => flags.success || flags.failure || flags.delay),
)
const present = { requiredKeys: [] as [] }
const command: fc.Arbitrary<SmtpCommand> = fc.oneof(
  fc.record({ verb: fc.constantFrom('HELO' as const, 'EHLO' as const, 'LHLO' as const), domain }),
  fc.record({
    verb: fc.constant('MAIL' as const),
    reversePath: fc.oneof(fc.constant(''), address),
    parameters: fc.record(
      {
        sizeBytes: fc.nat(),
        body: fc.constantFrom('7BIT' as const, '8BITMIME' as const, 'BINARYMIME' as const),
        smtpUtf8: fc.constant(true as const),
        dsnReturn: fc.constantFrom('FULL' as const, 'HDRS' as const),
        dsnEnvelopeId: words,
        auth: words,
        deliveryId: fc.stringMatching(/^[A-Za-z0-9._-]{1,40}$/),
      },
      present,
    ),
  }),
  fc.record({
    verb: fc.constant('RCPT' as const),
    recipient: fc
      .tuple(
        fc.oneof(address, fc.constant('postmaster')),
        fc.record(
          {
            notify,
            originalRecipient: fc.oneof(
              words.map(text => `rfc822;${text}`),
              address.map(text => `utf-8;${text}`),
              fc.constant('utf-8;\\花+子=@例え.test'),
            ),
          },
          present,
        ),
      )
      .map(([to, more]) => ({ address: to, ...more })),
  }),
  fc.record({ verb: fc.constant('BDAT' as const), sizeBytes: fc.nat(), last: fc.boolean() }),
  fc.record({ verb: fc.constantFrom('DATA' as const, 'RSET' as const, 'QUIT' as const, 'STARTTLS' as const) }),
  fc.record({ verb: fc.constantFrom('VRFY' as const, 'EXPN' as const), argument: words }),
  fc.record({
    verb: fc.constantFrom('NOOP' as const, 'HELP' as const, 'XCLIENT' as const),
    argument: fc.oneof(fc.constant(''), words),
  }),
  fc.record({
    verb: fc.constant('AUTH' as const),
    mechanism: fc.constantFrom('PLAIN', 'SCRAM-SHA-256-PLUS'),
    initial: fc.constantFrom(undefined, '=', 'AGEAYg=='),
  }),
  fc.record({
    verb: fc.constant('XHIKYAKU' as const),
    act: fc.constant('HELLO' as const),
    origin: fc.constantFrom('gw', 'a-1.b'),
    boot: fc.nat(),
  }),
  fc.record({
    verb: fc.constant('XHIKYAKU' as const),
    act: fc.constant('SETTLE' as const),
    settled: fc.array(fc.record({ id: fc.constantFrom('gw.1.a', 'gw.z.9'), recipient: address }), {
      minLength: 1,
      maxLength: 5,
    }),
  }),
  fc.record({ verb: fc.constant('XHIKYAKU' as const), act: fc.constant('WAIT' as const) }),
  fc.record({
    verb: fc.constant('XHIKYAKU' as const),
    act: fc.constant('TELL' as const),
    number: fc.nat(),
    last: fc.boolean(),
    part: fc.constantFrom('W10=', 'W3t9', 'A'.repeat(10_000)),
  }),
)

test('what is printed is read back the same', () => {
  fc.assert(
    fc.property(command, one => assert.deepEqual(parseCommand(Buffer.from(printCommand(one))), structuredClone(one))),
  )
})

test('any octets are read without a throw', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('', 'MAIL FROM:', 'RCPT TO:<', 'BDAT ', 'AUTH ', 'XHIKYAKU SETTLE ', 'XHIKYAKU TELL 1 '),
      fc.uint8Array(),
      (verb, rest) => {
        assert.equal(typeof parseCommand(Buffer.concat([Buffer.from(verb), rest])).verb, 'string')
      },
    ),
  )
})

const paths: readonly [text: string, kind: 'reverse' | 'forward', good: boolean][] = [
  ['', 'reverse', true], // the null path
  ['', 'forward', false],
  ['a..b.@docomo.example', 'forward', true], // old Japanese phones
  ['"odd > local"@example.org', 'forward', true],
  ['postmaster', 'forward', true], // RFC 5321 §4.5.1
  ['postmaster', 'reverse', false],
  ['a@[IPv6:2001:db8::1]', 'forward', true],
  ['a b@example.org', 'forward', false],
  ['a@b@c', 'forward', false],
  ['a@', 'forward', false],
  ['@example.org', 'forward', false],
  ['a@example.org\u0000', 'forward', false],
  [`${'a'.repeat(600)}@example.org`, 'forward', false], // over the limit
]
for (const [text, kind, good] of paths)
  test(`${kind} path ${JSON.stringify(text.slice(0, 40))} is ${good ? 'taken' : 'refused'}`, () =>
    assert.equal(isPath(text, kind), good))

test('xtext is reversible, and strict', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), text => assert.equal(decodeXtext(encodeXtext(text)), text)))
  for (const bad of ['a b', 'a=b', '+zz', '+0', 'é']) assert.equal(decodeXtext(bad), undefined)
})

test('ORCPT of an internationalised address is ASCII, and all spellings are read', () => {
  const originalRecipient = 'utf-8;花子@例え.test'
  const written = 'RCPT TO:<a@b.test> ORCPT=utf-8;\\x{82B1}\\x{5B50}@\\x{4F8B}\\x{3048}.test'
  assert.equal(printCommand({ verb: 'RCPT', recipient: { address: 'a@b.test', originalRecipient } }), written)
  for (const text of [written, 'RCPT TO:<a@b.test> ORCPT=utf-8;花子@例え.test', xtextOfOctets])
    assert.deepEqual(parseCommand(Buffer.from(text)), {
      verb: 'RCPT',
      recipient: { address: 'a@b.test', originalRecipient },
    })
})
const xtextOfOctets = `RCPT TO:<a@b.test> ORCPT=utf-8;${encodeXtext('花子@例え.test')}`

test('replies are read back as printed, however they are cut into lines', () => {
  const text = fc.stringMatching(/^(?:[A-Za-z][ -~]{0,30})?$/)
  const reply = fc
    .tuple(fc.constantFrom(2, 4, 5), fc.array(text, { minLength: 1, maxLength: 5 }), fc.boolean())
    .map(
      ([kind, lines, plain]): SmtpReply =>
        plain ? { code: kind * 100 + 50, lines } : { code: kind * 100 + 50, enhanced: `${kind}.1.5`, lines },
    )
  fc.assert(
    fc.property(reply, one => {
      const reader = new ReplyReader()
      const printed = printReplyLines(one).split('\r\n').slice(0, -1)
      const got = printed.map(line => reader.add(Buffer.from(line)))
      assert.deepEqual(got.pop(), one)
      assert.ok(got.every(step => step === 'more'))
    }),
  )
})

test('a reply cannot be made to hold a second line', () => {
  assert.equal(printReplyLines({ code: 550, lines: ['no\r\n250 yes'] }), '550 no 250 yes\r\n')
})

/** Feeds in pieces as a connection would: what is not consumed comes again in front of the next piece. */
function decode(wire: Buffer, cuts: readonly number[], mode: 'refuse' | 'convert' = 'refuse') {
  const out: Uint8Array[] = []
  const decoder = new DataDecoder(mode, piece => out.push(Buffer.from(piece)))
  let held = Buffer.alloc(0)
  let at = 0
  for (const end of [...cuts, wire.length]) {
    held = Buffer.concat([held, wire.subarray(at, end)])
    at = end
    const { consumed, done } = decoder.push(held)
    held = held.subarray(consumed)
    if (done)
      return { body: Buffer.concat(out), rest: Buffer.concat([held, wire.subarray(at)]), bare: decoder.bareSeen, done }
    assert.ok(held.length <= 2, 'hardly anything stays behind')
  }
  return { body: Buffer.concat(out), rest: held, bare: decoder.bareSeen, done: false }
}

const line = fc.stringMatching(/^[a-z.]{0,6}$/)
const cutsOf = (length: number) =>
  fc.array(fc.nat({ max: length }), { maxLength: 8 }).map(cuts => cuts.toSorted((a, b) => a - b))

test('a message comes out of DATA as it went in, whatever the pieces', () => {
  const cases = fc.array(line, { maxLength: 8 }).chain(lines => {
    const body = Buffer.from(lines.map(text => `${text}\r\n`).join(''))
    return fc.tuple(fc.constant(body), cutsOf(body.length + 8), cutsOf(body.length))
  })
  fc.assert(
    fc.property(cases, ([body, wireCuts, bodyCuts]) => {
      const stuffer = new DotStuffer()
      const pieces = [0, ...bodyCuts].map((from, at) => stuffer.push(body.subarray(from, bodyCuts[at] ?? body.length)))
      const wire = Buffer.concat([...pieces.flat(), stuffer.finish()])
      const cuts = wireCuts.filter(cut => cut < wire.length)
      const got = decode(Buffer.concat([wire, Buffer.from('QUIT\r\n')]), cuts)
      assert.deepEqual([got.done, got.bare, got.body.toString()], [true, false, body.toString()])
      assert.equal(got.rest.toString(), 'QUIT\r\n')
    }),
  )
})

// Endings that some server takes for the end of data. Only CRLF . CRLF is; every other is content, and refused or made harmless.
const smuggled = [
  '\n.\n',
  '\n.\r\n',
  '\r\n.\n',
  '\r.\r',
  '\r.\r\n',
  '\r\n.\r',
  '\r\n.\0\r\n',
  '\r\n\0.\r\n',
  '\n\r.\r\n',
  '\r\r\n.\r\r\n',
  '\r\n.\r\r\n',
]
for (const ending of smuggled)
  test(`${JSON.stringify(ending)} does not end a message`, () => {
    const wire = Buffer.from(`a${ending}MAIL FROM:<evil@example.org>\r\n.\r\nQUIT\r\n`)
    for (let cut = 0; cut <= wire.length; cut++) {
      const got = decode(wire, [cut])
      assert.equal(got.rest.toString(), 'QUIT\r\n', `cut at ${cut}`)
      assert.equal(got.bare, !ending.includes('\0'), `cut at ${cut}`)
    }
    const converted = decode(wire, [], 'convert')
    assert.doesNotMatch(converted.body.toString('latin1'), /\r(?!\n)|(?<!\r)\n/)
    assert.match(converted.body.toString('latin1'), /evil/)
  })

test('bare line ends on their way out become CRLF, so that no server downstream finds an end of data in them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('\r', '\n', '.', 'a'), { maxLength: 12 }),
      fc.nat({ max: 12 }),
      (chars, cut) => {
        const body = Buffer.from(chars.join(''))
        const stuffer = new DotStuffer()
        const wire = Buffer.concat([
          ...stuffer.push(body.subarray(0, cut)),
          ...stuffer.push(body.subarray(cut)),
          stuffer.finish(),
        ])
        const got = decode(wire, [])
        assert.equal(got.done, true)
        assert.equal(got.bare, false)
        assert.equal(got.rest.length, 0)
        const wanted = Buffer.from(convertLineEnds(body)).toString()
        assert.equal(got.body.toString(), wanted === '' || wanted.endsWith('\r\n') ? wanted : `${wanted}\r\n`)
      },
    ),
  )
})

test('chunks are watched for bare line ends across their borders', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('\r', '\n', '\r\n', 'a'), { maxLength: 10 }),
      fc.array(fc.nat({ max: 20 }), { maxLength: 3 }),
      (parts, cuts) => {
        const text = parts.join('')
        const watch = new LineEndWatch()
        const ends = [...cuts.filter(cut => cut <= text.length).toSorted((a, b) => a - b), text.length]
        ends.forEach((end, at) => watch.push(Buffer.from(text.slice(at === 0 ? 0 : ends[at - 1], end))))
        assert.equal(watch.bareSeen, /\r(?!\n)|(?<!\r)\n/.test(text), JSON.stringify([text, ends]))
      },
    ),
    { numRuns: 500 },
  )
})
