/** Files that are put into a letter. */
import type { Composition } from '../../model/compose/composition.ts'
import type { Attachment } from '../../model/compose/content.ts'
import { newKey } from '../../model/compose/desk.ts'
import { upload } from '../../model/compose/upload.ts'
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
  const change = (patch: Partial<Attachment>) =>
    composition.change({
      attachments: composition.content.peek().attachments.map(one => (one.key === key ? { ...one, ...patch } : one)),
    })
  const controller = new AbortController()
  uploads.set(key, controller)
  try {
    const { blobId } = await upload(mail.client, file, {
      signal: controller.signal,
      onProgress: progress => change({ progress }),
    })
    change({ blobId, progress: 1 })
    return blobId
  } catch {
    if (controller.signal.aborted) return undefined
    change({ progress: 'failed' })
    mail.notices.say(t().writing.uploadFailed(file.name))
    return undefined
  } finally {
    uploads.delete(key)
  }
}

export function removeFile(composition: Composition, key: string): void {
  uploads.get(key)?.abort()
  composition.change({ attachments: composition.content.peek().attachments.filter(one => one.key !== key) })
}

export function newContentId(): string {
  return `${crypto.randomUUID()}@hikyaku`
}

export function filesOf(data: DataTransfer | null): readonly File[] {
  return [...(data?.files ?? [])]
}
