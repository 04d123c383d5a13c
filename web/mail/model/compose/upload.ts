/** A file on its way up, telling how far it is: fetch cannot say, so this is the one place that uses XMLHttpRequest. */
import type { ProblemDetails, UploadResponse } from '#protocols/jmap/wire.ts'
import type { Client } from '../../jmap/client.ts'
import { Fault } from '../../jmap/fault.ts'

export type UploadOptions = {
  /** 0 to 1 */
  readonly onProgress: (part: number) => void
  readonly signal: AbortSignal
}

/** Rejects with a Fault, or with an AbortError. */
export function upload(client: Client, file: Blob, { onProgress, signal }: UploadOptions): Promise<UploadResponse> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', client.uploadPath)
    request.responseType = 'json'
    request.setRequestHeader('content-type', file.type || 'application/octet-stream')
    request.upload.onprogress = ({ lengthComputable, loaded, total }) => lengthComputable && onProgress(loaded / total)
    request.onload = () =>
      request.status === 201 || request.status === 200
        ? resolve(request.response as UploadResponse)
        : reject(faultOf(request))
    request.onerror = () => reject(new Fault('unreachable'))
    request.onabort = () => reject(new DOMException('An upload was given up', 'AbortError'))
    signal.addEventListener('abort', () => request.abort(), { once: true })
    if (signal.aborted) request.abort()
    else request.send(file)
  })
}

function faultOf({ status, response }: XMLHttpRequest): Fault {
  // what stands in front of the server may answer in other words: whether it is worth another try says the number alone
  const told = typeof response === 'object' ? (response as Partial<ProblemDetails> | null) : null
  const about = { problem: { type: 'about:blank', detail: '', ...told, status } } as const
  if (status === 401) return new Fault('signed-out', about)
  return new Fault([502, 503, 504].includes(status) ? 'unreachable' : 'refused', about)
}
