/** A signature as most of the world makes them: each field signed once, no more. */
import { sign } from 'node:crypto'
import { concatBytes, utf8 } from '#base/bytes.ts'
import { sha256 } from '#base/hmac.ts'
import { parseHeader } from '#formats/message/header.ts'
import { memorySource } from '#formats/message-source.ts'
import { bodyHashes } from './dkim/body-hash.ts'
import { signedOctets } from './dkim/signed-header.ts'
import { readMessage } from './message.ts'
import { keys, testTime } from './messages.testbed.ts'

const names = ['from', 'subject', 'content-type']

/** `limited`: with l= of the whole body */
export async function signedLoosely(letter: Uint8Array, limited: boolean): Promise<Uint8Array> {
  const message = await readMessage(memorySource(letter))
  const [body] = await bodyHashes(message.source, message.headerBytes, [
    { form: 'simple', hash: 'sha256', length: undefined },
  ])
  const hash = Buffer.from(body?.digest ?? []).toString('base64')
  const length = limited ? ` l=${body?.bodyLength};` : ''
  const text = `DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed; d=example.org; s=k; t=${testTime / 1000};${length} h=${names.join(':')}; bh=${hash}; b=`
  const [field] = parseHeader(utf8(`${text}\r\n`))
  if (!field) throw new Error('No field')
  const octets = signedOctets(message, names, field, 'relaxed', text)
  const signature = sign(null, sha256(octets), keys.privateKey).toString('base64')
  return concatBytes([utf8(`${text}${signature}\r\n`), letter])
}
