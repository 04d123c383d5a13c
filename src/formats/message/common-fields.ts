/**
 * The fields that mail programs ask for when they list a mailbox, kept beside the ready-made parts: for them nobody has to read
 * the letter. Without Received, signatures and their like, which make up most of a header.
 */
import type { HeaderField } from './header.ts'

const names: ReadonlySet<string> = new Set([
  'bcc',
  'cc',
  'content-transfer-encoding',
  'content-type',
  'date',
  'disposition-notification-to',
  'from',
  'importance',
  'in-reply-to',
  'list-id',
  'list-post',
  'list-unsubscribe',
  'mail-followup-to',
  'message-id',
  'mime-version',
  'newsgroups',
  'priority',
  'references',
  'reply-to',
  'sender',
  'subject',
  'to',
  'user-agent',
  'x-mailer',
  'x-priority',
  'x-spam-flag',
  'x-spam-status',
])

/** Longer ones are not kept: a list of a thousand recipients stays in its letter. */
const limitBytes = 4096

/** In any case */
export function isCommonField(name: string): boolean {
  return names.has(name.toLowerCase())
}

/** As they stand in the header, in their order, each with its line end; undefined when they are too long. */
export function commonFields(header: Uint8Array, fields: readonly HeaderField[]): Uint8Array | undefined {
  const wanted = fields.filter(({ key }) => names.has(key))
  const last = wanted.at(-1)
  const isOpen = last !== undefined && header[last.end - 1] !== lineFeed
  let length = isOpen ? 2 : 0
  for (const { start, end } of wanted) length += end - start
  if (length > limitBytes) return undefined
  const bytes = new Uint8Array(length)
  let at = 0
  for (const { start, end } of wanted) for (let from = start; from < end; from++) bytes[at++] = header[from] as number
  if (isOpen) bytes.set([carriageReturn, lineFeed], at)
  return bytes
}

const lineFeed = 10
const carriageReturn = 13
