import assert from 'node:assert/strict'
import test from 'node:test'
import { asciiText, concatBytes, utf8 } from '#base/bytes.ts'
import { systemClock } from '#base/clock.ts'
import { memorySource } from '#formats/message-source.ts'
import { createAuthenticityJudge, type Judgement } from './judge.ts'
import { keyRecords, letterFrom, sealed, signed, testTime } from './messages.testbed.ts'
import { type CountedNames, type NameTable, tableNames } from './names.testbed.ts'
import type { Names } from './names.ts'
import { type AuthenticityPolicy, decide } from './policy.ts'

const clock = { now: () => testTime, monotonic: () => systemClock.monotonic() }
const noSignal = new AbortController().signal
const policy: AuthenticityPolicy = { dmarcReject: 'reject', spfFail: 'accept', trustedSealers: [] }

const table: NameTable = {
  'bank.test': { TXT: ['v=spf1 ip4:192.0.2.1 -all exp=why.bank.test'] },
  'why.bank.test': { TXT: ['%{i} may not; see https://bank.test/why?%{s}'] },
  '_dmarc.bank.test': { TXT: ['v=DMARC1; p=reject'] },
  '_dmarc.shop.test': { TXT: ['v=DMARC1; p=quarantine'] },
  ...keyRecords('bank.test', 'shop.test', 'list.test', 'other.test', 'evil.test'),
}

type Asked = {
  readonly from?: string
  readonly client?: string
  readonly helo?: string
  readonly names?: Names
  readonly withinMs?: number
  readonly explain?: boolean
}

function judgeWith(message: Uint8Array, asked: Asked = {}): Promise<Judgement> {
  const { names = tableNames(table), withinMs = 5_000, explain = false } = asked
  const judge = createAuthenticityJudge({ names, clock, hostname: 'mx.home.test', withinMs, explain })
  const { client = '198.51.100.9', helo = 'mail.evil.test', from = 'x@evil.test' } = asked
  return judge({ clientAddress: client, helo, reversePath: from, message: memorySource(message) }, noSignal)
}

function briefly({ authenticity: { spf, dkim, dmarc, arc } }: Judgement): string {
  return [spf.result, ...dkim.map(one => one.result), dmarc.result, dmarc.disposition, arc.result].join(' ')
}

test('from the bank: by its own host, and by its signature through a forwarder', async () => {
  const own = await judgeWith(letterFrom('a@bank.test'), { from: 'a@bank.test', client: '192.0.2.1' })
  assert.equal(briefly(own), 'pass pass none none')
  assert.deepEqual(own.authenticity.dmarc.alignedBy, ['spf'])
  const forwarded = await judgeWith(await signed(letterFrom('a@bank.test'), 'bank.test'))
  assert.equal(briefly(forwarded), 'none pass pass none none')
  assert.equal(forwarded.authenticity.fromDomain, 'bank.test')
})

test('not from the bank: refused, in words that name the policy and whose it is', async () => {
  const forged = await judgeWith(await signed(letterFrom('The Bank <a@bank.test>'), 'evil.test'))
  assert.equal(briefly(forged), 'none pass fail reject none')
  const { refusal, detail } = decide(forged, policy)
  assert.deepEqual(refusal, {
    code: 550,
    enhanced: '5.7.1',
    lines: ['Refused by the DMARC policy of bank.test'],
  })
  assert.equal(detail['dmarc'], 'fail bank.test p=reject')
  assert.equal(detail['disposition'], 'reject')
  assert.equal(decide(forged, { ...policy, dmarcReject: 'junk' }).authenticity.dmarc.disposition, 'quarantine')
  const accepted = decide(forged, { ...policy, dmarcReject: 'accept' })
  assert.equal(accepted.refusal, undefined)
  assert.equal(accepted.authenticity.dmarc.disposition, 'none')
  assert.equal(accepted.authenticity.dmarc.reason, 'accepted by our own policy')
})

test('quarantine is told and refuses nothing', async () => {
  const found = decide(await judgeWith(letterFrom('a@shop.test')), policy)
  assert.equal(found.refusal, undefined)
  assert.equal(found.authenticity.dmarc.disposition, 'quarantine')
})

test("a hard fail of SPF alone refuses by setting only, with the domain's own words marked as such", async () => {
  const message = letterFrom('a@elsewhere.test')
  const found = await judgeWith(message, { from: 'ann@bank.test', explain: true })
  assert.equal(found.authenticity.spf.result, 'fail')
  assert.equal(decide(found, policy).refusal, undefined)
  assert.deepEqual(decide(found, { ...policy, spfFail: 'reject' }).refusal, {
    code: 550,
    enhanced: '5.7.23',
    lines: [
      'SPF: this host may not send for bank.test',
      'bank.test explains: 198.51.100.9 may not; see https://bank.test/why?ann@bank.test',
    ],
  })
})

test('the null reverse-path is judged by HELO', async () => {
  const { authenticity } = await judgeWith(letterFrom('a@bank.test'), {
    from: '',
    helo: 'bank.test',
    client: '192.0.2.1',
  })
  assert.deepEqual(authenticity.spf, {
    result: 'pass',
    scope: 'helo',
    domain: 'bank.test',
    reason: 'bank.test: ip4:192.0.2.1',
  })
  assert.equal(authenticity.dmarc.result, 'pass')
  const literal = await judgeWith(letterFrom('a@bank.test'), { from: '', helo: '[192.0.2.1]', client: '192.0.2.1' })
  assert.equal(literal.authenticity.spf.result, 'none')
})

test('a trusted sealer that saw it pass outweighs the policy; a stranger does not, nor one sealed over by a stranger', async () => {
  const atTheList = await sealed(letterFrom('a@bank.test'), 'list.test', 'dmarc=pass header.from=bank.test')
  const trusting = { ...policy, trustedSealers: ['list.test'] }
  const through = await judgeWith(atTheList)
  assert.equal(briefly(through), 'none fail reject pass')
  assert.equal(decide(through, policy).refusal?.code, 550)
  const believed = decide(through, trusting)
  assert.equal(believed.refusal, undefined)
  assert.deepEqual(
    [believed.authenticity.dmarc.disposition, believed.authenticity.dmarc.reason],
    ['none', 'sealed by list.test, who saw it pass'],
  )
  const sealedOver = await judgeWith(await sealed(atTheList, 'evil.test', 'dmarc=pass'))
  assert.equal(sealedOver.authenticity.arc.result, 'pass')
  assert.equal(decide(sealedOver, trusting).refusal?.code, 550)
  const twice = await judgeWith(await sealed(atTheList, 'other.test', 'dmarc=fail; arc=pass'))
  assert.equal(decide(twice, { ...policy, trustedSealers: ['list.test', 'other.test'] }).refusal, undefined)
  const sawItFail = await judgeWith(
    await sealed(letterFrom('a@bank.test'), 'list.test', 'dmarc=fail (dmarc=pass) reason="; dmarc=pass"'),
  )
  assert.equal(decide(sawItFail, trusting).refusal?.code, 550)
  const changed = utf8(asciiText(atTheList).replace('Hello.', 'Pay here.'))
  const broken = await judgeWith(changed)
  assert.equal(broken.authenticity.arc.result, 'fail')
  assert.equal(decide(broken, trusting).refusal?.code, 550)
})

test('what is not known refuses nobody, and says so', async () => {
  const silent = await judgeWith(letterFrom('a@bank.test'), {
    names: tableNames({ ...table, '_dmarc.bank.test': { TXT: 'TIMEOUT' } }),
  })
  assert.equal(briefly(silent), 'none temperror none none')
  assert.equal(decide(silent, policy).refusal, undefined)
  assert.match(silent.authenticity.dmarc.reason ?? '', /no answer about _dmarc\.bank\.test/)
  const ownHost = await judgeWith(letterFrom('a@bank.test'), {
    from: 'a@bank.test',
    names: tableNames({ ...table, 'bank.test': { TXT: 'TIMEOUT' } }),
  })
  assert.equal(briefly(ownHost), 'temperror temperror none none')
})

test('the whole judgement ends in time, and a slow sender does not get around the policy of whom he forges', async () => {
  const never = new Promise<never>(() => {})
  const names: CountedNames = tableNames(table)
  const slow: Names = {
    ...names,
    txt: name => (name.includes('evil.test') ? never : names.txt(name)),
    a: () => never,
  }
  const started = performance.now()
  const forged = await judgeWith(await signed(letterFrom('a@bank.test'), 'evil.test'), { names: slow, withinMs: 300 })
  assert.ok(performance.now() - started < 1_500)
  assert.equal(briefly(forged), 'temperror temperror fail reject none')
  const dead: Names = { txt: () => never, a: () => never, aaaa: () => never, mx: () => never, ptr: () => never }
  const nothing = await judgeWith(await signed(letterFrom('a@bank.test'), 'bank.test'), { names: dead, withinMs: 100 })
  assert.equal(briefly(nothing), 'temperror temperror temperror none none')
})

test('a name server that throws is one that does not answer', async () => {
  const broken: Names = { ...tableNames(table), txt: () => Promise.reject(new Error('broken')) }
  assert.equal(briefly(await judgeWith(letterFrom('a@bank.test'), { names: broken })), 'temperror temperror none none')
})

test('each name is asked once a message, and known for the next ones', async () => {
  const names = tableNames(table)
  const judge = createAuthenticityJudge({ names, clock, hostname: 'mx.home.test' })
  const message = memorySource(concatBytes([await signed(letterFrom('a@bank.test'), 'bank.test')]))
  const ask = () => judge({ clientAddress: '192.0.2.1', helo: 'h', reversePath: 'a@bank.test', message }, noSignal)
  await ask()
  assert.equal(new Set(names.asked).size, names.asked.length)
  const { length } = names.asked
  for (let count = 0; count < 20; count++) await ask()
  assert.equal(names.asked.length, length)
})

// A NUL or an encoded word in front of the domain took the letter past the policy of the bank that a reader was shown.
test('an address in From that cannot be read is no way around a policy; a From that shows none is left alone', async () => {
  const dmarcOf = async (from: string) => {
    const { authenticity } = await judgeWith(utf8(`${from}\r\nTo: hanako@home.test\r\n\r\nHello\r\n`))
    return `${authenticity.dmarc.result} ${authenticity.dmarc.disposition}`
  }
  for (const from of [
    'From: ceo@\0bank.test',
    'From: =?utf-8?q?=3Cceo=40bank.test=3E?=',
    'From: ceo@bank..test',
    'From: ceo@-bank.test',
    'From: ceo＠bank.test',
  ])
    assert.equal(await dmarcOf(from), 'permerror quarantine', JSON.stringify(from))
  for (const from of [
    'From: root',
    'From: undisclosed:;',
    'From: cron <daemon>',
    'From: a@[192.0.2.1]',
    'From:',
    'X: y',
  ])
    assert.equal(await dmarcOf(from), 'none none', from)
  assert.equal(await dmarcOf('From: Smith, John <x@shop.test>'), 'fail quarantine')
})
