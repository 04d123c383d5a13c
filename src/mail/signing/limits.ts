/** What RFC 8301 §3.2 asks of signers: at least 1024, should 2048; larger ones do not fit everybody's DNS */
export const rsaBits = 2048
/** Keys that wait for their record are looked for so often. */
export const lookForRecordMs = 60_000
/** A replaced key's record stays so long: mail is tried for days, and mailboxes are checked again after that. */
export const replacedKeptMs = 14 * 24 * 3600 * 1000
/** Of one domain: two algorithms, and a few rounds of them */
export const maxKeysPerDomain = 16
