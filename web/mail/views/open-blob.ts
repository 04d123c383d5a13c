/** Octets of a letter's part: from the server, or from what is kept in this browser. */
import type { Id } from '#protocols/jmap/wire.ts'
import { ask } from '../jmap/request.ts'
import { saveFile } from '../letter/save-file.ts'
import type { Mail } from '../model/mail.ts'

export async function openBlob(
  { away, isLinked }: Pick<Mail, 'away' | 'isLinked'>,
  blobId: Id,
  url: string,
  signal?: AbortSignal,
): Promise<Blob> {
  const kept = isLinked.peek() ? undefined : await away.peek()?.blob(blobId)
  return kept ?? (await ask(url, { signal })).blob()
}

/** Without a network a link leads nowhere: what is kept is handed out instead. False: it is not kept. */
export async function saveKept(mail: Pick<Mail, 'away'>, blobId: Id, name: string): Promise<boolean> {
  const blob = await mail.away.peek()?.blob(blobId)
  if (!blob) return false
  saveFile(blob, name)
  return true
}
