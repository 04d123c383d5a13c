/** The messages of SCRAM, read and printed. RFC 5802 §7 */
import { maxNonceCharacters } from '../limits.ts'

export type Gs2Flag =
  | { readonly kind: 'n' }
  /** The client could bind, and believes that the server cannot */
  | { readonly kind: 'y' }
  | { readonly kind: 'p'; readonly binding: string }

export type ClientFirst = {
  readonly flag: Gs2Flag
  readonly authzid: string | undefined
  /** Up to and with its second comma, as written: it comes back in `c=` */
  readonly gs2Header: string
  readonly bare: string
  readonly name: string
  readonly nonce: string
}

export type ClientFinal = {
  /** Base64, as written */
  readonly binding: string
  readonly nonce: string
  readonly proof: Uint8Array
  readonly withoutProof: string
}

export type ServerFirst = { readonly nonce: string; readonly salt: Uint8Array; readonly iterations: number }

const header = /^(n|y|p=([A-Za-z0-9.-]+)),(?:a=([^,]*))?,/
/** `printable` of §7: visible ASCII but the comma */
const noncePattern = /^[!-+\--~]+$/

export function parseClientFirst(text: string): ClientFirst | undefined {
  const found = header.exec(text)
  if (!found) return undefined
  const [gs2Header, flag = '', binding, authzid] = found
  const bare = text.slice(gs2Header.length)
  const [name = '', nonce = ''] = bare.split(',')
  // `m=` in front is an extension that must be understood: none is
  if (!name.startsWith('n=') || !nonce.startsWith('r=') || !isNonce(nonce.slice(2))) return undefined
  const [decodedName, decodedAuthzid] = [
    decodeName(name.slice(2)),
    authzid === undefined ? undefined : decodeName(authzid),
  ]
  if (decodedName === undefined || (authzid !== undefined && decodedAuthzid === undefined)) return undefined
  return {
    flag: binding === undefined ? { kind: flag === 'y' ? 'y' : 'n' } : { kind: 'p', binding },
    authzid: decodedAuthzid,
    gs2Header,
    bare,
    name: decodedName,
    nonce: nonce.slice(2),
  }
}

export function parseClientFinal(text: string): ClientFinal | undefined {
  const [, withoutProof, binding, nonce, proof] =
    /^(c=([A-Za-z0-9+/=]*),r=([^,]+)(?:,[^,]+)*),p=([A-Za-z0-9+/]+=*)$/.exec(text) ?? []
  if (withoutProof === undefined || binding === undefined || nonce === undefined || proof === undefined)
    return undefined
  return { binding, nonce, proof: Buffer.from(proof, 'base64'), withoutProof }
}

export function parseServerFirst(text: string): ServerFirst | undefined {
  const [, nonce, salt, iterations] = /^r=([^,]+),s=([A-Za-z0-9+/]+=*),i=([1-9]\d{0,9})(?:,.*)?$/.exec(text) ?? []
  if (nonce === undefined || salt === undefined || !isNonce(nonce)) return undefined
  return { nonce, salt: Buffer.from(salt, 'base64'), iterations: Number(iterations) }
}

export function printServerFirst(first: ServerFirst): string {
  return `r=${first.nonce},s=${Buffer.from(first.salt).toString('base64')},i=${first.iterations}`
}

/** saslname: `=2C` and `=3D` stand for comma and equals sign; no other use of `=`. */
export function encodeName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C')
}

function decodeName(text: string): string | undefined {
  if (text === '' || /=(?!2C|3D)|\0/.test(text)) return undefined
  return text.replaceAll('=2C', ',').replaceAll('=3D', '=')
}

function isNonce(text: string): boolean {
  return text.length <= maxNonceCharacters && noncePattern.test(text)
}
