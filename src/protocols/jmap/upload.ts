/** RFC 8620 §6.1: octets come, a blob id goes back. */
import { readAccountId } from '#mail/object-ids.ts'
import { sendJson, sendProblem } from './answer.ts'
import { uploadSilenceMs, uploadTotalMs } from './limits.ts'
import { mediaType } from './media-type.ts'
import { bodyOf, BodyTooSlow, PeerLeft } from './receive.ts'
import { paths } from './session-object.ts'
import type { Asked } from './site.ts'
import { limitReached, plainProblem } from './syntax/problem.ts'
import type { UploadResponse } from './wire.ts'

export async function serveUpload(asked: Asked): Promise<void> {
  const { visit, login, options, uploadsUnderWay } = asked
  const { request, response } = visit
  const [, accountId = ''] = /^([^/]+)\/?$/.exec(visit.path.slice(paths.upload.length)) ?? []
  if (readAccountId(accountId) !== login.account)
    return sendProblem(response, plainProblem(404, 'Not Found', 'This account is not yours'))
  if (login.readOnly) return sendProblem(response, plainProblem(403, 'Forbidden', 'This token is for reading'))
  using underWay = uploadsUnderWay.begin(login.account)
  if (!underWay)
    return sendProblem(response, limitReached('maxConcurrentUpload', 'Too many uploads of this account are under way'))
  const maxBytes = options.maxSizeUpload
  try {
    const chunks = bodyOf(request, { silenceMs: uploadSilenceMs, totalMs: uploadTotalMs })
    const expectedBytes = Number(request.headers['content-length'] ?? 0)
    const upload = await options.uploads.keep(login.account, chunks, { maxBytes, expectedBytes })
    if ('refused' in upload) return await refuse(asked, upload.refused)
    const answer: UploadResponse = {
      accountId,
      blobId: upload.id,
      type: mediaType(request.headers['content-type']) ?? 'application/octet-stream',
      size: upload.sizeBytes,
    }
    await sendJson(response, answer, 201)
  } catch (error) {
    if (error instanceof BodyTooSlow)
      return sendProblem(response, plainProblem(408, 'Request Timeout', 'The upload comes too slowly'))
    if (!(error instanceof PeerLeft) && !request.destroyed) throw error
  }
}

function refuse({ visit, options }: Asked, refused: 'too-large' | 'no-room'): Promise<void> {
  if (refused === 'too-large')
    return sendProblem(
      visit.response,
      limitReached('maxSizeUpload', `An upload has at most ${options.maxSizeUpload} octets`, 413),
    )
  const problem = plainProblem(507, 'Insufficient Storage', 'There is no room for further uploads now')
  return sendProblem(visit.response, problem, { 'retry-after': '600' })
}
