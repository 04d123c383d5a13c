/** Bodies up to here are rows, so that a small message costs one sync; measured faster than files up to about this size. */
export const inlineBodyBytes = 128 * 1024
/** Entries read at once when the queue starts or is listed: bounds the time of one answer. */
export const pageEntries = 250
/** How long the answer of statfs is believed. */
export const diskRoomCacheMs = 1000
/** Calls under way to the thread; further adds wait in their callers. */
export const maxPendingCalls = 2048
/** Ids of finished entries are kept longer than any hold (30 days) and any repeat of an outbox (5 days). */
export const finishedKeptMs = 40 * 24 * 3600 * 1000
/** How entries have ended, kept for those who have not asked yet as long as finished ids; about 300 octets for one recipient. The oldest make way. */
export const maxEnded = 20_000
