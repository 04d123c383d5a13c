/** What a connection may show besides its reverse name and lists. Texts in texts.ts; the code travels in verdicts.connection.remarks. */
export const remarkCodes = [
  'early-talker',
  'helo-is-us',
  'helo-not-a-name',
  'helo-bare-address',
  'helo-wrong-address',
  'greylist-passed',
  'unknown-recipients',
  'known-sender',
] as const

export type Remark = (typeof remarkCodes)[number]

/** Speak against the sender: with one of them an unknown sender is suspicious. */
export const badRemarks: ReadonlySet<Remark> = new Set<Remark>([
  'early-talker',
  'helo-is-us',
  'helo-not-a-name',
  'helo-bare-address',
  'helo-wrong-address',
  'unknown-recipients',
])
