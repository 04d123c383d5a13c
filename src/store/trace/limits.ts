/** About 300 bytes an event with its indexes: 2 million are 600 MB. The oldest go first. */
export const maxStoredEvents = 2_000_000
/** Rows removed in one transaction: bounds how long writers wait behind it. */
export const sweepRows = 5000
/** Answers of one question; a timeline of more is no timeline. */
export const maxFoundEvents = 10_000
/** Deliveries of one Message-ID that are followed: a list message may come many times. */
export const maxFollowedDeliveries = 100
/** Longer words of a peer are cut: they are evidence, not content. */
export const maxReplyCharacters = 2000
