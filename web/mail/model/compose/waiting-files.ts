/** Files of a letter that wait for the network: their octets stand in this browser until the server has them. */
import type { Id } from '#protocols/jmap/wire.ts'
import type { Attachment, Content } from './content.ts'

/** What the server has of it lacks a file. */
export function waitsForNetwork({ attachments }: Pick<Content, 'attachments'>): boolean {
  return attachments.some(({ isKept, blobId }) => isKept && blobId === undefined)
}

/** Files that are going up, or did not, and wait for nothing. */
export function isIncomplete({ attachments }: Pick<Content, 'attachments'>): boolean {
  return attachments.some(({ blobId, progress }) => blobId === undefined && progress !== 'waiting')
}

/** Of those that stand in this browser */
export function keptKeys({ attachments }: Pick<Content, 'attachments'>): readonly string[] {
  return attachments.filter(({ isKept }) => isKept).map(({ key }) => key)
}

export function withBlob(content: Content, key: string, blobId: Id): Content {
  return withFile(content, key, { blobId, progress: 1 })
}

export function withFile(content: Content, key: string, patch: Partial<Attachment>): Content {
  return { ...content, attachments: content.attachments.map(one => (one.key === key ? { ...one, ...patch } : one)) }
}

export function keptNoMore(content: Content): Content {
  return { ...content, attachments: content.attachments.map(withoutMark) }
}

function withoutMark({ key, name, type, sizeBytes, blobId, cid, progress }: Attachment): Attachment {
  return { key, name, type, sizeBytes, blobId, cid, progress }
}

/** As a page left it that is gone: what was going up waits where it stands here, and has failed where it does not. */
export function asLeft(content: Content): Content {
  const attachments = content.attachments.map(one =>
    one.blobId === undefined ? ({ ...one, progress: one.isKept ? 'waiting' : 'failed' } as const) : one,
  )
  return { ...content, attachments }
}
