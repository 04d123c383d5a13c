/**
 * Letters with the tree that another parser makes of them, with LF and with CRLF line ends.
 *
 * Compared, for every part: the header fields (names and order; Subject and other text decoded, addresses, dates, Message-IDs,
 * Content-Type and Content-Disposition with decoded parameters), what kind of body it has, where header and body begin and the
 * body ends, the decoded text, the decoded octets. Not compared: Received fields taken apart (nothing here needs that), which
 * parts a mail program shows as text or attachment, and the flag for encoding problems. Blanks in header text are taken as one,
 * since the trees collapse folding.
 */
import { globSync, readFileSync } from 'node:fs'
import { type ByteReader, readerOf } from '#formats/message/byte-reader.ts'
import { type HeaderField, parseHeader } from '#formats/message/header.ts'
import { partText } from '#formats/message/text-of.ts'
import { type Part, parseStructure } from '#formats/message/structure.ts'
import { decodeTransfer } from '#formats/message/transfer.ts'
import { type ExpectedHeader, readValue } from './mail-parser-fields.ts'
import { type CaseResult, type Suite, check, corpus } from './suite.ts'

type Body = 'Multipart' | 'Text' | 'Html' | 'Binary' | 'InlineBinary' | 'Message'
type ExpectedPart = {
  readonly headers: readonly ExpectedHeader[]
  readonly body: { readonly [kind in Body]?: unknown }
  readonly offset_header: number
  readonly offset_body: number
  readonly offset_end: number
}
type Tree = { readonly parts: readonly ExpectedPart[] }
type Differs = (what: string, got: unknown, want: unknown) => void

const folder = new URL('mail-parser/resources/eml/', corpus)

export const messages: readonly Suite[] = ['rfc', 'legacy', 'thirdparty', 'malformed'].map(name => ({
  name: `mail-parser ${name}`,
  run: () =>
    globSync('*.eml', { cwd: new URL(`${name}/`, folder) })
      .sort()
      .flatMap(file => cases(name, file)),
}))

function cases(suite: string, file: string): CaseResult[] {
  const path = new URL(`${suite}/${file}`, folder)
  const raw = readFileSync(path, 'latin1')
  const text = raw.replaceAll('\r', '')
  const tree = (end: string) => JSON.parse(readFileSync(new URL(path.href.replace(/\.eml$/, end)), 'utf8')) as Tree
  const crlf = raw.replaceAll(/\r?\n/g, '\r\n')
  return [
    check(`${suite}/${file} LF`, differs => compareMessage(Buffer.from(text, 'latin1'), tree('.json'), differs)),
    check(`${suite}/${file} CRLF`, differs => compareMessage(Buffer.from(crlf, 'latin1'), tree('.crlf.json'), differs)),
  ]
}

function compareMessage(bytes: Uint8Array, tree: Tree, differs: Differs): void {
  const reader = readerOf(bytes)
  comparePart(reader, parseStructure(reader).root, tree, 0, '0', differs)
}

function comparePart(reader: ByteReader, part: Part, tree: Tree, id: number, path: string, differs: Differs): void {
  const want = tree.parts[id]
  if (!want) return differs(`part ${path}`, part.type, undefined)
  differs(`part ${path} header`, part.headerStart, want.offset_header)
  differs(`part ${path} body`, part.bodyStart, want.offset_body)
  compareHeader(reader, part, want, path, differs)
  const [kind, content] = Object.entries(want.body)[0] ?? []
  if (kind === 'Multipart' && part.kind === 'multipart') {
    const ids = content as number[]
    const children = part.children.filter(child => child.bodyEnd > child.headerStart || ids.length > 0)
    differs(`part ${path} children`, children.length, ids.length)
    children.forEach((child, index) => comparePart(reader, child, tree, ids[index] ?? -1, `${path}.${index}`, differs))
  } else if (kind === 'Message' && part.kind === 'message' && part.children[0]) {
    comparePart(reader, part.children[0], content as Tree, 0, `${path}.m`, differs)
  } else if (part.kind === 'leaf' && kind !== 'Multipart' && kind !== 'Message') {
    differs(`part ${path} end`, part.bodyEnd, want.offset_end)
    if (kind === 'Text' || kind === 'Html') differs(`part ${path} text`, partText(reader, part), content)
    else differs(`part ${path} octets`, octets(reader, part), content)
  } else differs(`part ${path} kind`, part.kind, kind)
}

function octets(reader: ByteReader, part: Part): number[] {
  return [...decodeTransfer(reader.read(part.bodyStart, part.bodyEnd - part.bodyStart), part.encoding)]
}

function compareHeader(reader: ByteReader, part: Part, want: ExpectedPart, path: string, differs: Differs): void {
  const bytes = reader.read(part.headerStart, part.bodyStart - part.headerStart)
  const fields = parseHeader(bytes)
  differs(
    `part ${path} field names`,
    fields.map(field => field.key),
    want.headers.map(nameOf),
  )
  want.headers.forEach((header, index) => {
    const field = fields[index]
    if (field) compareField(bytes, field, header, `part ${path} ${field.name}`, differs)
  })
}

function compareField(
  bytes: Uint8Array,
  field: HeaderField,
  want: ExpectedHeader,
  what: string,
  differs: Differs,
): void {
  const { got, expected } = readValue(bytes, field, want.value)
  differs(what, got, expected)
}

function nameOf(header: ExpectedHeader): string {
  return typeof header.name === 'string' ? header.name.replaceAll('_', '-') : header.name.other.toLowerCase()
}
