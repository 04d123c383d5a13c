/** The texts of a letter in which words were found, with these marked. RFC 8621 §5 */
import type { ByteReader } from '#formats/message/byte-reader.ts'
import { parseHeader } from '#formats/message/header.ts'
import { maxHeaderBytes } from '#formats/message/limits.ts'
import { readableText } from '#formats/message/text-of.ts'
import type { TextTerm } from '#formats/search/term.ts'
import { maxSnippetBytes, maxSnippetParts } from '../limits.ts'
import type { SearchSnippet } from '../wire.ts'
import { namedHeaders } from './header-property.ts'
import { headerValue } from './header-value.ts'
import { leavesOf, letterBodies } from './letter-parts.ts'
import { markedPreview, markedText } from './snippet.ts'

export function snippets(reader: ByteReader, terms: readonly TextTerm[]): Omit<SearchSnippet, 'emailId'> {
  const bodies = letterBodies(reader)
  const ofSubject = terms.filter(term => term.in === 'text' || (term.in === 'header' && term.field === 'subject'))
  const ofBody = terms.filter(term => term.in === 'body' || term.in === 'text').map(({ text }) => text)
  const bytes = bodies.root.header.bytes.subarray(0, maxHeaderBytes)
  const how = namedHeaders['subject']
  const subject = how && headerValue({ bytes, fields: parseHeader(bytes, undefined, ['subject']) }, how)
  const needles = ofSubject.map(({ text }) => text)
  return {
    subject: (typeof subject === 'string' ? markedText(subject, needles) : undefined) ?? null,
    preview: ofBody.length > 0 ? (previewIn(reader, bodies.root, ofBody) ?? null) : null,
  }
}

function previewIn(
  reader: ByteReader,
  root: Parameters<typeof leavesOf>[0],
  needles: readonly string[],
): string | undefined {
  const texts = leavesOf(root).filter(({ type }) => type === 'text/plain' || type === 'text/html')
  for (const { part } of texts.slice(0, maxSnippetParts)) {
    const preview = markedPreview(readableText(reader, part, maxSnippetBytes), needles)
    if (preview !== undefined) return preview
  }
  return undefined
}
