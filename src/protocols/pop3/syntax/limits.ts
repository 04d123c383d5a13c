/** RFC 2449 §4 has 255 octets; passwords and SASL responses in base64 need more, and RFC 5034 §4 allows for it. */
export const lineLimitBytes = 12_800
/** A name or a password as typed; longer ones are nobody's. */
export const argumentLimitCharacters = 1_024
