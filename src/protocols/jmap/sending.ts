/** What sending needs of the mail system: who may write as whom, the way SMTP submission goes, and what became of a letter. */
import type { Directory } from '#mail/directory.ts'
import type { Queue } from '#mail/queue/queue.ts'
import type { Scripts } from '#mail/scripts.ts'
import type { MessageReceiver } from '#mail/receiving.ts'

export type Sending = {
  readonly directory: Pick<Directory, 'maySendAs' | 'aliases' | 'resolve' | 'userOf' | 'watch'>
  /** That of submission: the same checks, limits and fix-ups */
  readonly receiver: MessageReceiver
  /** Outbound */
  readonly queue: Pick<Queue, 'show' | 'endOf' | 'forgetEnds' | 'hold' | 'release' | 'remove' | 'watch'>
  /** Those that answer by themselves */
  readonly scripts: Scripts
  /** What scripts may be and do */
  readonly sieve: { readonly maxScriptBytes: number; readonly maxRedirects: number }
  readonly maxRecipients: number
  /** How long a letter may wait for its time (RFC 4865); 0: not at all */
  readonly maxDelayMs: number
  /** Of one letter, octets */
  readonly maxSize: number
}
