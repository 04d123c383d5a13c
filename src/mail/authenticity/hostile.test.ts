// What strangers send to make us work, wait or be wrong: each is bounded, and named.
import assert from 'node:assert/strict'
import { createHook } from 'node:async_hooks'
import { generateKeyPairSync } from 'node:crypto'
import test from 'node:test'
import { asciiText, concatBytes, utf8 } from '#base/bytes.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { verifyArc } from './arc/verify.ts'
import { dkimSign } from './dkim/sign.ts'
import { verifyDkim } from './dkim/verify.ts'
import { authorOf } from './dmarc/author.ts'
import { evaluateDmarc } from './dmarc/evaluate.ts'
import { maxSignatures } from './limits.ts'
import { signedLoosely } from './loose-signature.testbed.ts'
import { readMessage } from './message.ts'
import {
  keyRecords,
  keys,
  letterFrom,
  recordOf,
  sealed,
  signed,
  signerOf,
  streamOf,
  testTime,
} from './messages.testbed.ts'
import { type NameTable, tableNames } from './names.testbed.ts'
import { checkHost } from './spf/check-host.ts'

const records: NameTable = keyRecords('example.org')

async function dkim(message: Uint8Array | MessageSource, table = records) {
  const names = tableNames(table)
  const source = message instanceof Uint8Array ? memorySource(message) : message
  const found = await verifyDkim(await readMessage(source), { names, now: testTime })
  return { found, asked: names.asked, says: found.map(one => [one.result, one.reason].filter(Boolean).join(': ')) }
}

function spf(table: NameTable, client = '192.0.2.99') {
  const names = tableNames(table)
  const domain = 'bomb.test'
  const question = { clientAddress: client, domain, sender: `a@${domain}`, helo: 'h.test', hostname: 'mx', now: 0 }
  return checkHost({ ...question, explain: true }, names).then(result => ({ ...result, asked: names.asked }))
}

test('SPF: a tree of includes ends after ten questions that cost', async () => {
  const table: Record<string, { TXT: string[] }> = {
    'bomb.test': { TXT: ['v=spf1 include:n1.test include:n2.test -all'] },
  }
  for (let index = 1; index < 2_000; index++)
    table[`n${index}.test`] = { TXT: [`v=spf1 include:n${2 * index + 1}.test include:n${2 * index + 2}.test ?all`] }
  const { result, reason, asked } = await spf(table)
  assert.deepEqual([result, reason], ['permerror', 'too many DNS questions'])
  assert.ok(asked.length <= 12, `${asked.length} questions`)
})

test('SPF: many MX records, many PTR records, names that are not there', async () => {
  const hosts = Array.from({ length: 5_000 }, (_, index) => `h${index}.test`)
  const mx = await spf({ 'bomb.test': { TXT: ['v=spf1 mx -all'], MX: hosts } })
  assert.deepEqual([mx.result, mx.asked.length], ['permerror', 2])
  const ptr = await spf({ 'bomb.test': { TXT: ['v=spf1 ptr -all'] }, '192.0.2.99': { PTR: hosts } })
  assert.deepEqual([ptr.result, ptr.asked.length], ['fail', 12])
  const voids = await spf({ 'bomb.test': { TXT: ['v=spf1 a:x1.test a:x2.test a:x3.test a:x4.test +all'] } })
  assert.deepEqual([voids.result, voids.reason], ['permerror', 'too many questions without an answer'])
})

test('SPF: records of a megabyte, of thousands of terms, and macros that grow', async () => {
  const long = await spf({ 'bomb.test': { TXT: [`v=spf1 ${'ip4:192.0.2.1 '.repeat(70_000)}-all`] } })
  assert.deepEqual([long.result, long.reason], ['permerror', 'bomb.test: record is too long'])
  const many = await spf({ 'bomb.test': { TXT: [`v=spf1 ${'a '.repeat(2_000)}-all`] } })
  assert.deepEqual([many.result, many.reason], ['permerror', 'bomb.test: record has too many terms'])
  const growing = await spf({ 'bomb.test': { TXT: [`v=spf1 exists:${'%{l}%{d}%{h}'.repeat(600)}.test -all`] } })
  assert.equal(growing.result, 'fail')
  assert.ok(growing.asked.every(name => name.length < 300))
})

test("SPF: the domain's own words cannot break a reply, and loops in them lead nowhere", async () => {
  const table = {
    'bomb.test': { TXT: ['v=spf1 -all exp=e.bomb.test'] },
    'e.bomb.test': { TXT: [`no\r\n250 ok\u0000 ${'x'.repeat(9_000)}`] },
  }
  assert.equal((await spf(table)).explanation, undefined)
  const macro = await spf({ ...table, 'e.bomb.test': { TXT: [`%{s}${'%{d}'.repeat(2_000)}`] } })
  assert.ok((macro.explanation ?? '').length <= 500)
  assert.match(macro.explanation ?? '', /^[ -~]*$/)
})

test('DKIM: of a thousand signatures the topmost few are verified', async () => {
  const [field = ''] = asciiText(await signed(letterFrom('a@example.org'), 'example.org')).split('From:')
  const letter = concatBytes([utf8(field.repeat(1_000)), letterFrom('a@example.org')])
  const started = performance.now()
  const { found, asked } = await dkim(letter)
  assert.ok(performance.now() - started < 500)
  assert.equal(found.length, maxSignatures)
  assert.ok(found.every(({ result }) => result === 'pass'))
  assert.ok(asked.length <= maxSignatures)
})

test('DKIM: keys that are too short, too long, slow, revoked, of another kind or no keys at all', async () => {
  const letter = await signed(letterFrom('a@example.org'), 'example.org')
  const under = async (record: string) =>
    (await dkim(letter, { 'k._domainkey.example.org': { TXT: [record] } })).says[0]
  const { publicKey: short } = generateKeyPairSync('rsa', { modulusLength: 512 })
  const { publicKey: slow } = generateKeyPairSync('rsa', { modulusLength: 1024, publicExponent: 2 ** 31 - 1 })
  assert.equal(await under(recordOf(short)), 'policy: key of 512 bits is too short')
  assert.equal(await under(recordOf(slow)), 'permerror: key is for another algorithm')
  assert.equal(await under(`v=DKIM1; p=${'A'.repeat(100_000)}`), 'permerror: key record is too long')
  assert.equal(await under('v=DKIM1; p='), 'permerror: key is revoked')
  assert.equal(await under('v=DKIM1; p=@@@@'), 'permerror: key is not base64')
  assert.equal(await under('v=DKIM1; k=ed25519; p=AAAA'), 'permerror: key cannot be read')
  assert.equal(await under('v=DKIM1; k=ml-dsa-44; p=AAAA'), 'permerror: key of an unknown kind')
  assert.equal(await under(`${recordOf(keys.publicKey)}; s=tlsrpt`), 'permerror: key is not for email')
  assert.equal(await under(`${recordOf(keys.publicKey)}; h=sha1`), 'permerror: key is for another hash')
  assert.equal(await under(`${recordOf(keys.publicKey)}; t=y`), 'pass')
  const other = generateKeyPairSync('ed25519').publicKey
  assert.equal(await under(`${recordOf(other)}; t=y`), 'neutral: signature is wrong (key in test mode)')
  assert.equal(await under(recordOf(other)), 'fail: signature is wrong')
})

test('DKIM: an exponent as long as its modulus is refused before it is used', async () => {
  // RSAPublicKey of 1024 bits whose exponent has 1023
  const modulus = Buffer.concat([Buffer.from([0x00]), Buffer.alloc(128, 0xc5)])
  const exponent = Buffer.alloc(128, 0x3b)
  const integer = (value: Buffer) => Buffer.concat([Buffer.from([0x02, 0x81, value.length]), value])
  const inner = Buffer.concat([integer(modulus), integer(exponent)])
  const der = Buffer.concat([Buffer.from([0x30, 0x82, inner.length >> 8, inner.length & 255]), inner])
  const letter = await signed(letterFrom('a@example.org'), 'example.org')
  const rsa = utf8(asciiText(letter).replace('ed25519-sha256', 'rsa-sha256'))
  const { says } = await dkim(rsa, { 'k._domainkey.example.org': { TXT: [`p=${der.toString('base64')}`] } })
  assert.equal(says[0], 'policy: key with an oversized exponent')
})

test('DKIM: what is wrong with a signature has a name', async () => {
  const letter = asciiText(await signed(letterFrom('a@example.org'), 'example.org'))
  const changed = async (from: string | RegExp, to: string) => (await dkim(utf8(letter.replace(from, to)))).says[0]
  const cases: readonly (readonly [string | RegExp, string, string])[] = [
    ['v=1', 'v=2', 'permerror: signature without v=1'],
    ['ed25519-sha256', 'rsa-md5', 'permerror: unknown algorithm'],
    ['relaxed/relaxed', 'nofws', 'permerror: unknown canonicalization'],
    ['relaxed/relaxed', 'simple/relaxed', 'fail: signature is wrong'],
    [/h=[^;]*;/, 'h=to:subject;', 'permerror: From is not signed'],
    [/h=[^;]*;/, `h=from:${'x:'.repeat(5_000)}y;`, 'permerror: h= names too many fields'],
    ['s=k;', 's=k; i=@other.org;', 'permerror: i= is not under d='],
    ['s=k;', 's=k; q=http;', 'permerror: unknown query method'],
    ['s=k;', 's=k; s=j;', 'permerror: signature is no tag list'],
    ['s=k;', `s=${'k.'.repeat(120)}k;`, 'permerror: name of the key is no domain name'],
    ['s=k;', 's=../k;', 'permerror: s= is no domain name'],
    ['s=k;', 's=k; l=99999;', 'fail: signature is wrong'],
    ['s=k;', 's=k; x=1;', 'permerror: expires before it was made'],
    ['s=k;', `s=k; z=${'a'.repeat(40_000)};`, 'permerror: signature field is too long'],
    [/bh=[^;]*;/, 'bh=;', 'permerror: no bh='],
    ['d=example.org', 'd=elsewhere.org', 'permerror: no such key'],
  ]
  for (const [from, to, want] of cases) assert.equal(await changed(from, to), want, to.slice(0, 40))
})

test('DKIM: expiry and the future', async () => {
  const letter = letterFrom('a@example.org')
  const at = async (signedAt: number, validMs?: number) => {
    const fields = await dkimSign(memorySource(letter), [signerOf('example.org')], {
      at: signedAt,
      ...(validMs !== undefined && { validMs }),
    })
    return (await dkim(concatBytes([fields, letter]))).says[0]
  }
  assert.equal(await at(testTime - 7_200_000, 3_600_000), 'fail: signature has expired')
  assert.equal(await at(testTime - 7_200_000, 10_800_000), 'pass')
  assert.equal(await at(testTime + 60_000), 'pass')
  assert.equal(await at(testTime + 86_400_000), 'policy: signature is from the future')
})

test('DKIM: text after l=, a second From, Subject or Content-Type above what was signed are policy, not pass', async () => {
  const letter = letterFrom('a@example.org', 'Content-Type: text/plain\r\n')
  const limited = await signedLoosely(letter, true)
  assert.deepEqual((await dkim(limited)).says, ['pass'])
  const appended = await dkim(concatBytes([limited, utf8('Pay here.\r\n')]))
  assert.deepEqual(appended.says, ['policy: 11 octets of the body are not signed (l=)'])
  const plain = await signedLoosely(letter, false)
  assert.deepEqual((await dkim(plain)).says, ['pass'])
  for (const field of ['From: b@bank.test', 'Subject: Pay', 'Content-Type: text/html'])
    assert.deepEqual((await dkim(concatBytes([utf8(`${field}\r\n`), plain]))).says, [
      `policy: a further ${field.slice(0, field.indexOf(':')).toLowerCase()} field is not signed`,
    ])
  assert.deepEqual((await dkim(concatBytes([utf8('Received: x\r\nTo: c@example.org\r\n'), plain]))).says, ['pass'])
})

test('DKIM: a header of a megabyte costs little, and signs nothing', async () => {
  const fields = `X-A: b\r\n`.repeat(140_000)
  const letter = concatBytes([await signed(letterFrom('a@example.org'), 'example.org')])
  const started = performance.now()
  const { says } = await dkim(utf8(asciiText(letter).replace('\r\n\r\n', `\r\n${fields}\r\n`)))
  assert.ok(performance.now() - started < 1_500)
  assert.deepEqual(says, ['policy: header is too long'])
})

test('DKIM: a body of 256 MB is hashed as it streams, twice', async () => {
  const letter = await signed(letterFrom('a@example.org'), 'example.org', 'example.org')
  const chunk = utf8(`${'line of text \t here\r\n'.repeat(3_000)}\r\n\r\n`)
  const source = streamOf(letter, chunk, 4_300)
  const before = process.memoryUsage().rss
  const { says } = await dkim(source)
  assert.deepEqual(says, ['fail: body has changed', 'fail: body has changed'])
  assert.ok(source.read > 256 * 1024 * 1024)
  assert.ok(process.memoryUsage().rss - before < 128 * 1024 * 1024)
})

test('ARC: more instances than fifty, longer chains than are read, instances out of order', async () => {
  const names = tableNames(keyRecords('list.test'))
  const verify = async (message: Uint8Array) =>
    (await verifyArc(await readMessage(memorySource(message)), { names, now: testTime })).finding
  const set = (instance: number) =>
    `ARC-Seal: i=${instance}; a=ed25519-sha256; cv=pass; d=list.test; s=k; b=AA==\r\nARC-Message-Signature: i=${instance}; a=ed25519-sha256; d=list.test; s=k; h=from; bh=AA==; b=AA==\r\nARC-Authentication-Results: i=${instance}; x\r\n`
  const many = Array.from({ length: 60 }, (_, index) => set(index + 1)).join('')
  assert.deepEqual(await verify(concatBytes([utf8(many), letterFrom('a@example.org')])), {
    result: 'fail',
    sealers: [],
    reason: 'too many instances',
  })
  const big = `ARC-Authentication-Results: i=1; x; ${'y'.repeat(200_000)}\r\n`
  assert.equal((await verify(concatBytes([utf8(big), letterFrom('a@example.org')]))).reason, 'the chain is too long')
  const gap = await verify(concatBytes([utf8(set(2)), letterFrom('a@example.org')]))
  assert.equal(gap.reason, 'instance 1 is not complete')
  let chain = letterFrom('a@example.org')
  for (let count = 0; count < 50; count++) chain = await sealed(chain, 'list.test', 'dmarc=pass')
  const started = performance.now()
  assert.equal((await verify(chain)).result, 'pass')
  assert.ok(performance.now() - started < 300)
})

test('DMARC: a From of a mebibyte keeps nobody waiting, and hides nobody', async () => {
  for (const header of [`From: ${'"'.repeat(1_000_000)}`, `From: ${'"" '.repeat(300)}\r\n`.repeat(1_000)]) {
    const message = await readMessage(memorySource(utf8(`${header}\r\nFrom: a@bank.test\r\n\r\nx`)))
    const started = performance.now()
    const author = authorOf(message)
    assert.ok(performance.now() - started < 50)
    const none = { spf: { result: 'none', scope: 'helo', domain: '' }, dkim: [] } as const
    const { result, disposition } = await evaluateDmarc(author, none, tableNames({}))
    assert.deepEqual([result, disposition], ['permerror', 'quarantine'])
  }
})

// Eight signatures of RSA 4096 over 2 MB held the main thread for 11 ms, and with it everybody's session.
test('DKIM: the mathematics of each signature runs off the main thread, and the body is hashed with pauses', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const letter = concatBytes([
    letterFrom('a@example.org'),
    Buffer.alloc(2_000_000, 'a line of thirty-two octets .\r\n'),
  ])
  const signers = Array.from({ length: maxSignatures }, () => ({
    domain: 'example.org',
    selector: 'r',
    key: privateKey,
  }))
  const message = concatBytes([await dkimSign(memorySource(letter), signers, { at: testTime }), letter])
  const inPool: string[] = []
  const hook = createHook({ init: (_id, type) => void (type === 'SIGNREQUEST' && inPool.push(type)) }).enable()
  let turns = 0
  let over = false
  const others = (): unknown => over || (turns++, setImmediate(others))
  others()
  const { says } = await dkim(message, { 'r._domainkey.example.org': { TXT: [recordOf(publicKey)] } })
  over = true
  hook.disable()
  assert.deepEqual(says, Array(maxSignatures).fill('pass'))
  assert.equal(inPool.length, maxSignatures)
  assert.ok(turns >= 12, `${turns} turns for others`)
})
