/** `mailto:` URIs. RFC 6068 */
import { canonicalAddress } from './address.ts'

export type Mailto = {
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly bcc: readonly string[]
  readonly subject?: string
  readonly body?: string
  /** Other fields in the order of the URI, names as written; whoever sends decides which are harmless (§4) */
  readonly fields: readonly (readonly [name: string, value: string])[]
}

const maxUriLength = 8_000

/** Undefined for what is no such URI, or one with an address that is none. */
export function parseMailto(uri: string): Mailto | undefined {
  const [, path, query = ''] = /^mailto:([^?#]*)(?:\?([^#]*))?$/i.exec(uri) ?? []
  if (path === undefined || uri.length > maxUriLength) return undefined
  const found = { to: addressesOf(path), cc: [] as string[], bcc: [] as string[] }
  const fields: (readonly [string, string])[] = []
  let subject: string | undefined
  let body: string | undefined
  for (const piece of query === '' ? [] : query.split('&')) {
    const at = piece.indexOf('=')
    const name = decode(at < 0 ? piece : piece.slice(0, at))
    const value = decode(at < 0 ? '' : piece.slice(at + 1))
    if (name === undefined || value === undefined || name === '') return undefined
    const key = name.toLowerCase()
    if (key === 'to' || key === 'cc' || key === 'bcc') found[key].push(...value.split(',').map(text => text.trim()))
    else if (key === 'subject') subject = value
    else if (key === 'body') body = value
    else fields.push([name, value])
  }
  if (![...found.to, ...found.cc, ...found.bcc].every(text => canonicalAddress(text) !== undefined)) return undefined
  return { ...found, fields, ...(subject !== undefined && { subject }), ...(body !== undefined && { body }) }
}

/** Undecodable ones come back as they are: they are no addresses then. */
function addressesOf(path: string): string[] {
  return path === '' ? [] : path.split(',').map(text => decode(text)?.trim() ?? text)
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
