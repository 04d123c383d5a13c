/** RFC 1939 §3: an autologout timer of ten minutes at least. */
export const idleMs = 10 * 60_000
/** From the greeting to the login. Shorter than RFC 1939 asks: before it there is nothing to lose but our sockets. */
export const loginMs = 3 * 60_000
export const tlsHandshakeMs = 30_000
/** How long a peer may take nothing of what we send */
export const writeMs = 60_000
/** A client asks for the password again; a guesser takes a new connection, which is counted elsewhere. */
export const failedLoginLimit = 5
/** What speaks something else than POP3 is let go. */
export const badRequestLimit = 10
/** Lines of LIST and UIDL that are made before the peer is waited for, and others get their turn */
export const linesAtOnce = 1_000
/** Rows asked of the account at a time; its own limit */
export const rowsAtOnce = 1_000
/** A maildrop shows this many messages, the oldest; the rest come up when these are deleted. About 40 octets each. */
export const maxMessages = 1_000_000
/** Replies to commands that were sent ahead are gathered up to here. */
export const flushBytes = 16 * 1024
