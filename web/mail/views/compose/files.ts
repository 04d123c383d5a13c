/** Files that are put into a letter. */
import type { Composition } from '../../model/compose/composition.ts'
import type { Attachment } from '../../model/compose/content.ts'
import { newKey } from '../../model/compose/desk.ts'
import { type Brought, bringFile } from '../../model/compose/bring-file.ts'
import { upload } from '../../model/compose/upload.ts'
import { withFile } from '../../model/compose/waiting-files.ts'
import { keptFilesBytes } from '../../model/offline/kept-files.ts'
import { sizeText } from '../../model/dates.ts'
import type { Mail } from '../../model/mail.ts'
import { language, t } from '../../texts/texts.ts'
import { localeFor } from '../message-row.tsx'

const uploads = new Map<string, AbortController>()

/** `cid`: of an image in the text. Resolves with the blob, or without where it did not go up; what went wrong has been said. */
export async function addFile(
  mail: Mail,
  composition: Composition,
  file: File,
  cid?: string,
): Promise<string | undefined> {
  const { maxSizeUpload } = mail.client.limits
  if (file.size > maxSizeUpload) {
    const limit = sizeText(maxSizeUpload, localeFor(language.value))
    mail.notices.say(t().writing.tooLarge(file.name, limit))
    return undefined
  }
  const key = newKey()
  const type = file.type || 'application/octet-stream'
  const attachment: Attachment = {
    key,
    name: file.name,
    type,
    sizeBytes: file.size,
    blobId: undefined,
    cid,
    progress: 0,
  }
  composition.change({ attachments: [...composition.content.peek().attachments, attachment] })
  const brought = await bring(mail, composition, { key, file })
  say(mail, file.name, brought.kind)
  return brought.kind === 'up' ? brought.blobId : undefined
}

/** What waited for the network goes up: it is there again. */
export function bringWaiting(mail: Mail, composition: Composition): void {
  for (const { key, name, progress } of composition.content.peek().attachments)
    if (progress === 'waiting' && !uploads.has(key))
      void mail.away
        .peek()
        ?.files.get(key)
        .then(async file => {
          if (file) return say(mail, name, (await bring(mail, composition, { key, file })).kind)
          composition.change({
            attachments: withFile(composition.content.peek(), key, { progress: 'failed' }).attachments,
          })
        })
        .catch(() => undefined)
}

async function bring(
  mail: Mail,
  composition: Composition,
  { key, file }: { readonly key: string; readonly file: Blob },
): Promise<Brought> {
  const { client, away, isLinked } = mail
  const controller = new AbortController()
  uploads.set(key, controller)
  const parts = { client, upload, away: () => away.peek(), isLinked: () => isLinked.peek() }
  try {
    return await bringFile(parts, composition, { key, file, signal: controller.signal })
  } finally {
    uploads.delete(key)
  }
}

function say(mail: Mail, name: string, kind: Brought['kind']): void {
  const limit = () => sizeText(keptFilesBytes, localeFor(language.value))
  if (kind === 'failed') mail.notices.say(t().writing.uploadFailed(name))
  if (kind === 'too-much') mail.notices.say(t().away.filesTooMuch(name, limit()))
  if (kind === 'no-room') mail.notices.say(t().away.fileNoRoom(name))
}

export function removeFile(mail: Mail, composition: Composition, key: string): void {
  uploads.get(key)?.abort()
  const { attachments } = composition.content.peek()
  if (attachments.some(one => one.key === key && one.isKept))
    mail.away
      .peek()
      ?.files.drop([key])
      .catch(() => undefined)
  composition.change({ attachments: attachments.filter(one => one.key !== key) })
}

export function newContentId(): string {
  return `${crypto.randomUUID()}@hikyaku`
}

export function filesOf(data: DataTransfer | null): readonly File[] {
  return [...(data?.files ?? [])]
}
