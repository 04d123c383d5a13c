/** Bounds of what a server may make the client hold or wait for. Each has its own words in `ServerNonsense`. */

/** All lines of one response together, without literals. SEARCH without ESEARCH names a million messages in about 8 MB. */
export const lineLimitBytes = 8 * 1024 * 1024
/** Literals of one response that are kept in memory, all together. Larger ones want a sink. */
export const literalLimitBytes = 64 * 1024 * 1024
/** A literal that goes to a sink */
export const streamedLimitBytes = 1024 * 1024 * 1024
/** Literals of one response, whatever their size */
export const literalCountLimit = 10_000
/** What a command without `onResponse` gathers, octets as they came */
export const gatheredLimitBytes = 64 * 1024 * 1024
/** And how many responses: small ones weigh more than their octets. */
export const gatheredLimit = 200_000
/** Parentheses in ENVELOPE, BODYSTRUCTURE and what we do not know; letters nest up to about 100 parts. */
export const nestingLimit = 256
/** Values in those parentheses */
export const nestedValueLimit = 100_000
/** Items of one FETCH response */
export const fetchItemLimit = 1_000
/** Ranges of one set */
export const rangeLimit = 1_000_000
/** Words of CAPABILITY, FLAGS and the like */
export const wordLimit = 10_000

/** How long the server may say nothing while something is owed. A search without an index takes its time. */
export const answerMs = 120_000
/** How long it may take nothing of what we send */
export const writeMs = 60_000
/** Connect, TLS, greeting and login together */
export const connectMs = 60_000
/** IDLE is begun anew before servers and middle boxes lose patience. RFC 2177 §3 says 29 minutes. */
export const idleRenewMs = 25 * 60_000

/** Larger literals wait for the server's word even where LITERAL+ allows otherwise: a refusal then costs a round trip, not the letter. */
export const unaskedLiteralBytes = 64 * 1024
/** RFC 7888 §5 */
export const literalMinusBytes = 4096
