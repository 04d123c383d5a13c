/** From the first octet of a connection to the end of its first request's header: a handshake is over by then. */
export const firstHeaderMs = 15_000
/** The same for later ones, idle time included: browsers keep connections for a minute or two. */
export const nextHeaderMs = 120_000
/** Nothing comes and nothing goes while a request is under way. Longer than any request may take (jmap/limits.ts). */
export const silenceMs = 150_000
export const maxHeaderBytes = 16 * 1024
/** Requests of one connection that are not answered yet. Whoever sends more ahead does so to hurt: browsers and JMAP clients wait. */
export const maxUnderWay = 16
/** Of a request that was refused while it still came: the largest letter and some more, so that who reads no answer before all is sent gets it too. */
export const maxThrownAwayBytes = 64 * 1024 * 1024
/** The same while nobody has said who he is: enough for what a form or a call holds */
export const maxThrownAwayOfStrangerBytes = 1024 * 1024
export const throwAwayMs = 2_000
