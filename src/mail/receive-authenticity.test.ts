// A message and its authenticity: from the gateway's judgement to what lies in the mailbox.
import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { concatBytes, utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { createAuthenticityJudge } from './authenticity/judge.ts'
import { keyRecords, letterFrom, signed, testTime } from './authenticity/messages.testbed.ts'
import { type NameTable, tableNames } from './authenticity/names.testbed.ts'
import { type AuthenticityPolicy, createAuthenticityCheck } from './authenticity/policy.ts'
import { maxFactsFieldBytes, openFacts, signFacts } from './facts.ts'
import type { DeliveryFacts } from './downstream.ts'
import type { DeliveryId } from './ids.ts'
import { type Flow, send, sessionFacts, startFlow, storedText } from './receive/mail-flow.testbed.ts'

const hanako = 'hanako@home.test'
const table: NameTable = {
  'bank.test': { TXT: ['v=spf1 ip4:192.0.2.7 -all'] },
  '_dmarc.bank.test': { TXT: ['v=DMARC1; p=reject'] },
  '_dmarc.shop.test': { TXT: ['v=DMARC1; p=quarantine'] },
  '_dmarc.silent.test': { TXT: 'TIMEOUT' },
  ...keyRecords('bank.test'),
}

function flowWith(t: TestContext, policy: Partial<AuthenticityPolicy> = {}): Promise<Flow> {
  const judge = createAuthenticityJudge({
    names: tableNames(table),
    clock: { now: () => testTime, monotonic: () => performance.now() },
    hostname: 'mx.home.test',
  })
  const whole: AuthenticityPolicy = { dmarcReject: 'reject', spfFail: 'accept', trustedSealers: [], ...policy }
  return startFlow(t, { gateway: { authenticity: createAuthenticityCheck(judge, () => whole) } })
}

async function take(flow: Flow, message: Uint8Array, reversePath: string, more = {}): Promise<string> {
  const sent = await send(flow.gateway, [hanako], memorySource(message), { reversePath, ...more })
  return sent.reply ?? sent.recipients[0] ?? ''
}

test('what passes is stored with our results above our Received, and the trace says what was found', async t => {
  const flow = await flowWith(t)
  assert.match(await take(flow, await signed(letterFrom('a@bank.test'), 'bank.test'), 'a@bank.test'), /^250 /)
  const text = await storedText(flow, hanako)
  assert.match(
    text.replace(/\r\n[ \t]/g, ' '),
    /\r\nAuthentication-Results: \S+; spf=pass smtp\.mailfrom=a@bank\.test; dkim=pass header\.d=bank\.test header\.s=k header\.a=ed25519-sha256; dmarc=pass \(p=reject dis=none\) header\.from=bank\.test\r\nReceived: /,
  )
  const received = flow.events.find(({ kind }) => kind === 'received')
  const { begun, ...found } = received?.detail ?? {}
  assert.ok(typeof begun === 'number' && begun <= (received?.at ?? 0))
  assert.deepEqual(found, {
    spf: 'pass bank.test',
    dkim: 'pass bank.test',
    dmarc: 'pass bank.test p=reject',
    helo: 'mx.internet.test',
  })
})

test('forged mail of a domain that asks for rejection is refused, in the reply and in the trace', async t => {
  const flow = await flowWith(t)
  const reply = await take(flow, letterFrom('a@bank.test'), 'x@evil.test')
  assert.equal(reply, '550 5.7.1 Refused by the DMARC policy of bank.test')
  assert.equal(await flow.count(hanako), 0)
  const refused = flow.events.find(({ kind }) => kind === 'refused')
  assert.equal(refused?.to, hanako)
  assert.equal(refused?.reply, reply)
  assert.equal(refused?.detail?.['dmarc'], 'fail bank.test p=reject')
})

test('quarantine goes to Junk, also by our own milder policy', async t => {
  const flow = await flowWith(t, { dmarcReject: 'junk' })
  assert.match(await take(flow, letterFrom('a@shop.test'), 'x@evil.test'), /^250 /)
  assert.match(await take(flow, letterFrom('a@bank.test'), 'x@evil.test'), /^250 /)
  assert.equal(await flow.count(hanako), 0)
  assert.equal(await flow.count(hanako, 'Junk'), 2)
})

test('held mail keeps its verdict: Junk when home is back', async t => {
  const flow = await flowWith(t)
  flow.link.fault = 'away'
  assert.match(await take(flow, letterFrom('a@shop.test'), 'x@evil.test'), /^250 /)
  flow.link.fault = 'none'
  await flow.drain()
  assert.equal(await flow.count(hanako, 'Junk'), 1)
})

test('a domain that cannot be asked refuses nothing; the trace says that it could not', async t => {
  const flow = await flowWith(t)
  assert.match(await take(flow, letterFrom('a@silent.test'), 'x@evil.test'), /^250 /)
  assert.equal(await flow.count(hanako), 1)
  assert.match(
    String(flow.events.find(({ kind }) => kind === 'received')?.detail?.['dmarc']),
    /^temperror silent\.test /,
  )
})

test('results with our name that a stranger brings do not survive, in any spelling; those of others do', async t => {
  const flow = await flowWith(t)
  const forged = [
    'Authentication-Results: gateway.home.test; dmarc=pass\r\n',
    'authentication-results:\r\n GATEWAY.home.test. 1; spf=pass\r\n',
    'Authentication-Results: (x) "gateway.home.test"; dkim=pass\r\n',
    'Authentication-Results: mx.elsewhere.test; dkim=pass header.d=theirs.test\r\n',
  ].map(field => field.replace(/gateway\.home\.test/i, flow.gatewayOptions.hostname))
  const message = concatBytes([utf8(forged.join('')), letterFrom('a@plain.test', forged[0])])
  assert.match(await take(flow, message, 'x@evil.test'), /^250 /)
  const header = (await storedText(flow, hanako)).split('\r\n\r\n')[0] ?? ''
  const results = header.replace(/\r\n[ \t]/g, ' ').match(/^authentication-results:.*$/gim) ?? []
  assert.equal(results.length, 2)
  assert.match(results[0] ?? '', /; spf=none.* dkim=none; dmarc=none/)
  assert.match(results[1] ?? '', /theirs\.test/)
})

test('HELO and MAIL FROM cannot bring fields or entries of their own into ours', async t => {
  const flow = await flowWith(t)
  const helos = ['h\r\nSubject: forged', 'h; dmarc=pass', '"; dmarc=pass', `${'x'.repeat(300)}.test`, '例え.jp']
  for (const helo of helos) {
    const session = sessionFacts('mx', { helo })
    assert.match(await take(flow, letterFrom('a@plain.test'), '', { session }), /^250 /)
  }
  for (const reversePath of ['"; dmarc=pass"@evil.test', '"a\\"; dmarc=pass"@evil.test', "x'{}|=@evil.test"])
    assert.match(await take(flow, letterFrom('a@plain.test'), reversePath), /^250 /)
  const count = helos.length + 3
  assert.equal(await flow.count(hanako), count)
  for (let index = 0; index < count; index++) {
    const header = (await storedText(flow, hanako, index)).split('\r\n\r\n')[0] ?? ''
    assert.equal(header.match(/^Subject:/gim)?.length, 1)
    const [own = ''] = header.replace(/\r\n[ \t]/g, ' ').match(/^Authentication-Results:.*$/im) ?? []
    assert.doesNotMatch(own.replace(/"(?:\\.|[^"\\])*"/g, '""'), /dmarc=pass/)
  }
})

test('who has proved to be ours is not judged', async t => {
  const flow = await flowWith(t)
  const session = sessionFacts('mx', { gateway: 'relay' })
  assert.match(await take(flow, letterFrom('a@bank.test'), 'x@evil.test', { session }), /^250 /)
  assert.doesNotMatch(await storedText(flow, hanako), /Authentication-Results/)
})

test('a judge that fails refuses nobody', async t => {
  const flow = await startFlow(t, { gateway: { authenticity: () => Promise.reject(new Error('broken')) } })
  assert.match(await take(flow, letterFrom('a@bank.test'), 'x@evil.test'), /^250 /)
})

test('the longest verdicts there can be fit into the field of facts', async t => {
  const long = 'x'.repeat(160)
  const name = `${'y'.repeat(63)}.`.repeat(3) + 'z'.repeat(61)
  const facts: DeliveryFacts = {
    attempt: {
      id: 'g.1.1' as DeliveryId,
      origin: 'g',
      boot: 1,
      gone: Array(64).fill('g.1.1') as DeliveryId[],
      confirmed: false,
    },
    clientAddress: '2001:db8::1',
    helo: name,
    tls: undefined,
    receivedAt: testTime,
    held: false,
    verdicts: {
      authenticity: {
        fromDomain: name,
        spf: { result: 'fail', scope: 'mailfrom', domain: name, reason: long },
        dkim: Array(8).fill({
          result: 'fail',
          domain: name,
          selector: name,
          algorithm: 'ed25519-sha256',
          reason: long,
        }),
        dmarc: { result: 'fail', domain: name, policy: 'reject', alignedBy: [], disposition: 'reject', reason: long },
        arc: { result: 'fail', sealers: Array(8).fill(name), reason: long },
      },
      connection: {
        reverse: { result: 'pass', name },
        lists: Array(32).fill({ zone: name, kind: 'deny', answers: Array(4).fill('127.0.0.255') }),
        remarks: Array(20).fill('helo-not-a-name'),
      },
    },
  }
  const key = new Uint8Array(32)
  const field = signFacts(facts, { recipients: [hanako], hash: new Uint8Array(32), sizeBytes: 1 }, key, testTime)
  t.diagnostic(`${field.length} octets`)
  assert.ok(field.length <= maxFactsFieldBytes)
  const opened = openFacts(field, key, testTime)
  assert.ok(opened.kind === 'good')
  assert.deepEqual(opened.facts.verdicts, facts.verdicts)
})

test('a header that goes on beyond what is looked at is refused: further down it might claim to be ours', async t => {
  const flow = await flowWith(t)
  const claim = 'Authentication-Results: mx.home.test; dmarc=pass header.from=bank.test\r\n'
  const padding = `X-Padding: ${'x'.repeat(900)}\r\n`.repeat(1_200)
  const letter = utf8(`From: x@evil.test\r\n${padding}${claim}\r\nHello\r\n`)
  assert.equal(await take(flow, letter, 'x@evil.test'), '554 5.6.0 The header is too long')
  assert.equal(await flow.count(hanako), 0)
  // each of its fields costs everybody who reads it
  const fields = utf8(`From: x@evil.test\r\n${'A: b\r\n'.repeat(25_000)}\r\nHello\r\n`)
  assert.equal(await take(flow, fields, 'x@evil.test'), '554 5.6.0 The header is too long')
  const many = utf8(
    `From: x@evil.test\r\nTo: ${'a@b.test,\r\n '.repeat(15_000)}c@d.test\r\n\r\n${'\r\n'.repeat(30_000)}`,
  )
  assert.match(await take(flow, many, 'x@evil.test'), /^250 /)
  const large = utf8(`From: x@evil.test\r\n\r\n${padding}`)
  assert.match(await take(flow, large, 'x@evil.test'), /^250 /)
})

test('a From that one client reads so and another otherwise must be true in both readings', async t => {
  const flow = await flowWith(t)
  const spoofs = [
    '<a@bank.test> <x@evil.test>',
    '<x@evil.test@bank.test>',
    'x@evil.test a@bank.test',
    '<x@evil.test> a@bank.test',
    `${'x@evil.test, '.repeat(3)}<a@bank.test> <x@evil.test>`,
  ]
  for (const from of spoofs) {
    const letter = utf8(`From: ${from}\r\nSubject: x\r\n\r\nHello\r\n`)
    assert.equal(await take(flow, letter, 'x@evil.test'), '550 5.7.1 Refused by the DMARC policy of bank.test', from)
  }
  const named = utf8('From: "a@bank.test" <x@evil.test>\r\nSubject: x\r\n\r\nHello\r\n')
  assert.match(await take(flow, named, 'x@evil.test'), /^250 /)
})
