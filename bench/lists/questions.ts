// What a list of letters asks, the same by JMAP and by IMAP: the fifty rows in sight, newest first, and how many there are.

/** The inbox, or what of it one searches for. */
export type Question = {
  readonly name: string
  readonly filter?: Readonly<Record<string, string>>
  /** The same in IMAP, a search key */
  readonly key?: string
  readonly threads?: boolean
  /** Share of the inbox above the first row: 0.5 is its middle */
  readonly from?: number
}

const japanese = '会議'

export const questions: readonly Question[] = [
  { name: 'list' },
  { name: 'list_flagged', filter: { hasKeyword: '$flagged' }, key: 'FLAGGED' },
  { name: 'list_unread', filter: { notKeyword: '$seen' }, key: 'UNSEEN' },
  { name: 'list_middle', from: 0.5 },
  { name: 'list_threads', threads: true },
  { name: 'search_text_common', filter: { text: 'meeting' }, key: 'TEXT meeting' },
  { name: 'search_text_rare', filter: { text: 'zyxquark' }, key: 'TEXT zyxquark' },
  { name: 'search_text_none', filter: { text: 'nosuchword' }, key: 'TEXT nosuchword' },
  {
    name: 'search_text_japanese',
    filter: { text: japanese },
    key: `TEXT {${Buffer.byteLength(japanese)}+}\r\n${japanese}`,
  },
  { name: 'search_subject', filter: { subject: '00042' }, key: 'SUBJECT 00042' },
  { name: 'search_from', filter: { from: 'sender042' }, key: 'FROM sender042' },
]

/** Rows in sight */
export const limit = 50

/** What a row of a list shows */
export const properties = [
  'id',
  'threadId',
  'mailboxIds',
  'keywords',
  'from',
  'to',
  'subject',
  'receivedAt',
  'hasAttachment',
  'size',
  'preview',
]

/** The same of IMAP */
export const items = '(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE PREVIEW)'

/** What was found: how many in all, and the numbers of the letters in sight as mb.c counts them, newest first. */
export type Found = { readonly total: number; readonly letters: readonly number[] }
