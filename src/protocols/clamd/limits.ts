/** Octets of one chunk of INSTREAM; clamd takes any, and keeps one in memory. */
export const chunkBytes = 64 * 1024
/** A reply is a line: the name of a signature and some words. */
export const maxReplyBytes = 4096
