/** Bounds of what a peer may make the grammar hold. Each has its own refusal. */

/** All lines of one request together, without literals. Long UID sets of real clients stay under 16 KiB; RFC 7162 §4 wants 8 KiB at least. */
export const lineLimitBytes = 64 * 1024

/** Literals of one request that are kept in memory (names, search strings), all together. */
export const literalLimitBytes = 256 * 1024

/** The same before login: enough for a name and a password of 1 KiB each, sent by anybody. */
export const unauthenticatedLiteralLimitBytes = 4 * 1024

/** The messages of one APPEND together, unless the configuration says otherwise. */
export const appendLimitBytes = 150 * 1024 * 1024

/**
 * A refused literal that its sender does not wait with (LITERAL+) is read and thrown away up to here; beyond it the
 * connection ends. RFC 7888 §4
 */
export const discardLimitBytes = 1024 * 1024

/** Parentheses in SEARCH and NOT NOT NOT: bounds the recursion of parser and evaluation. */
export const searchDepthLimit = 32

/** SEARCH keys in one request: bounds the work per message. */
export const searchKeyLimit = 500

/** Criteria of one SORT; there are nine different ones. */
export const sortCriterionLimit = 16

/** Ranges in one sequence set after parsing. */
export const sequenceRangeLimit = 16 * 1024

/** FETCH items, LIST patterns, header names: more is an attack, not a client. */
export const listLimit = 256

/** Messages in one APPEND (RFC 3502): tools that move whole mailboxes send thousands. */
export const appendMessageLimit = 10_000

/** Each of them may add so much to what the lines of the request may hold: its flags, date and size. */
export const appendLineLimitBytes = 256

/** Parts of all messages that one command puts together (RFC 4469). Those of small messages are read into memory: 32 MiB at most. */
export const catenatedPartLimit = 256

/** Octets of one URL */
export const urlLimit = 4096

/** ID parameters, RFC 2971 §3.3 */
export const idParameterLimit = 30

/** Octets of the name of an annotation, RFC 5464 */
export const entryNameLimit = 512

/** Octets of a mailbox name or LIST pattern on the wire. Names are matched against patterns in name × pattern steps. */
export const mailboxNameLimit = 1024
