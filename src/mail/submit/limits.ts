/** RFC 5321 §4.5.4.1 asks for 4–5 days before giving up. */
export const expiresAfterMs = 5 * 24 * 3600 * 1000
/** Recipients an hour and user: more than a person writes to, less than a stolen password is worth. */
export const recipientsPerHour = 1_000
/** Users whose rate is remembered; the least recent is forgotten, which gives it a full measure again. */
export const maxRatedUsers = 10_000
/** RFC 5321 §4.5.3.1.8 asks for 100 at least; clients with lists send more in one go. */
export const maxRecipients = 500
