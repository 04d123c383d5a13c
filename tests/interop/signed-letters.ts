/** Letters and keys for the peers that sign and verify. */
import { generateKeyPairSync } from 'node:crypto'
import { concatBytes } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { dkimSign } from '#mail/authenticity/dkim/sign.ts'
import { verifyDkim } from '#mail/authenticity/dkim/verify.ts'
import { readMessage } from '#mail/authenticity/message.ts'
import { recordOf } from '#mail/authenticity/messages.testbed.ts'
import { tableNames } from '#mail/authenticity/names.testbed.ts'
import { japaneseLetter, smallLetter } from './letters.ts'

export const domain = 'stranger.test'
export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const ed25519 = generateKeyPairSync('ed25519')

/** Name of the record → record */
export const records = {
  [`r._domainkey.${domain}`]: recordOf(rsa.publicKey),
  [`e._domainkey.${domain}`]: recordOf(ed25519.publicKey),
}

export const names = tableNames(
  Object.fromEntries(Object.entries(records).map(([name, record]) => [name, { TXT: [record] }])),
)

/** Blanks after the colon, folds, an empty value */
export const oddFields = 'folded and odd fields'

/** By what is hard about them */
export const letters: Readonly<Record<string, Uint8Array>> = {
  'lines of dots and trailing blanks': smallLetter().bytes,
  'UTF-8 in 8bit': japaneseLetter().bytes,
  'octets of no charset': Buffer.concat([smallLetter().bytes, Buffer.from('\xa0 \xff\xfe\x80 \r\n', 'latin1')]),
  'no body': withoutBody(smallLetter().bytes),
  'a long body': Buffer.concat([smallLetter().bytes, Buffer.from('a  line \t of text \r\n'.repeat(60_000))]),
  [oddFields]: Buffer.from(
    `From: "A, B"\r\n <a@${domain}>\r\nTo: x@home.test,\r\n\ty@home.test\r\nSubject:   folded\r\n  and  spaced \r\nDate: Tue, 06 Jan 2026 09:30:00 +0900\r\nX-Empty:\r\n\r\nText\r\n\r\n\r\n`,
  ),
}

function withoutBody(letter: Uint8Array): Uint8Array {
  const text = Buffer.from(letter)
  return text.subarray(0, text.indexOf('\r\n\r\n') + 4)
}

export async function signedByUs(letter: Uint8Array, ...selectors: readonly ('r' | 'e')[]): Promise<Uint8Array> {
  const keys = { r: rsa.privateKey, e: ed25519.privateKey }
  const signers = selectors.map(selector => ({ domain, selector, key: keys[selector] }))
  return concatBytes([await dkimSign(memorySource(letter), signers, { at: Date.now() }), letter])
}

/** `pass`, `fail: body has changed` …, one for each signature */
export async function verifiedByUs(letter: Uint8Array): Promise<string[]> {
  const found = await verifyDkim(await readMessage(memorySource(letter)), { names, now: Date.now() })
  return found.map(({ result, reason }) => [result, reason].filter(Boolean).join(': '))
}
