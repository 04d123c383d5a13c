/** RFC 5321 §4.5.3.1.3: a path has 256 octets, its angle brackets counted (erratum 1690 of RFC 3696). */
export const maxAddressOctets = 254
/**
 * RFC 5321 §4.5.3.1.1 says 64, and tells receivers to take more. Return paths in the wild are longer: VERP tokens of bulk
 * senders, and SRS around VERP, reach 150. Refusing one loses a letter; storing one costs nothing. The path's limit holds.
 */
export const maxLocalpartOctets = maxAddressOctets - 2
/** RFC 1035 §2.3.4, RFC 5321 §4.5.3.1.2 */
export const maxDomainOctets = 255
/** RFC 1035 §2.3.4 */
export const maxLabelOctets = 63
/** An obsolete source route may stand before the mailbox; it is dropped, so only the work is bounded. */
export const maxRouteCharacters = 1024
