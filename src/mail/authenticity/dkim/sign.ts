/**
 * Signing. RFC 6376 §5, Ed25519 by RFC 8463. The body is read once, as a stream, for all signatures; the private keys' work runs off the
 * main thread.
 *
 * Every name in `signedNames` is signed once more than it occurs: a second From or Subject that somebody adds breaks the signature
 * (§8.15).
 */
import { sign as signCallback, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { asciiText, utf8 } from '#base/bytes.ts'
import { sha256 } from '#base/hmac.ts'
import { canonicalDomain } from '#formats/address/domain.ts'
import { parseHeader } from '#formats/message/header.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { headerOf } from '../../receive/header-of.ts'
import { bodyHashes } from './body-hash.ts'
import { type SignedHeader, signedHeader, signedOctets } from './signed-header.ts'

export type DkimSigner = {
  /** d=, in any spelling; written in A-labels */
  readonly domain: string
  /** s= */
  readonly selector: string
  /** Private, RSA (rsa-sha256) or Ed25519 (ed25519-sha256) */
  readonly key: KeyObject
}

export type SigningOptions = {
  /** t=, milliseconds since 1970 */
  readonly at: number
  /** x= is so much later; none when absent */
  readonly validMs?: number
  /** Replaces `signedNames`; From is signed whatever stands here */
  readonly names?: readonly string[]
}

/** RFC 6376 §5.4.1, and the fields by which a letter is shown, answered and unsubscribed from */
export const signedNames: readonly string[] = [
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'content-disposition',
  'list-id',
  'list-unsubscribe',
  'list-unsubscribe-post',
]

const signAsync = promisify(signCallback)

/** DKIM-Signature fields, one for each signer, with their line ends: to be put before the message. */
export async function dkimSign(
  source: MessageSource,
  signers: readonly DkimSigner[],
  options: SigningOptions,
): Promise<Uint8Array> {
  const bytes = await headerOf(source)
  const text = asciiText(bytes)
  const header = signedHeader(text, parseHeader(bytes, Infinity))
  if (!header.byName.has('from')) throw new Error('A message without a From field cannot be signed')
  const [body] = await bodyHashes(source, bytes.length, [{ form: 'relaxed', hash: 'sha256', length: undefined }])
  const bodyHash = Buffer.from(body?.digest ?? []).toString('base64')
  const names = oversigned(header, new Set(['from', ...(options.names ?? signedNames).map(name => name.toLowerCase())]))
  const fields = await Promise.all(signers.map(signer => signedField(header, signer, names, bodyHash, options)))
  return utf8(fields.join(''))
}

/** Each name as often as it occurs, and once more. */
function oversigned(header: SignedHeader, names: ReadonlySet<string>): string[] {
  return [...names].flatMap(name => Array<string>((header.byName.get(name)?.length ?? 0) + 1).fill(name))
}

async function signedField(
  header: SignedHeader,
  signer: DkimSigner,
  names: readonly string[],
  bodyHash: string,
  options: SigningOptions,
): Promise<string> {
  const unsigned = unsignedField(signer, names, bodyHash, options)
  const [own] = parseHeader(utf8(`${unsigned}\r\n`))
  if (!own) throw new Error('The signature is no header field')
  const octets = signedOctets(header, names, own, 'relaxed', unsigned)
  const lines = (await signature64(signer.key, octets)).match(/.{1,72}/g) ?? []
  return `${unsigned}${lines.map(line => `\r\n\t${line}`).join('')}\r\n`
}

function unsignedField(
  { domain, selector, key }: DkimSigner,
  names: readonly string[],
  bodyHash: string,
  { at, validMs }: SigningOptions,
): string {
  const name = canonicalDomain(domain)
  if (name === undefined || canonicalDomain(selector) === undefined)
    throw new Error(`A signature needs a domain and a selector, not ${domain} and ${selector}`)
  const time = Math.floor(at / 1000)
  const expiry = validMs === undefined ? '' : ` x=${time + Math.floor(validMs / 1000)};`
  return [
    `DKIM-Signature: v=1; a=${algorithmOf(key)}; c=relaxed/relaxed;`,
    ` d=${name}; s=${selector};`,
    ` t=${time};${expiry}`,
    ` h=${foldList(names)};`,
    ` bh=${bodyHash};`,
    ' b=',
  ].join('\r\n')
}

function foldList(names: readonly string[]): string {
  let text = ''
  let column = 3
  for (const [index, name] of names.entries()) {
    const item = index === 0 ? name : `:${name}`
    if (column + item.length > 76) {
      text += '\r\n\t'
      column = 8
    }
    text += item
    column += item.length
  }
  return text
}

function algorithmOf(key: KeyObject): string {
  if (key.type === 'private' && key.asymmetricKeyType === 'rsa') return 'rsa-sha256'
  if (key.type === 'private' && key.asymmetricKeyType === 'ed25519') return 'ed25519-sha256'
  throw new Error('A signature needs a private key, RSA or Ed25519')
}

async function signature64(key: KeyObject, octets: Uint8Array): Promise<string> {
  const signature =
    key.asymmetricKeyType === 'rsa'
      ? await signAsync('sha256', octets, key)
      : // RFC 8463 §3: PureEdDSA over the hash
        await signAsync(null, sha256(octets), key)
  return signature.toString('base64')
}
