import { asciiText } from '#base/bytes.ts'

const gbk = new TextDecoder('gbk')

/** HZ, RFC 1843: `~{` and `~}` around GB 2312 in seven bits, `~~` for a tilde, `~` at a line's end for nothing. */
export function decodeHz(bytes: Uint8Array): string {
  return asciiText(bytes).replace(/~(?:~|\r?\n|\{([^\r\n]*?)(?:~\}|(?=\r?\n)|$))/g, (all: string, pairs?: string) => {
    if (pairs !== undefined) return gbk.decode(Buffer.from(pairs, 'latin1').map(byte => byte | 0x80))
    return all === '~~' ? '~' : ''
  })
}
