/** argon2id of new passwords: OWASP's first choice, 19 MiB and about 30 ms on a small machine. RFC 9106 §4 */
export const argon2Memory = 19 * 1024
export const argon2Passes = 2
export const argon2Parallelism = 1
export const argon2SaltBytes = 16
export const argon2HashBytes = 32

/** Hashes computed at one time: the pool's other threads belong to files, and each takes `argon2Memory`. */
export const hashesAtOnce = 2
/** Logins that wait for a turn; more than these are told to try later. */
export const maxWaitingHashes = 64
/** From asking to answer; a client waits longer than this only to give up. */
export const hashDeadlineMs = 8_000

/** What an imported hash may cost to verify; beyond it one login keeps everybody else waiting for seconds. */
export const maxArgon2MemoryKiB = 256 * 1024
export const maxArgon2Passes = 20
export const maxArgon2Parallelism = 16
export const maxShaCryptRounds = 1_000_000
export const maxBcryptCost = 14
export const maxPbkdf2Rounds = 2_000_000

/** Longest text of a stored hash: SCRAM and SHA512-CRYPT stay under 250. */
export const maxStoredHashCharacters = 1024
