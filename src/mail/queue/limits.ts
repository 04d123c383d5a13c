/** Beyond this a queue refuses (451): its schedule is kept in memory, about half a KiB an entry. */
export const maxEntries = 100_000
/** Destinations, and submitters, of which entries share one copy; about 100 octets each */
export const maxInterned = 20_000
/** An abort is followed by the transport's own clean-up; after this its slot is taken back and the results are `deferred`. */
export const abortGraceMs = 30_000
/** The slowest link that is still waited for: an attempt gets this much time more for the message's size. */
export const slowestBytesPerSecond = 16 * 1024
/** Confirmations travel together; one that is lost in a crash counts as `gone`. */
export const confirmDelayMs = 1000
/** A sender that saw no 250 tries again within days (RFC 5321 §4.5.4.1: at least 4–5). */
export const unconfirmedKeptMs = 5 * 24 * 3600 * 1000
/** Delivered entries whose sender never showed that it has our 250; about 200 octets each, the oldest is forgotten. */
export const maxUnconfirmedFinished = 20_000
/** What was over when the process started is still tried so long: by a clock that was wrong everything would be over. */
export const expiryGraceMs = 24 * 3600 * 1000
/** Expiry and delay of entries whose destination is not being tried, and old ids. */
export const sweepIntervalMs = 60_000
/** When the database cannot be read or written: pause before the next try. */
export const storeRetryMs = 5000
/** Sent copies and reports in work at once, and the pause after one failed. */
export const parallelChores = 4
export const firstChoreRetryMs = 5000
export const maxChoreRetryMs = 600_000
/** How often a greylisting answer is met by the short pause before the ordinary schedule takes over. */
export const greylistTries = 4
/** At the end running attempts get this long after their abort: the whole server is to be down within 5 s. */
export const closeGraceMs = 2000
/** Attempts side by side for a destination that has not answered yet: one alone could be a long letter. */
export const unprovenParallel = 2
/** The longest sleep of the pump's timer: it looks again at least this often. */
export const maxSleepMs = 60_000
/** A destination that says we are too fast: the first gap between starts, the longest, and below this there is none. */
export const firstGapMs = 500
export const maxGapMs = 60_000
export const leastGapMs = 50
/** … and how long nothing is started there; doubled each time until it takes something again */
export const firstSlowedRestMs = 15_000
export const maxSlowedRestMs = 900_000
/** An attempt that takes longer does not hold one of the ordinary places any more: slow ones must not delay quick ones. */
export const slowAfterMs = 10_000
/** … and one at a destination that has not answered yet, or fails, only so long: many dead ones must not take all places */
export const unprovenPlaceMs = 500
/** Attempts side by side, slow ones included: a socket and a body up to 128 KiB each */
export const parallelMost = 1024
/** … of which this many at destinations that are slow, fail, or have not answered yet */
export const parallelSluggish = 768
/** Destinations whose pace is remembered while nothing waits for them; about 1 KiB each */
export const maxIdleDestinations = 2000
/** Turns of letters to one of bulk, while both wait */
export const interactiveTurns = 3
/** What a person does not write by hand: so many recipients or octets at once, so many messages within a minute */
export const bulkRecipients = 20
export const bulkBytes = 2 * 1024 * 1024
export const burstMessages = 30
export const burstMs = 60_000
/** Submitters whose bursts are remembered */
export const maxBurstSubmitters = 10_000
/** A full mailbox is rarely emptied within minutes. */
export const fullMailboxRetryMs = 1_800_000
