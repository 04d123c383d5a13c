/** A file on its way up, telling how far it is: fetch cannot say, so this is the one place that uses XMLHttpRequest. */
import type { UploadResponse } from '#protocols/jmap/wire.ts'
import type { Client } from '../../jmap/client.ts'

export type UploadOptions = {
  /** 0 to 1 */
  readonly onProgress: (part: number) => void
  readonly signal: AbortSignal
}

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
        : reject(new Error(`An upload was answered ${request.status}`))
    request.onerror = () => reject(new Error('An upload was cut'))
    request.onabort = () => reject(new DOMException('An upload was given up', 'AbortError'))
    signal.addEventListener('abort', () => request.abort(), { once: true })
    if (signal.aborted) request.abort()
    else request.send(file)
  })
}
