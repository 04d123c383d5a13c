/** Documents for tests: a PDF whose text is in UTF-16 by a font that is not embedded, and zips. */
import { crc32, deflateRawSync } from 'node:zlib'
import { concatBytes, utf8 } from '#base/bytes.ts'

/** What lies beside the page is no text of it: small type. ISO 32000-1, as little of it as readers ask for: one text to a page, in the order of its lines */
export function pdfOf(pages: readonly string[], { deflate = false } = {}): Uint8Array {
  const font =
    '<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiMin-W3 /Encoding /UniJIS-UTF16-H /DescendantFonts [4 0 R] >>'
  const descendant =
    '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiMin-W3 /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 5 >> /DW 1000 >>'
  const kids = pages.map((_, index) => `${5 + 2 * index} 0 R`).join(' ')
  const objects: Uint8Array[] = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    font,
    descendant,
  ].map(object => utf8(object))
  for (const [index, page] of pages.entries()) {
    const resources = '<< /Font << /F1 3 0 R >> >>'
    const content = 6 + 2 * index
    objects.push(
      utf8(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources ${resources} /Contents ${content} 0 R >>`),
      stream(utf8(contentOf(page)), deflate),
    )
  }
  return joinObjects(objects)
}

function contentOf(page: string): string {
  const lines = page.split('\n').map((line, index) => {
    const hex = Buffer.from(line, 'utf16le').swap16().toString('hex')
    return `BT /F1 5 Tf 20 ${800 - 20 * index} Td <${hex}> Tj ET`
  })
  return lines.join('\n')
}

/** An object of it: content, deflated or as it is */
export function stream(content: Uint8Array, deflate: boolean): Uint8Array {
  // zlib's header and checksum around it: readers do not look at the latter
  const octets = deflate
    ? concatBytes([Uint8Array.of(0x78, 0x9c), deflateRawSync(content), new Uint8Array(4)])
    : content
  const head = `<< /Length ${octets.length}${deflate ? ' /Filter /FlateDecode' : ''} >>\nstream\n`
  return concatBytes([utf8(head), octets, utf8('\nendstream')])
}

export function joinObjects(objects: readonly Uint8Array[]): Uint8Array {
  const pieces: Uint8Array[] = [utf8('%PDF-1.7\n')]
  const places: number[] = []
  let at = 9
  const add = (piece: Uint8Array) => {
    pieces.push(piece)
    at += piece.length
  }
  for (const [index, object] of objects.entries()) {
    places.push(at)
    add(concatBytes([utf8(`${index + 1} 0 obj\n`), object, utf8('\nendobj\n')]))
  }
  const table = places.map(place => `${String(place).padStart(10, '0')} 00000 n \n`).join('')
  const size = objects.length + 1
  const start = at
  add(
    utf8(
      `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer << /Size ${size} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`,
    ),
  )
  return concatBytes(pieces)
}

/** APPNOTE 4.3: deflated files and their directory */
export function zipOf(files: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  const pieces: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let at = 0
  for (const [name, given] of Object.entries(files)) {
    const content = typeof given === 'string' ? utf8(given) : given
    const packed = deflateRawSync(content)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(content), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(content.length, 18)
    common.writeUInt16LE(utf8(name).length, 22)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(at, 10)
    directory.push(Buffer.from('504b01021400', 'hex'), common, place, utf8(name))
    const entry = concatBytes([Buffer.from('504b0304', 'hex'), common, utf8(name), packed])
    pieces.push(entry)
    at += entry.length
  }
  const central = concatBytes(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Object.keys(files).length, 8)
  end.writeUInt16LE(Object.keys(files).length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(at, 16)
  return concatBytes([...pieces, central, end])
}

export function docxOf(paragraphs: readonly string[]): Uint8Array {
  // each character a run of its own, as word processors cut them anywhere
  const runs = (text: string) =>
    Array.from(
      text,
      char => `<w:r><w:t xml:space="preserve">${char.replace('&', '&amp;').replace('<', '&lt;')}</w:t></w:r>`,
    ).join('')
  const body = paragraphs.map(text => `<w:p>${runs(text)}<w:instrText>PAGE</w:instrText></w:p>`).join('')
  return zipOf({
    '[Content_Types].xml': '<Types/>',
    'word/document.xml': `<w:document><w:body>${body}</w:body></w:document>`,
  })
}
