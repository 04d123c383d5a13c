/** RFC 5804 §1.2: an inactivity timer of thirty minutes at least after the login. */
export const idleMs = 30 * 60_000
/** From the greeting to the login; before it there is nothing to lose but our sockets. */
export const loginMs = 3 * 60_000
export const tlsHandshakeMs = 30_000
/** How long a peer may take nothing of what we send */
export const writeMs = 60_000
/** A client asks for the password again; a guesser takes a new connection, which is counted elsewhere. */
export const failedLoginLimit = 5
/** What speaks something else than ManageSieve is let go. */
export const badRequestLimit = 10
/** Replies to commands that were sent ahead are gathered up to here. */
export const flushBytes = 16 * 1024
/** A script that is too large is read to its end, so that its sender hears why; beyond this nobody means it. */
export const maxSwallowedBytes = 16 * 1024 * 1024
