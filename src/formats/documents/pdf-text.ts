/** The text of a PDF, page by page, by pdf.js. Only for a thread of its own that others can end: what a hostile file costs is not bounded here. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { maxPages } from './limits.ts'

const folder = join(fileURLToPath(import.meta.resolve('pdfjs-dist/package.json')), '..')

export function isPdf(bytes: Uint8Array): boolean {
  // ISO 32000-1 Annex H.3.4.1: within the first 1024 octets
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024)).includes('%PDF-')
}

/** Its beginning, about `maxUnits` UTF-16 units. `bytes` are used up. Throws what pdf.js throws: damage, or a password. */
export async function pdfText(bytes: Uint8Array, maxUnits: number): Promise<string> {
  const { getDocument } = await import('pdfjs-dist/legacy/build/pdf.mjs')
  const task = getDocument({
    data: bytes,
    // errors only
    verbosity: 0,
    disableFontFace: true,
    useSystemFonts: false,
    useWorkerFetch: false,
    useWasm: false,
    enableXfa: false,
    // fonts of East Asia that are not embedded are named by these
    cMapUrl: join(folder, 'cmaps/'),
    cMapPacked: true,
    standardFontDataUrl: join(folder, 'standard_fonts/'),
  })
  try {
    const document = await task.promise
    const pages: string[] = []
    let units = 0
    for (let number = 1; number <= Math.min(document.numPages, maxPages) && units < maxUnits; number++) {
      const page = await document.getPage(number)
      const { items } = await page.getTextContent()
      const text = items.map(item => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join('')
      page.cleanup()
      units += text.length
      pages.push(text)
    }
    return pages.join('\n').slice(0, maxUnits)
  } finally {
    await task.destroy()
  }
}
