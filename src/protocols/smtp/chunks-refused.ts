/**
 * Servers that offer CHUNKING and do not know BDAT: a firewall between us that rewrites commands, or one of several machines behind a
 * name. They get DATA for a day.
 */
import type { SmtpReply } from '#formats/smtp-reply.ts'
import type { SmtpClient } from './client.ts'

const refusedForMs = 24 * 3600 * 1000
const maxHosts = 1000

/** Until when, by the monotonic clock */
const refusing = new Map<string, number>()

/** BDAT itself was not understood: nothing was taken, and what followed it may have been read as commands. RFC 5321 §4.2.4, §4.3.2 */
export class ChunksRefused extends Error {
  override readonly name = 'ChunksRefused'
}

/** Throws when the reply to BDAT says that it was not understood. */
export function expectChunksTaken(client: SmtpClient, reply: SmtpReply): void {
  if (reply.code < 500 || reply.code > 504) return
  const { host } = client.options
  const place = placeOf(client)
  refusing.delete(place)
  refusing.set(place, performance.now() + refusedForMs)
  for (const oldest of refusing.keys()) {
    if (refusing.size <= maxHosts) break
    refusing.delete(oldest)
  }
  throw new ChunksRefused(`${host} offers CHUNKING and answers BDAT with ${reply.code} ${reply.lines.join(' ')}`)
}

export function takesChunks(client: SmtpClient): boolean {
  return client.offers('CHUNKING') && (refusing.get(placeOf(client)) ?? -Infinity) < performance.now()
}

function placeOf({ options: { host, to } }: SmtpClient): string {
  return 'path' in to ? to.path : `${host} ${to.address} ${to.port}`
}
