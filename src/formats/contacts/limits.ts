/** What a file of vCards may cost. What is beyond is said with its line, and the rest of the file is read. */

/** Octets of one content line, unfolded: a photo of three megabytes in BASE64 */
export const maxLineOctets = 4 * 1024 * 1024
/** Of one card; address books write a few dozen */
export const maxProperties = 1_000
export const maxCards = 50_000
/** Of a structured value (18 are defined for ADR) or a list (CATEGORIES, MEMBER in one line) */
export const maxParts = 1_000
/** Of one property */
export const maxParameters = 100
/** Lines with problems that are told; more are counted */
export const maxProblems = 200
/** A JSPROP may not build towers */
export const maxPointerDepth = 16
