/** A letter that was written, as Email/set takes it. RFC 8621 §4.6 */
import type { Id, JsonObject } from '#protocols/jmap/wire.ts'
import type { Attachment, Content } from './content.ts'

type Part = { readonly [name: string]: unknown }

export function emailObject(
  content: Content,
  { mailboxId, sentAt, messageId }: { readonly mailboxId: Id; readonly sentAt: string; readonly messageId: string },
): JsonObject {
  const { from, to, cc, bcc, subject, inReplyTo, references, text, html, format } = content
  const orNull = <Value>(list: readonly Value[]) => (list.length > 0 ? list : null)
  const email = {
    mailboxIds: { [mailboxId]: true },
    keywords: { $draft: true, $seen: true },
    from: [from],
    to: orNull(to),
    cc: orNull(cc),
    bcc: orNull(bcc),
    subject,
    sentAt,
    messageId: [messageId],
    inReplyTo,
    references,
    bodyStructure: bodyOf(content),
    bodyValues: {
      text: { value: text },
      ...(format === 'rich' && { html: { value: documentOf(html) } }),
    },
  }
  return Object.fromEntries(Object.entries(email).filter(([, value]) => value !== null)) as JsonObject
}

function bodyOf({ format, attachments, html }: Content): Part {
  const ready = attachments.filter(one => one.blobId !== undefined)
  const isInText = ({ cid }: Attachment) => format === 'rich' && cid !== undefined && html.includes(`cid:${cid}`)
  const text: Part = { type: 'text/plain', partId: 'text' }
  const rich = several('related', [{ type: 'text/html', partId: 'html' }, ...ready.filter(isInText).map(inlinePart)])
  const body = format === 'rich' ? several('alternative', [text, rich]) : text
  return several('mixed', [body, ...ready.filter(one => !isInText(one)).map(attachedPart)])
}

function several(subtype: string, parts: readonly Part[]): Part {
  const [only] = parts
  return parts.length === 1 && only ? only : { type: `multipart/${subtype}`, subParts: parts }
}

function attachedPart({ blobId, type, name }: Attachment): Part {
  return { blobId, type, name, disposition: 'attachment' }
}

function inlinePart({ blobId, type, name, cid }: Attachment): Part {
  return { blobId, type, name, cid, disposition: 'inline' }
}

function documentOf(html: string): string {
  return `<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>${html}</body></html>`
}
