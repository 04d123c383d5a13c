/** Of each header, nested ones too, this much is looked at; what follows belongs to the header and is not understood. */
export const maxHeaderBytes = 1024 * 1024
/** Fields of one header that are looked at: far above any real letter, and a bound for a header of one-letter fields. */
export const maxHeaderFields = 10_000
/** RFC 5322 §2.2 names are short; a longer "name" is text that happens to hold a colon. */
export const maxFieldNameBytes = 256
/** Nesting of multiparts and messages; deeper ones are opaque octets. Recursion over the tree stays shallow. */
export const maxDepth = 100
/** Parts of one message; later boundaries are text. Bounds memory and what BODYSTRUCTURE costs to send. */
export const maxParts = 10_000
/** RFC 2046 §5.1.1 allows 70; senders exceed it a little. */
export const maxBoundaryBytes = 256
/** Parameters of one Content-Type or Content-Disposition; more are dropped. */
export const maxParameters = 200
/** Addresses that are read of one field; mailing lists by hand reach hundreds. */
export const maxAddresses = 5_000
/** Words of one name or address: a mebibyte can hold half a million, each of which costs 200 octets of memory. */
export const maxPhraseWords = 10_000
/** Domains behind further @ of one address that are kept */
export const maxOtherDomains = 100
/** RFC 2047 §2 allows 75; within this much the end of an encoded word is looked for where specials may stand inside it. */
export const maxPhraseWordBytes = 512
/** Message-IDs kept of References: the root and the latest ones, as RFC 5322 §3.6.4 lets long lists be trimmed. */
export const maxReferences = 200
/** A longer "Message-ID" identifies nothing (RFC 5322 §2.1.1: a line has 998). */
export const maxMessageIdBytes = 998
/** Past this, further parts of BODYSTRUCTURE are printed as plain octets without their details. */
export const maxStructureBytes = 1024 * 1024
/** What is held of a message that is read from a file: one window, and one header at a time. */
export const windowBytes = 256 * 1024
/** Text parts that are looked at for a preview, and octets of each: the styles of bulk mail take up some tens of KiB. */
export const maxPreviewParts = 8
export const maxPreviewBytes = 64 * 1024
/** Of a text part, this much is decoded for a preview or the status page. */
export const maxTextBytes = 1024 * 1024
