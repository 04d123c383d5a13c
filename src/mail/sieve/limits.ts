/** Bounds of one run that are not settings. With them every script ends, in time and memory that are known beforehand. */

/** Of a message so much is held and looked at; what lies behind is passed on as it is */
export { inMemoryLimitBytes as lookedAtBytes } from '#formats/message-source.ts'
/** A step is about what comparing a few characters costs; these take half a second at worst */
export const maxSteps = 5_000_000
/** After so many steps others run: a few milliseconds */
export const stepsBetweenPauses = 40_000
/** RFC 5229 §3 asks for 4,000 octets; longer values are cut (characters, UTF-16 units) */
export const maxVariableLength = 16_384
/** RFC 5229 §3 asks for 128 */
export const maxVariables = 500
/** A string with variables put in is cut here */
export const maxStringLength = 262_144
/** Text of one body part that tests look at (characters), and of all parts together (octets as they stand in the message) */
export const maxPartText = 262_144
/** Parts that a loop visits, nested loops together */
export const maxPartVisits = 2_000
/** RFC 6609 §2 asks for 3 of nesting */
export const maxIncludeDepth = 10
export const maxIncludes = 50
/** Fields that addheader may add, and edits of all kinds */
export const maxEdits = 100
/** Flags of one message and their length */
export const maxFlags = 100
export const maxFlagLength = 200
/** Vacation text, notification text and the like; a person's words, not a file */
export const maxReplyLength = 65_536
/** RFC 5322 §2.1.1: an answer's References stays readable */
export const maxReferences = 20
/** Recipients of one notification, and members of one list that redirect is given */
export const maxNotifyRecipients = 4
/** Notifications of one message: each is a letter to whomever the script names */
export const maxNotifications = 8
/** Longest time that anything is remembered; RFC 7352 §3.3 lets a limit be set */
export const maxRememberSeconds = 90 * 86_400
