/** BDAT. RFC 3030 §2: the octets follow at once, wanted or not. */
import { smtpReply } from '#formats/smtp-reply.ts'
import { maxChunks } from '../limits.ts'
import type { Command, CommandOf, Outcome } from '../outcome.ts'

export const bdat = {
  name: 'BDAT',
  run(command, { state }) {
    if (state.kind !== 'mail' && state.kind !== 'chunks') return unwanted(command, 'Say MAIL first')
    if (state.mail.envelope.recipients.length === 0) return unwanted(command, 'No recipient was accepted')
    if (state.kind === 'chunks' && state.chunks.count >= maxChunks) return unwanted(command, 'Too many chunks')
    return { kind: 'chunk', sizeBytes: command.sizeBytes, last: command.last }
  },
} satisfies Command<'BDAT'>

function unwanted({ sizeBytes }: CommandOf<'BDAT'>, why: string): Outcome {
  return { kind: 'skip', sizeBytes, reply: smtpReply(503, '5.5.1', why) }
}
