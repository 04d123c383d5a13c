/** One response, decoded. RFC 4422 leaves it open, RFC 4954 §4 asks for 12,288 characters of base64; ours needs a name and a password. */
export const maxResponseBytes = 9_216
/** A nonce longer than this serves nobody; gs2 headers and names are short. */
export const maxNonceCharacters = 256
/** Names and passwords as text; the password's own limit is the authenticator's. */
export const maxNameCharacters = 320
/** As a client: a server that asks for more keeps us busy for seconds. */
export const maxIterations = 1_000_000
/** As a client: fewer than RFC 7677 §4 asks for would hand the password to whoever runs or imitates the server. */
export const minIterations = 4_096
export const nonceBytes = 18
