/** Email/set create: what a client describes becomes a letter with its blobs. RFC 8621 §4.6 */
import { randomUUID } from 'node:crypto'
import { asciiText } from '#base/bytes.ts'
import type { EmailCreation } from '#mail/account-settings.ts'
import { dateField, messageId, messageIdField } from '#formats/message/trace-fields.ts'
import { type Blob, openBlob } from '../blob/open-blob.ts'
import { maxNewHeaderCharacters } from '../limits.ts'
import { type MethodContext, resolvedId } from '../method.ts'
import type { JsonObject, SetError } from '../wire.ts'
import { readNewLetter } from './compose/creation.ts'
import type { Field } from './compose/fields.ts'
import { Invalid } from './compose/invalid.ts'
import { attachedBytes, blobIdsOf, type PartBlob, printLetter } from './compose/letter.ts'
import { letterSource, linesOf } from './compose/source.ts'
import type { NewPart } from './compose/tree.ts'
import { placingOf } from './create.ts'

/** `now`: milliseconds since 1970 */
export async function composeEmail(
  given: JsonObject,
  context: MethodContext,
  now: number,
): Promise<EmailCreation | SetError> {
  const invalid = new Invalid()
  const placing = placingOf(given, { receivedAt: now }, context, invalid)
  const letter = readNewLetter(given, invalid)
  if (invalid.error || !letter) return invalid.error ?? { type: 'invalidProperties' }
  if (headerCharacters(letter.fields, letter.root) > maxNewHeaderCharacters)
    return { type: 'tooLarge', description: 'The header is too long' }
  const opened = await openBlobs(letter.root, context)
  if ('type' in opened) return opened
  if (attachedBytes(letter.root, opened.facts) > context.maxSizeUpload)
    return { type: 'tooLarge', description: `All attachments together have at most ${context.maxSizeUpload} octets` }
  const domain = context.login.address.slice(context.login.address.lastIndexOf('@') + 1)
  const standard = [
    { key: 'date', text: asciiText(dateField(now)) },
    { key: 'message-id', text: asciiText(messageIdField(messageId(domain))) },
  ]
  const boundary = () => randomUUID().replaceAll('-', '')
  const pieces = printLetter(letter, { blobs: opened.facts, standard, boundary })
  return { kind: 'create', message: letterSource(pieces, opened.blobs), ...placing }
}

function headerCharacters(fields: readonly Field[], { content, fields: own }: NewPart): number {
  const sum = [...fields, ...own].reduce((length, { text }) => length + text.length, 0)
  if (content.kind !== 'parts') return sum
  return content.parts.reduce((length, part) => length + headerCharacters([], part), sum)
}

type Opened = { readonly blobs: ReadonlyMap<string, Blob>; readonly facts: ReadonlyMap<string, PartBlob> }

async function openBlobs(root: NewPart, context: MethodContext): Promise<Opened | SetError> {
  const messages = messageBlobs(root)
  const blobs = new Map<string, Blob>()
  const facts = new Map<string, PartBlob>()
  const notFound: string[] = []
  for (const named of blobIdsOf(root)) {
    const blob = await openBlob(context, context.login.account, resolvedId(named, context) ?? '')
    if (!blob) notFound.push(named)
    else {
      blobs.set(named, blob)
      facts.set(named, {
        sizeBytes: blob.sizeBytes,
        lines: messages.has(named) ? await linesOf(blob.open()) : undefined,
      })
    }
  }
  return notFound.length > 0 ? { type: 'blobNotFound', notFound } : { blobs, facts }
}

function messageBlobs({ content, type }: NewPart): ReadonlySet<string> {
  if (content.kind === 'parts') return new Set(content.parts.flatMap(part => [...messageBlobs(part)]))
  return new Set(content.kind === 'blob' && type === 'message/rfc822' ? [content.blobId] : [])
}
