/** Which parts of a letter are documents whose text can be read: PDF, and the office formats that are XML in a zip. */
import { concatBytes } from '#base/bytes.ts'
import type { ByteReader } from '#formats/message/byte-reader.ts'
import type { Part } from '#formats/message/structure.ts'
import { leaves, partName } from '#formats/message/text-of.ts'
import { transferDecoder } from '#formats/message/transfer-stream.ts'
import { maxDocumentBytes, maxDocuments, maxLetterDocumentBytes } from './limits.ts'

const types =
  /^(?:application\/(?:x-)?pdf|application\/vnd\.(?:openxmlformats-officedocument|oasis\.opendocument)\.[\w.-]+)$/
const names = /\.(?:pdf|docx|docm|xlsx|xlsm|pptx|pptm|odt|ods|odp)$/i

/** By the type said, or by the name: many senders say application/octet-stream. */
export function documentParts(reader: ByteReader, root: Part): readonly Part[] {
  return leaves(root)
    .filter(part => isDocument(reader, part))
    .slice(0, maxDocuments)
}

function isDocument(reader: ByteReader, part: Part): boolean {
  if (part.type === 'text' || part.bodyEnd - part.bodyStart > maxDocumentBytes * 2) return false
  if (types.test(`${part.type}/${part.subtype}`)) return true
  return part.type === 'application' && names.test(partName(reader, part) ?? '')
}

/** Their octets, as many as may be read together. */
export function readDocuments(reader: ByteReader, root: Part): readonly Uint8Array[] {
  const documents: Uint8Array[] = []
  let left = maxLetterDocumentBytes
  for (const part of documentParts(reader, root)) {
    const octets = contentOf(reader, part)
    if (!octets || octets.length > maxDocumentBytes || octets.length > left) continue
    left -= octets.length
    documents.push(octets)
  }
  return documents
}

const windowBytes = 256 * 1024

/** Undefined: in an encoding that nobody knows. */
function contentOf(reader: ByteReader, part: Part): Uint8Array | undefined {
  const decoder = transferDecoder(part.encoding)
  if (!decoder) return undefined
  const pieces: Uint8Array[] = []
  for (let at = part.bodyStart; at < part.bodyEnd; at += windowBytes)
    // the bytes of a reader hold only until the next read
    pieces.push(decoder.push(reader.read(at, Math.min(windowBytes, part.bodyEnd - at))).slice())
  return concatBytes([...pieces, decoder.end()])
}
