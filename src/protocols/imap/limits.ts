/** Bounds of the conversation; what the grammar may hold is in syntax/limits.ts. */

/** From the first octet to a login. A person types slower than a client, and nobody types IMAP. */
export const loginDeadlineMs = 120_000

/** RFC 9051 §5.4: at least 30 minutes. Clients renew IDLE every 29. */
export const idleDeadlineMs = 31 * 60_000

/** Between two pieces of a literal, and for the rest of a request once it has begun */
export const literalDeadlineMs = 60_000

export const tlsHandshakeMs = 30_000

/** A peer that takes nothing for so long is gone. */
export const writeDeadlineMs = 120_000

/** Requests that were no requests, one after the other. Somebody speaks another protocol, or guesses. */
export const badRequestLimit = 10

/** Logins that failed on one connection; the authenticator throttles across connections. */
export const failedLoginLimit = 5

/** Handed to the transport in pieces of about this size. */
export const outputPieceBytes = 256 * 1024

/** Gathered in one buffer; what is larger goes by itself. */
export const outputChunkBytes = 64 * 1024

/** Such buffers that lie ready in the process when nothing is being sent: 2 MiB. */
export const keptChunks = 32

/** Short responses are joined up to this: fewer writes, and no piece so large that it goes by itself. */
export const linesPieceChars = 8 * 1024

/** So many messages are looked at between two looks at the clock. */
export const lineCheck = 256

/** How long one command may hold the main thread before others run. */
export const sliceMs = 8

/**
 * Changes of the account that wait to be told to one session: a peer that neither asks nor idles for long hears that there were
 * more (RFC 5465 §5.8).
 */
export const maxWaitingNews = 1000

/**
 * After it has been told something by NOTIFY a session hears the next thing no sooner: measured with a thousand sessions that watch
 * one account, 33 ms of each delivery without it.
 */
export const notifyPauseMs = 100

/** Rows asked of the account at once: about as many as the main thread may read in one go. */
export const rowBatch = 500
/** A FETCH begins with so many, so that it is being written while the next, twice as many, are read. */
export const firstRowBatch = 128

/** Memory for the messages of a batch, as much as is read in one go … */
export const roomBytes = 1024 * 1024
/** … for so many that it is worth it. */
export const roomFrom = 100
/** Such rooms that lie ready in the process for the next FETCH: 4 MiB. */
export const keptRooms = 4

/** A header larger than this is answered as far as it goes when fields of it are asked for. */
export const headerLimitBytes = 1024 * 1024

/** Between two words to a client that waits for a long command (RFC 9585): clients give up after half a minute or so. */
export const progressMs = 10_000

/** Searches that one connection may have followed (RFC 5267 §4.3.1). Each costs an octet a message, and a look at what changes. */
export const contextLimit = 16

/** A message that cannot be read at any place, and so must be held while NUL octets of it are encoded */
export const binaryInMemoryBytes = 32 * 1024 * 1024

/** Decoded parts of one message kept between the counting of their octets and the sending. */
export const decodedInMemoryBytes = 1024 * 1024

/** Messages of a mailbox that SEARCH evaluates in one go: well under a millisecond. */
export const searchSlice = 8192

/** Numbers that SEARCH and SORT write at once: some ten KiB */
export const rowNumbers = 4096
