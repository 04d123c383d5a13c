/** What a client has enabled that changes how requests are read and responses are written. */

export type Dialect = {
  /** ENABLE IMAP4rev2, RFC 9051 */
  readonly rev2: boolean
  /** ENABLE UTF8=ACCEPT, RFC 6855, RFC 9755 */
  readonly utf8Accept: boolean
}

/** RFC 3501: until something is enabled. */
export const rev1: Dialect = { rev2: false, utf8Accept: false }

/** Names of mailboxes and quoted strings are UTF-8, both ways; `&` is a letter like others. */
export function isUtf8({ rev2, utf8Accept }: Dialect): boolean {
  return rev2 || utf8Accept
}
