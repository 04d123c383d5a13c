import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import test from 'node:test'
import { asciiText, concatBytes, utf8 } from '#base/bytes.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { readMessage } from '../message.ts'
import { tableNames } from '../names.testbed.ts'
import { dkimSign } from './sign.ts'
import { verifyDkim } from './verify.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ed25519 = generateKeyPairSync('ed25519')
const at = Date.UTC(2026, 10, 27)
const letter = utf8(
  'From: Aki <aki@example.org>\r\nTo: taro@home.test\r\nSubject:  two  blanks \r\n and a fold\r\n' +
    'X-Odd:\r\nMIME-Version: 1.0\r\n\r\nHello  \t there \r\n\r\n \r\nbye\r\n\r\n\r\n',
)

function recordOf(key: KeyObject): string {
  const spki = key.export({ format: 'der', type: 'spki' })
  return key.asymmetricKeyType === 'rsa'
    ? `v=DKIM1; p=${spki.toString('base64')}`
    : `v=DKIM1; k=ed25519; p=${spki.subarray(-32).toString('base64')}`
}

const names = tableNames({
  'big._domainkey.example.org': { TXT: [recordOf(rsa.publicKey)] },
  'ed._domainkey.xn--r8jz45g.jp': { TXT: [recordOf(ed25519.publicKey)] },
})
const signers = [
  { domain: 'Example.ORG', selector: 'big', key: rsa.privateKey },
  { domain: '例え.jp', selector: 'ed', key: ed25519.privateKey },
]

async function results(message: Uint8Array): Promise<string[]> {
  const found = await verifyDkim(await readMessage(memorySource(message)), { names, now: at })
  return found.map(({ result, domain, algorithm, reason }) =>
    [result, domain, algorithm, reason].filter(Boolean).join(' '),
  )
}

/** Chunks of these sizes, again and again */
function inChunks(bytes: Uint8Array, ...sizes: readonly number[]): MessageSource {
  return {
    sizeBytes: bytes.length,
    place: { kind: 'stream' },
    async *open() {
      for (let offset = 0, index = 0; offset < bytes.length; index++) {
        const size = sizes[index % sizes.length] ?? 1
        yield bytes.subarray(offset, offset + size)
        offset += size
      }
    },
  }
}

test('what is signed with RSA and Ed25519 verifies', async () => {
  const fields = await dkimSign(memorySource(letter), signers, { at, validMs: 86_400_000 })
  assert.deepEqual(await results(concatBytes([fields, letter])), [
    'pass example.org rsa-sha256',
    'pass xn--r8jz45g.jp ed25519-sha256',
  ])
  const text = asciiText(fields)
  assert.match(text, /h=from:from:/)
  assert.match(text, / t=1795737600; x=1795824000;/)
  assert.ok(text.split('\r\n').every(line => line.length <= 78))
})

test('the body may come in any pieces, and header and body in any relaxed form', async () => {
  const whole = await dkimSign(memorySource(letter), signers.slice(1), { at })
  for (const sizes of [[1], [2, 3], [7], [64, 1]])
    assert.deepEqual(await dkimSign(inChunks(letter, ...sizes), signers.slice(1), { at }), whole)
  const relaxed = asciiText(letter)
    .replace('Subject:  two  blanks ', 'SUBJECT: two blanks')
    .replace('  \t there ', ' there')
  assert.deepEqual(await results(concatBytes([whole, utf8(relaxed)])), ['pass xn--r8jz45g.jp ed25519-sha256'])
})

test('a change in body or header, and a field added to those that are signed, are found', async () => {
  const fields = await dkimSign(memorySource(letter), signers, { at })
  const changed = (from: string, to: string) =>
    results(concatBytes([fields, utf8(asciiText(letter).replace(from, to))]))
  const both = (outcome: string) => [
    `fail example.org rsa-sha256 ${outcome}`,
    `fail xn--r8jz45g.jp ed25519-sha256 ${outcome}`,
  ]
  assert.deepEqual(await changed('bye', 'bya'), both('body has changed'))
  assert.deepEqual(await changed('two', 'tow'), both('signature is wrong'))
  assert.deepEqual(await changed('To:', 'From: other@example.org\r\nTo:'), both('signature is wrong'))
  assert.deepEqual(await changed('X-Odd:', 'Reply-To: x@example.org\r\nX-Odd:'), both('signature is wrong'))
  assert.deepEqual(await changed('X-Odd:', 'X-Even: 1\r\nX-Odd:'), [
    'pass example.org rsa-sha256',
    'pass xn--r8jz45g.jp ed25519-sha256',
  ])
})

test('without a From field, without a private key or without a name nothing is signed', async () => {
  await assert.rejects(dkimSign(memorySource(utf8('To: a@example.org\r\n\r\n')), signers, { at }), /From/)
  const source = memorySource(letter)
  await assert.rejects(
    dkimSign(source, [{ domain: 'example.org', selector: 's', key: rsa.publicKey }], { at }),
    /private/,
  )
  const wrong = { domain: 'example.org; x=y', selector: 's', key: rsa.privateKey }
  await assert.rejects(dkimSign(source, [wrong], { at }), /domain/)
})
