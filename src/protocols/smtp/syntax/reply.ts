/** Replies on the wire. RFC 5321 §4.2, enhanced status codes RFC 2034 §4. */
import type { SmtpReply } from '#formats/smtp-reply.ts'
import { maxReplyLines } from '../limits.ts'

/** With CRLF on each line. The enhanced code stands on every line. */
export function printReplyLines(reply: SmtpReply): string {
  const prefix = reply.enhanced === undefined ? '' : `${reply.enhanced} `
  const lines = reply.lines.length === 0 ? [''] : reply.lines
  let text = ''
  for (let at = 0; at < lines.length; at++)
    text += `${reply.code}${at === lines.length - 1 ? ' ' : '-'}${prefix}${clean(lines[at] ?? '')}\r\n`
  return text
}

/** Words of a further peer or a file may hold anything: one line stays one line. */
function clean(line: string): string {
  return /[\u0000-\u001f\u007f]/.test(line) ? line.replace(/[\u0000-\u001f\u007f]+/g, ' ').trimEnd() : line
}

const shape = /^([2-5]\d\d)([ -]?)(.*)$/s
const enhancedShape = /^([245]\.\d{1,3}\.\d{1,3})(?: (.*)|$)/s

/** Takes lines until a reply is whole. `problem` when the peer does not speak replies. */
export class ReplyReader {
  #code = 0
  #enhanced: string | undefined
  #lines: string[] = []

  add(line: Uint8Array): SmtpReply | 'more' | 'problem' {
    const match = shape.exec(Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8'))
    if (!match) return 'problem'
    const code = Number(match[1])
    if (this.#lines.length > 0 && code !== this.#code) return 'problem'
    if (this.#lines.length >= maxReplyLines) return 'problem'
    this.#code = code
    this.#take(match[3] ?? '')
    return match[2] === '-' ? 'more' : this.#finish()
  }

  /** An enhanced code counts when its class is the reply's; otherwise it is text. */
  #take(text: string): void {
    const enhanced = enhancedShape.exec(text)
    const fits = enhanced?.[1]?.startsWith(String(Math.floor(this.#code / 100))) ?? false
    if (this.#lines.length === 0 && fits) this.#enhanced = enhanced?.[1]
    this.#lines.push(fits && enhanced?.[1] === this.#enhanced ? (enhanced?.[2] ?? '') : text)
  }

  #finish(): SmtpReply {
    const code = this.#code
    const lines = this.#lines
    const enhanced = this.#enhanced
    const reply: SmtpReply = enhanced === undefined ? { code, lines } : { code, enhanced, lines }
    this.#lines = []
    this.#enhanced = undefined
    return reply
  }
}
