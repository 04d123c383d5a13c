import { asciiText } from '#base/bytes.ts'

const base64Run = /\+([A-Za-z0-9+/]*)-?/g

/** UTF-7, RFC 2152. Bytes over 0x7f do not exist in it and stand for themselves. */
export function decodeUtf7(bytes: Uint8Array): string {
  return asciiText(bytes).replace(base64Run, (_, run: string) => (run === '' ? '+' : utf16(run)))
}

function utf16(run: string): string {
  const units = Buffer.from(run, 'base64')
  let text = ''
  for (let at = 0; at + 1 < units.length; at += 2) text += String.fromCharCode(units.readUInt16BE(at))
  return text.toWellFormed()
}
