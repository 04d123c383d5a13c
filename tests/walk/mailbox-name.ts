/** Names of mailboxes on the wire: UTF-8 for those who enabled IMAP4rev2 (RFC 9051 §5.1), modified UTF-7 for others (RFC 3501 §5.1.3). */

/** As an astring; octets stand as the characters U+0000 to U+00FF. */
export function writeName(name: string, isRev2: boolean): string {
  if (/^[A-Za-z/]+$/.test(name)) return name
  return `"${isRev2 ? Buffer.from(name).toString('latin1') : name.replaceAll(/[^\x20-\x7e]+/g, shifted)}"`
}

export function readName(octets: string, isRev2: boolean): string {
  if (isRev2) return Buffer.from(octets, 'latin1').toString()
  return octets.replaceAll(/&([^-]*)-/g, (_, base64: string) => {
    const bytes = Buffer.from(base64.replaceAll(',', '/'), 'base64')
    return base64 === ''
      ? '&'
      : bytes
          .subarray(0, bytes.length & ~1)
          .swap16()
          .toString('utf16le')
  })
}

function shifted(text: string): string {
  const base64 = Buffer.from(text, 'utf16le').swap16().toString('base64')
  return `&${base64.replaceAll('=', '').replaceAll('/', ',')}-`
}
