/** A line without its literals: a command, two names of 1024 octets in quotes with their escapes, and some. */
export const lineLimitBytes = 8_192
/** RFC 5804 §4: a quoted string has so many octets at most; longer ones are literals. */
export const maxQuotedBytes = 1_024
/** Literals of one command: names, tags and responses of SASL, the script aside. The longest is a response (sasl/limits.ts, in base64). */
export const maxLiteralBytes = 16_384
/** No command has more than two strings. */
export const maxLiterals = 3
/** RFC 5804 §1.6: scripts up to here can be asked about; a number is 32 bit */
export const maxNumber = 0xffff_ffff
