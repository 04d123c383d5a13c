/** Types in which Blob/lookup finds blobs; RFC 9404 §4.3 */
export const blobTypeNames = ['Mailbox', 'Thread', 'Email'] as const
/** By the names of RFC 9404 §3 (IANA's HTTP digest algorithms, in lower case) */
export const digestAlgorithms = ['sha', 'sha-256', 'sha-512'] as const
/** As Node calls them */
export const digestNames = { sha: 'sha1', 'sha-256': 'sha256', 'sha-512': 'sha512' } as const
