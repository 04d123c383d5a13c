/** Accounts whose counts are kept in memory; the least recent is written down and forgotten */
export const maxWatched = 2_000
/** People an account has written to, as they are remembered: the oldest is forgotten. 8 octets each */
export const maxKnownRecipients = 5_000
/** Counts are written down so often: a restart forgets no more */
export const writeCountsMs = 60_000
/** The notice is tried as long as other mail */
export const noticeLifetimeMs = 5 * 24 * 3600 * 1000
