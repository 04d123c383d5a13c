/** What speaks for or against a message, as seen in its octets alone: plain data, without weights. */
export type Evidence = {
  readonly code: EvidenceCode
  readonly detail?: Readonly<Record<string, string | number>>
}

export type EvidenceCode =
  | 'no-date'
  | 'date-far'
  | 'no-message-id'
  | 'no-from'
  | 'several-from'
  | 'from-shows-other-address'
  | 'reply-elsewhere'
  | 'no-recipient'
  | 'many-recipients'
  | 'shouting-subject'
  | 'answer-to-nothing'
  | 'hidden-letters'
  | 'only-images'
  | 'hidden-text'
  | 'test-string'
  | 'link-elsewhere'
  | 'link-to-number'
  | 'link-lookalike'
  | 'link-with-user'
  | 'link-shortened'
  | 'link-to-script'
  | 'program'
  | 'double-extension'
  | 'program-in-archive'
  | 'encrypted-archive'
  | 'encrypted-program'
  | 'archive-bomb'
  | 'archive-too-deep'
  | 'macros'

/** What the judging of one message begins with. */
export type Examination = {
  readonly evidence: readonly Evidence[]
  /** Made when first asked for. Distinct; the words by which the message is compared with what was learnt */
  readonly tokens: readonly string[]
  readonly from: Sender | undefined
  /** Of To, Cc and Bcc, lower case; at most as many as are looked at */
  readonly recipients: readonly string[]
  /** It comes from a list, or says how to leave one */
  readonly bulk: boolean
}

/** Lower case; the domain in A-labels */
export type Sender = { readonly address: string; readonly domain: string }
