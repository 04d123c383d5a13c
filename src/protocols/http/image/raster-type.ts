/**
 * What an image is by its first octets: what its server calls it decides nothing. Only formats that hold pixels and no more; SVG can hold
 * scripts and links, so it is none of them.
 */
export type RasterType =
  | 'image/png'
  | 'image/jpeg'
  | 'image/gif'
  | 'image/webp'
  | 'image/avif'
  | 'image/bmp'
  | 'image/x-icon'

/** So many octets suffice to tell. */
export const tellingOctets = 32

/** Undefined: none of them. */
export function rasterTypeOf(octets: Uint8Array): RasterType | undefined {
  const head = Buffer.from(octets.buffer, octets.byteOffset, Math.min(octets.length, tellingOctets))
  const text = head.toString('latin1')
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (/^GIF8[79]a/.test(text)) return 'image/gif'
  if (/^RIFF[\s\S]{4}WEBPVP8[ LX]/.test(text)) return 'image/webp'
  if (/^[\s\S]{4}ftypavi[fs]/.test(text) || /^[\s\S]{4}ftypmif1[\s\S]{4}(?:[\s\S]{4})*?avif/.test(text))
    return 'image/avif'
  if (isBitmap(head)) return 'image/bmp'
  if (/^\0\0\x01\0[^\0]\0/.test(text)) return 'image/x-icon'
  return undefined
}

/** Its two letters begin many a text: the size of the second header must be one of those there are. */
function isBitmap(head: Buffer): boolean {
  return head.length >= 18 && head.toString('latin1', 0, 2) === 'BM' && headerSizes.has(head.readUInt32LE(14))
}

const headerSizes: ReadonlySet<number> = new Set([12, 40, 52, 56, 64, 108, 124])
