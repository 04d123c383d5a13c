/** What a command decides; the server carries it out. */
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { OpenMail, Session } from './session.ts'
import type { SmtpCommand, Verb } from './syntax/command.ts'

export type Outcome =
  | { readonly kind: 'reply'; readonly reply: SmtpReply }
  /** Says it and closes */
  | { readonly kind: 'close'; readonly reply: SmtpReply }
  | { readonly kind: 'tls' }
  | { readonly kind: 'data'; readonly mail: OpenMail }
  | { readonly kind: 'chunk'; readonly sizeBytes: number; readonly last: boolean }
  /** A BDAT whose octets follow although nobody wants them. RFC 3030 §2 */
  | { readonly kind: 'skip'; readonly sizeBytes: number; readonly reply: SmtpReply }
  | { readonly kind: 'auth'; readonly mechanism: string; readonly initial: string | undefined }

export type CommandOf<Name extends Verb> = Extract<SmtpCommand, { readonly verb: Name }>

export type Command<Name extends Verb> = {
  readonly name: Name
  run(command: CommandOf<Name>, session: Session): Outcome | Promise<Outcome>
}

export function say(code: number, enhanced: string, ...lines: string[]): Outcome {
  return { kind: 'reply', reply: smtpReply(code, enhanced, ...lines) }
}

export function sayAndClose(code: number, enhanced: string, ...lines: string[]): Outcome {
  return { kind: 'close', reply: smtpReply(code, enhanced, ...lines) }
}
