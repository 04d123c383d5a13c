/** Reports of others are read up to here; a report on 1000 recipients is about 300 KB. */
export const maxStatusBytes = 1024 * 1024
/** RFC 5321 §4.5.3.1.8 asks for 100 recipients a message; real ones allow 1000. */
export const maxStatusRecipients = 1000
/** RFC 5322 §2.1.1: lines should not exceed 78 characters, must not exceed 998. */
export const foldColumns = 76
export const maxLineOctets = 998
/** A peer's words beyond this are no diagnosis. */
export const maxDiagnosticCharacters = 1500
/** RET=FULL gives the message back up to this size, then its header only (RFC 3461 §4.3 allows that). */
export const maxReturnedBytes = 256 * 1024
/** The header that is given back; what is longer is cut at a line. */
export const maxReturnedHeaderBytes = 32 * 1024
/** What is kept of a report on what we sent: of so many recipients, and so much of what their servers said */
export const maxReportRecipients = 200
/** Of what they are called: addresses (RFC 5321 §4.5.3.1) and ENVIDs (RFC 3461 §4.4: 100) are shorter than that in either notation */
export const maxReportNameCharacters = 500
/** Of all recipients of a report; those behind it are not kept */
export const maxReportCharacters = 32_000
export const maxReplyCharacters = 300
