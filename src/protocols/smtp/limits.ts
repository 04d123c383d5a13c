/** Every bound of the SMTP and LMTP server and client, each with its reason. RFC 5321 §4.5.3 */

/** RFC 5321 §4.5.3.1.4 asks for 512 octets with CRLF; the parameters of SIZE, DSN (ENVID, ORCPT) and SMTPUTF8 paths add up to this. */
export const maxCommandLineBytes = 2048
/** RFC 4954 §4: AUTH lines and responses up to 12288 octets (Kerberos tickets). XHIKYAKU SETTLE uses the same room. */
export const maxAuthLineBytes = 12_288
/** RFC 5321 §4.5.3.1.3: 256 octets with its punctuation; doubled, because UTF-8 paths and old clients exceed it */
export const maxPathBytes = 512
/** RFC 5321 §4.5.3.1.1 */
export const maxHeloBytes = 255
/** RFC 3461 §4.4 and §5.4 */
export const maxEnvelopeIdBytes = 100
export const maxOriginalRecipientBytes = 500

/** RFC 5321 §4.5.3.2.7: a server waits at least 5 minutes for the next command */
export const commandTimeoutMs = 5 * 60_000
/** However long the silence before a greeting is set: RFC 5321 §4.5.3.2.1 lets a client give up after 5 minutes */
export const maxSilenceMs = 60_000
/** RFC 5321 §4.5.3.2.5 gives a client 3 minutes a block; the server is as patient as for commands */
export const dataBlockTimeoutMs = 5 * 60_000
/** A quarter of a modem of 1990. Who sends a message slower than this, after a first patience of one block's time, only holds a place */
export const slowestSenderBytesPerSecond = 64
/** A handshake is two round trips; a peer that needs longer is not doing one */
export const handshakeTimeoutMs = 30_000
/** RFC 5321 §4.5.3.2.6: the client waits 10 minutes after the final dot; answer before it gives up */
export const verdictTimeoutMs = 9 * 60_000
/** RFC 5321 §4.5.3.2.2-3: the client waits 5 minutes for MAIL and RCPT */
export const recipientTimeoutMs = 4 * 60_000
/** After the last words, how long the peer may take to read them */
export const goodbyeMs = 2_000

/** RFC 5321 §4.5.3.1.8: at least 100 recipients must be taken */
export const maxRecipients = 1000
/** LMTP and MX: each recipient is asked through, so a transaction stays short; the rest gets 452 and comes again at once */
export const maxRecipientsRelayed = 100
/** Transactions in one session: long enough for queue runs, short enough that settings and lists take effect */
export const maxTransactions = 1000
/** LMTP peers keep their connections for days */
export const maxTransactionsLmtp = 100_000
/** Syntax errors, refused commands, wrong order: then 421 */
export const maxErrors = 20
/** A stale list has some; a harvest has thousands */
export const maxRefusedRecipients = 100
/** Lines that end in a bare LF: no mail software sends them, smugglers do */
export const maxBareLines = 3
/** Wrong logins on one connection */
export const maxAuthFailures = 3
/** NOOP, RSET, VRFY, HELP, EHLO between two messages */
export const maxIdleCommands = 100
/** What is read and thrown away after a message was found too big, so that the peer sees the 552 and not a reset */
export const maxDrainBytes = 64 * 1024 * 1024
/** Replies that pile up before they are written, while a pipelining peer keeps us busy */
export const maxUnflushedReplyBytes = 32 * 1024
/** BDAT chunks in one message: a peer that sends single octets is playing */
export const maxChunks = 100_000

/** Client: RFC 5321 §4.5.3.2 gives these minimums for a patient sender; an attempt that hangs is repeated by the queue */
export const clientCommandTimeoutMs = 5 * 60_000
export const clientDataTimeoutMs = 2 * 60_000
export const clientBlockTimeoutMs = 3 * 60_000
export const clientFinalTimeoutMs = 10 * 60_000
/** Connect, TLS and greeting of one attempt together */
export const clientConnectBudgetMs = 60_000
/** A reply has at most so many lines, and lines of at most so many octets (512 in RFC 5321 §4.5.3.1.5) */
export const maxReplyLines = 200
export const maxReplyLineBytes = 4096
/** Addresses tried for one message: RFC 5321 §5.1 wants at least two */
export const maxHostsTried = 10
/** Idle connections in a pool, each */
export const poolIdleMs = 30_000
/** Home: a sender waits meanwhile; what takes longer to get ready is held instead */
export const homeBudgetMs = 5_000
/** A gateway that relays for home asks the recipients' servers while home waits: it gives up first, then home, then the session */
export const relayBudgetMs = 14 * 60_000
export const relayFinalTimeoutMs = 16 * 60_000
export const relayVerdictTimeoutMs = 18 * 60_000
/** Letters under way through the gateway: most of their time is spent waiting for others */
export const relayConnections = 20
/** How long home leaves its gateway waiting for a question: a broken wire is noticed that soon, and the connection counts as in use */
export const questionWaitMs = 25_000
/** Home: as many letters at once as its writers make good use of */
export const homeConnections = 32
/** To other domains' hosts a connection is kept so long for the next letter: hosts have few places, and mail to one of them comes in groups */
export const keptIdleMs = 5_000
/** Idle ones of all hosts together */
export const maxKept = 100
/** Then a new one is made: DNS, certificates and their settings take effect, and many hosts end it after a hundred letters themselves */
export const maxKeptLetters = 100
export const keptAgeMs = 5 * 60_000
/** A connection in a pool that was used so lately is not asked whether it is there: what is dropped without a word was idle for longer */
export const surelyThereMs = 2_000
/** A kept one that does not answer so soon is taken for dead */
export const keptAnswerMs = 5_000
