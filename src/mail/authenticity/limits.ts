/** What a stranger can make us do for one message is bounded here. */

/** The whole judgement; what has no answer by then is a temperror. */
export const judgementMs = 5_000
/** Signatures that are verified, the topmost first. RFC 6376 §8.4: a thousand of them would be a denial of service. */
export const maxSignatures = 8
/** Names in h=; each is a look-up in the header. */
export const maxSignedNames = 400
/** Of a DKIM-Signature, ARC-Seal, ARC-Message-Signature; real ones have about 1 KiB */
export const maxSignatureFieldBytes = 32 * 1024
/** A TXT record in which a key of 8192 bits still fits */
export const maxKeyRecordCharacters = 4_096
/** RFC 8301 §3.2: shorter RSA keys do not count */
export const minRsaBits = 1024
/** RFC 8301 §3.2 asks for 4096 at least; beyond 8192 a verification costs more than a message is worth. */
export const maxRsaBits = 8192
/** Of an RSA key; 65537 in practice. A long one makes verifying as slow as signing. */
export const maxRsaExponent = 2n ** 32n
/** Clocks differ: a signature from this far in the future is still one of now. */
export const clockSkewSeconds = 300
/** RFC 8617 §4.2.1 */
export const maxArcInstances = 50
/** Of all fields of a chain: each seal covers all before it, so the work grows with the square */
export const maxArcBytes = 128 * 1024
/** Of a long chain, the newest are told */
export const maxSealersTold = 8
/** SPF: questions that cost, RFC 7208 §4.6.4 */
export const maxSpfTerms = 10
export const maxSpfVoid = 2
export const maxSpfNames = 10
/** Characters of an SPF record that are read; DNS answers over TCP reach 64 KiB */
export const maxSpfRecordCharacters = 8_192
/** Terms of one record; hostile ones have thousands of ip4 */
export const maxSpfMechanisms = 500
export const maxExplanationCharacters = 500
/** RFC 9989 §4.10: at most eight names are asked in a walk up the tree */
export const maxTreeQueries = 8
/** Names kept with their answers, and for how long, whatever the TTL says */
export const maxCachedNames = 2_000
export const cachedMs = 60_000
export const cachedFailureMs = 5_000
/** Questions in flight for one message */
export const maxParallelQuestions = 8
/** Of a reason in a finding: it travels in a header field and in the facts */
export const maxReasonCharacters = 160
