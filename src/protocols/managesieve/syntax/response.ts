/** What the server says. RFC 5804 §1.3, §4 */
import { maxQuotedBytes } from './limits.ts'

/** RFC 5804 §1.3; `TAG` of NOOP and `SASL` carry a string */
export type ResponseCode =
  | 'AUTH-TOO-WEAK'
  | 'ENCRYPT-NEEDED'
  | 'QUOTA'
  | 'QUOTA/MAXSCRIPTS'
  | 'QUOTA/MAXSIZE'
  | 'TRYLATER'
  | 'ACTIVE'
  | 'NONEXISTENT'
  | 'ALREADYEXISTS'
  | 'WARNINGS'
  | { readonly tag: Uint8Array }
  | { readonly sasl: string }

/** Quoted where it may be, else a literal. */
export function printString(value: Uint8Array | string): string | Uint8Array {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  const isQuotable = bytes.length <= maxQuotedBytes && !/[\0\r\n]/.test(text) && isUtf8(bytes)
  if (isQuotable) return `"${Buffer.from(bytes).toString().replace(/["\\]/g, '\\$&')}"`
  return Buffer.concat([Buffer.from(`{${bytes.length}}\r\n`), bytes])
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

export function printStatus(
  status: 'OK' | 'NO' | 'BYE',
  text: string,
  code: ResponseCode | undefined,
): readonly (string | Uint8Array)[] {
  const parts: (string | Uint8Array)[] = [status]
  if (typeof code === 'string') parts.push(` (${code})`)
  else if (code && 'tag' in code) parts.push(' (TAG ', printString(code.tag), ')')
  else if (code) parts.push(' (SASL ', printString(code.sasl), ')')
  if (text !== '') parts.push(' ', printString(text))
  return [...parts, '\r\n']
}
