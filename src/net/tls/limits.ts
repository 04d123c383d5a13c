/** What browsers and phones accept from a private CA is at most 398 days (825 for older ones). */
export const leafDays = 397
export const caDays = 3650
/** A leaf of our own is made anew when less than this is left: a month to notice that it failed. */
export const renewBeforeDays = 30
/** Certificates begin a little in the past, for peers whose clock is behind. */
export const backdateMs = 60 * 60 * 1000
export const dayMs = 24 * 60 * 60 * 1000
/** A new pair of files is noticed within this time. */
export const defaultPollMs = 5_000
/** A certificate file with its chain is a few KiB. */
export const maxPemBytes = 256 * 1024
/** Contexts kept for different server names; names beyond it are made again when asked for. */
export const maxContexts = 256
/** Who holds a ticket key can read the sessions begun with it (TLS 1.2): keys live half a day. */
export const ticketKeyLifeMs = 12 * 60 * 60 * 1000
/** A peer that begins TLS and stops has this long. */
export const handshakeMs = 30_000
