/** Some 60 octets a row with its index: 30 MB each when full. What was used longest ago goes first. */
export const maxAttempts = 500_000
export const maxKnown = 500_000
/** Rows removed in one transaction: bounds how long a sender waits behind it */
export const sweepRows = 5_000
