/** Letters with signatures and seals for tests, and the records that go with them. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { concatBytes, utf8 } from '#base/bytes.ts'
import { sha256 } from '#base/hmac.ts'
import { parseHeader } from '#formats/message/header.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { canonicalField, canonicalSignature } from './dkim/canonical.ts'
import { bodyHashes } from './dkim/body-hash.ts'
import { dkimSign, type DkimSigner } from './dkim/sign.ts'
import { signedOctets } from './dkim/signed-header.ts'
import { readMessage } from './message.ts'
import type { NameTable } from './names.testbed.ts'

/** 27 November 2026 */
export const testTime = Date.UTC(2026, 10, 27, 12)

export const keys = generateKeyPairSync('ed25519')

export function recordOf(key: KeyObject): string {
  const spki = key.export({ format: 'der', type: 'spki' })
  return key.asymmetricKeyType === 'rsa'
    ? `v=DKIM1; p=${spki.toString('base64')}`
    : `v=DKIM1; k=ed25519; p=${spki.subarray(-32).toString('base64')}`
}

/** The key of every domain here, at selector `k` */
export function keyRecords(...domains: readonly string[]): NameTable {
  return Object.fromEntries(domains.map(domain => [`k._domainkey.${domain}`, { TXT: [recordOf(keys.publicKey)] }]))
}

export function signerOf(domain: string): DkimSigner {
  return { domain, selector: 'k', key: keys.privateKey }
}

export function letterFrom(from: string, more = ''): Uint8Array {
  return utf8(`From: ${from}\r\nTo: hanako@home.test\r\nSubject: Hello\r\n${more}\r\nHello.\r\n`)
}

export async function signed(letter: Uint8Array, ...domains: readonly string[]): Promise<Uint8Array> {
  const fields = await dkimSign(memorySource(letter), domains.map(signerOf), { at: testTime })
  return concatBytes([fields, letter])
}

/** One more link of an ARC chain: what `domain` says it found. */
export async function sealed(letter: Uint8Array, domain: string, results: string): Promise<Uint8Array> {
  const message = await readMessage(memorySource(letter))
  const instance = (message.byName.get('arc-seal')?.length ?? 0) + 1
  const own = `ARC-Authentication-Results: i=${instance}; ${domain}; ${results}\r\n`
  const [body] = await bodyHashes(message.source, message.headerBytes, [
    { form: 'relaxed', hash: 'sha256', length: undefined },
  ])
  const tags = `i=${instance}; a=ed25519-sha256; d=${domain}; s=k;`
  const unsigned = `ARC-Message-Signature: ${tags} c=relaxed/relaxed; h=from:to:subject; bh=${base64(body?.digest)}; b=`
  const signature =
    unsigned + signatureOf(signedOctets(message, ['from', 'to', 'subject'], only(unsigned), 'relaxed', unsigned))
  const seal = `ARC-Seal: ${tags} cv=${instance === 1 ? 'none' : 'pass'}; b=`
  const before = ['arc-authentication-results', 'arc-message-signature', 'arc-seal'].map(name =>
    (message.byName.get(name) ?? []).toReversed(),
  )
  let text = ''
  for (let index = 0; index < instance - 1; index++)
    for (const fields of before) {
      const field = fields[index]
      if (field) text += canonicalField(message.text, field, 'relaxed')
    }
  text += canonicalField(own, only(own), 'relaxed')
  text += canonicalField(signature, only(signature), 'relaxed')
  text += canonicalSignature(seal, only(seal), 'relaxed')
  const sealField = seal + signatureOf(Buffer.from(text, 'latin1'))
  return concatBytes([utf8(`${sealField}\r\n${signature}\r\n${own}`), letter])
}

function only(text: string) {
  const [field] = parseHeader(utf8(text.endsWith('\r\n') ? text : `${text}\r\n`))
  if (!field) throw new Error('No field')
  return field
}

function signatureOf(octets: Uint8Array): string {
  return sign(null, sha256(octets), keys.privateKey).toString('base64')
}

function base64(bytes: Uint8Array = new Uint8Array()): string {
  return Buffer.from(bytes).toString('base64')
}

/** A message that says how many octets were read of it, and never has more than a chunk in memory. */
export function streamOf(head: Uint8Array, bodyChunk: Uint8Array, chunks: number): MessageSource & { read: number } {
  const source = {
    sizeBytes: head.length + bodyChunk.length * chunks,
    place: { kind: 'stream' } as const,
    read: 0,
    async *open() {
      source.read += head.length
      yield head
      for (let index = 0; index < chunks; index++) {
        source.read += bodyChunk.length
        yield bodyChunk
      }
    },
  }
  return source
}
