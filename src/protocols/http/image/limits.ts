/** Of the URL as a letter has it: tracking links are long, but not this long. */
export const maxUrlLength = 8_000
export const maxRedirects = 3
/** From the request to the first octets of an image, names and redirects included. */
export const beginsMs = 5_000
/** The same to its last octet. */
export const endsMs = 20_000
/** One address of several that does not answer leaves time for the next; the last has what is left. */
export const addressMs = 2_000
export const maxAddresses = 4
export const maxImageBytes = 10 * 1024 * 1024
/** A browser asks six at a time over HTTP/1.1; a newsletter has dozens of images. */
export const turnLimits = { perAccount: 8, perProcess: 48, waitingPerAccount: 200 }
export const waitsForTurnMs = 15_000
/** Images of letters rarely change; that somebody looks again need not be told. */
export const cacheSeconds = 7 * 24 * 3600
