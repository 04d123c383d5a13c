/** What the results of a transaction say of its connection: whether another one may do what this one did not. */
import type { RecipientResult } from '#formats/envelope.ts'

/** The connection was of no use, and nothing of the message can have arrived: it broke, or the server sent us away. */
export function isBrokenOff(results: readonly RecipientResult[]): boolean {
  return isLost(results) || isSentAway(results)
}

/** Our own words for all recipients, and nothing that may have arrived: the connection broke. */
function isLost(results: readonly RecipientResult[]): boolean {
  return results.every(({ status, remote, unsure }) => status === 'deferred' && remote === undefined && !unsure)
}

/** 421 for all of them. RFC 5321 §3.8 */
export function isSentAway(results: readonly RecipientResult[]): boolean {
  return results.every(({ status, reply, unsure }) => status === 'deferred' && reply.code === 421 && !unsure)
}
