/** A file on its way into a letter: to the server, or where nobody answers onto the shelf, from which it goes up later. */
import type { Id, UploadResponse } from '#protocols/jmap/wire.ts'
import type { Client } from '../../jmap/client.ts'
import { Fault } from '../../jmap/fault.ts'
import type { Away } from '../away.ts'
import type { Composition } from './composition.ts'
import type { Attachment } from './content.ts'
import type { UploadOptions } from './upload.ts'
import { withFile } from './waiting-files.ts'

export type BringParts = {
  readonly client: Client
  readonly away: () => Away | undefined
  readonly isLinked: () => boolean
  readonly upload: (client: Client, file: Blob, options: UploadOptions) => Promise<UploadResponse>
}

export type Brought =
  | { readonly kind: 'up'; readonly blobId: Id }
  /** `too-much`, `no-room`: it could not be kept for later, and stands in the letter no more */
  | { readonly kind: 'kept' | 'failed' | 'given-up' | 'too-much' | 'no-room' }

type Bringing = { readonly key: string; readonly file: Blob; readonly signal: AbortSignal }

/** The file stands in the letter's content already, under this key. */
export async function bringFile(parts: BringParts, composition: Composition, given: Bringing): Promise<Brought> {
  const { key, file, signal } = given
  const change = (patch: Partial<Attachment>) =>
    composition.change({ attachments: withFile(composition.content.peek(), key, patch).attachments })
  if (!parts.isLinked()) return keep(parts, composition, given)
  try {
    change({ progress: 0 })
    const { blobId } = await parts.upload(parts.client, file, { signal, onProgress: progress => change({ progress }) })
    change({ blobId, progress: 1 })
    return { kind: 'up', blobId }
  } catch (error) {
    if (signal.aborted) return { kind: 'given-up' }
    if (error instanceof Fault && error.kind === 'unreachable' && parts.away()) return keep(parts, composition, given)
    change({ progress: 'failed' })
    return { kind: 'failed' }
  }
}

async function keep(parts: BringParts, composition: Composition, { key, file, signal }: Bringing): Promise<Brought> {
  const all = () => composition.content.peek().attachments
  const isKept = all().some(one => one.key === key && one.isKept)
  const how = isKept
    ? 'kept'
    : ((await parts
        .away()
        ?.files.keep(key, file)
        .catch(() => undefined)) ?? 'no-room')
  if (signal.aborted) {
    // taken out of the letter meanwhile: nobody asks for it any more
    await parts
      .away()
      ?.files.drop([key])
      .catch(() => undefined)
    return { kind: 'given-up' }
  }
  if (how === 'kept') {
    // an image of the text has no address to be shown by: it goes along as a file
    const patch = { progress: 'waiting', isKept: true, cid: undefined } as const
    composition.change({ attachments: withFile(composition.content.peek(), key, patch).attachments })
    // from now on a page that comes later finds it
    await composition.save().catch(() => undefined)
  } else composition.change({ attachments: all().filter(one => one.key !== key) })
  return { kind: how }
}
