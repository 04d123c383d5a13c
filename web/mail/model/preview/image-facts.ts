/** What an image is by its first octets, whatever its sender calls it, and how large it says it is. Pure */

export type ImageType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp' | 'image/avif'
export type ImageFacts = {
  readonly type: ImageType
  /** Undefined: it is said behind what was looked at */
  readonly pixels: number | undefined
}

/** More are not decoded: 400 MB of memory */
export const maxPixels = 100_000_000

/** Undefined: it is none of those that are shown. SVG is none: it is a document that can run. */
export function imageFacts(octets: Uint8Array): ImageFacts | undefined {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  const ascii = (from: number, to: number) => String.fromCharCode(...octets.subarray(from, to))
  if (ascii(0, 8) === '\x89PNG\r\n\x1a\n') return { type: 'image/png', pixels: pngPixels(view) }
  if (octets[0] === 0xff && octets[1] === 0xd8 && octets[2] === 0xff)
    return { type: 'image/jpeg', pixels: jpegPixels(view) }
  if (/^GIF8[79]a$/.test(ascii(0, 6)))
    return {
      type: 'image/gif',
      pixels: octets.length < 10 ? undefined : view.getUint16(6, true) * view.getUint16(8, true),
    }
  if (ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'WEBP')
    return { type: 'image/webp', pixels: webpPixels(view, ascii(12, 16)) }
  if (ascii(4, 8) === 'ftyp' && /^avi[fs]/.test(ascii(8, 12))) return { type: 'image/avif', pixels: avifPixels(view) }
  return undefined
}

/** PNG §11.2.2 */
function pngPixels(view: DataView): number | undefined {
  return view.byteLength < 24 ? undefined : view.getUint32(16) * view.getUint32(20)
}

/** ITU T.81 §B.2.2: the first frame header, segment by segment */
function jpegPixels(view: DataView): number | undefined {
  let at = 2
  while (at + 9 < view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1)
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) return view.getUint16(at + 5) * view.getUint16(at + 7)
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2)
  }
  return undefined
}

/** RFC 9649 §2.5 to §2.7 */
function webpPixels(view: DataView, chunk: string): number | undefined {
  if (view.byteLength < 30) return undefined
  if (chunk === 'VP8 ') return (view.getUint16(26, true) & 0x3fff) * (view.getUint16(28, true) & 0x3fff)
  if (chunk === 'VP8L') {
    const bits = view.getUint32(21, true)
    return ((bits & 0x3fff) + 1) * (((bits >>> 14) & 0x3fff) + 1)
  }
  const three = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 65_536
  return chunk === 'VP8X' ? (three(24) + 1) * (three(27) + 1) : undefined
}

/** ISO/IEC 23008-12 §6.5.3: the largest `ispe` box */
function avifPixels(view: DataView): number | undefined {
  let most: number | undefined
  for (let at = 4; at + 16 <= view.byteLength; at++)
    if (view.getUint32(at) === 0x69737065) most = Math.max(most ?? 0, view.getUint32(at + 8) * view.getUint32(at + 12))
  return most
}
