/** Objects within one another in a card: an address in an anniversary has five */
export const maxCardDepth = 32
/** Octets of a card as JSON, its photos aside: every search reads all of them */
export const maxCardTextBytes = 64 * 1024
/** Octets of a card, photos included */
export const maxCardBytes = 256 * 1024
/** Paths of one patch: far more than anybody changes at once */
export const maxPatchPaths = 200
