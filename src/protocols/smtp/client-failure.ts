import type { SmtpReply } from '#formats/smtp-reply.ts'

/** A connection that could not be made ready. `reply` is always transient. */
export class ClientFailure extends Error {
  override readonly name = 'ClientFailure'
  readonly reply: SmtpReply
  /** TLS itself failed: an opportunistic client may come again without */
  readonly inTls: boolean
  /** TLS failed, was refused or was not offered */
  get aboutTls(): boolean {
    return this.inTls || this.reply.enhanced === '4.7.4'
  }
  constructor(reply: SmtpReply, options: { inTls?: boolean; cause?: unknown } = {}) {
    super(reply.lines.join(' '), { cause: options.cause })
    this.reply = reply
    this.inTls = options.inTls ?? false
  }
}
