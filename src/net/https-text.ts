/**
 * One small text over HTTPS, by an address that is known already (names are never looked up behind our back). No redirect is followed, the
 * certificate must hold for the name, and time and size are bounded.
 */
import { request } from 'node:https'

export type HttpsTextOptions = {
  /** In the certificate, the request and SNI */
  readonly host: string
  readonly address: string
  /** 443 */
  readonly port?: number
  readonly path: string
  /** PEM; the system's authorities when absent */
  readonly ca?: string | readonly string[]
  readonly maxBytes: number
  readonly timeoutMs: number
}

export type HttpsText = { readonly status: number; readonly contentType: string; readonly text: string }

/** Rejects for whatever went wrong on the way. */
export function httpsText(options: HttpsTextOptions, signal?: AbortSignal): Promise<HttpsText> {
  const { host, address, path, port = 443, ca, maxBytes, timeoutMs } = options
  const deadline = AbortSignal.any([...(signal ? [signal] : []), AbortSignal.timeout(timeoutMs)])
  const { promise, resolve, reject } = Promise.withResolvers<HttpsText>()
  const asked = request(
    {
      host: address,
      port,
      path,
      method: 'GET',
      servername: host,
      headers: { host: port === 443 ? host : `${host}:${port}`, accept: 'text/plain', connection: 'close' },
      agent: false,
      signal: deadline,
      ...(ca !== undefined && { ca: typeof ca === 'string' ? ca : [...ca] }),
    },
    response => {
      const chunks: Buffer[] = []
      let length = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        length += chunk.length
        if (length > maxBytes) asked.destroy(new Error(`The answer is larger than ${maxBytes} octets`))
      })
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          contentType: response.headers['content-type'] ?? '',
          text: Buffer.concat(chunks).toString(),
        }),
      )
    },
  )
  asked.on('error', reject)
  asked.end()
  return promise
}
