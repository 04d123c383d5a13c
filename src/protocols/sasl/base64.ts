/** Base64 as SASL profiles carry it. RFC 4648 §4: canonical, no line ends, nothing else. */

const pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Undefined for anything that is not base64. */
export function fromBase64(text: string): Uint8Array | undefined {
  return pattern.test(text) ? new Uint8Array(Buffer.from(text, 'base64')) : undefined
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}

/** An initial response on the command line: `=` stands for an empty one. RFC 4954 §4, RFC 5034 §4, RFC 4959 §3 */
export function initialFromBase64(text: string): Uint8Array | undefined {
  return text === '=' ? new Uint8Array(0) : fromBase64(text)
}
