/** RFC 5321 §4.5.3.2.6 lets a sender wait ten minutes after its final dot; queues of large senders turn impatient long before. */
export const slowAfterMs = 10_000
/** Home is one hop away: what takes longer than this to begin is away. */
export const openWithinMs = 5_000
/** A sender that has not gone on after this is a slow one: its way to home is given back until its message is complete. */
export const lendMs = 1_000
/** Home answers a RCPT from memory. */
export const recipientWithinMs = 5_000
export const holdMs = 30 * 24 * 3600 * 1000
/** A held message whose straight-through attempt was cut off is tried again after this, when home has had time to finish it. */
export const retrySlowMs = 5_000
/** RFC 5321 §4.5.3.1.8 */
export const maxRecipients = 100
/** Rows of vanished attempts in memory, about 300 octets each. */
export const maxAttemptRows = 20_000
/** Earlier attempts named to home with a retry: newest first, home's row follows the newest. */
export const maxGoneIds = 64
/** Of a reply, in the field that tells the postmaster why a message came to him. */
export const maxReasonCharacters = 300
/** Header looked through for forged fields; at the gateway one that goes on longer is refused, at home it is looked through so far. */
export const maxHeaderScanBytes = 1024 * 1024
/** Lines of a header at the gateway: some thousand recipients on a line each are real, and a hundred thousand fields cost their readers 0.2 s */
export const maxHeaderLines = 20_000
