/**
 * How a gateway tells its home what came of a message it relayed: the reply of the recipient's own mail server, word for word,
 * and one more line of ours, always the last, that says whose words they are. Without it home would take them for the gateway's.
 */
import type { RecipientResult } from '#formats/envelope.ts'
import type { SmtpReply } from '#formats/smtp-reply.ts'

const mark = 'RELAY'
/** Of a reply's lines and characters that are passed on: with codes and our line it stays below what a client reads */
const maxLines = 100
const maxLineLength = 1_000

/** `250-2.0.0 Queued` becomes `250-2.0.0 Queued`, `250 2.0.0 RELAY remote=mx.example.org address=192.0.2.1 dsn`. */
export function tellHome({ reply, remote, over, dsnPassedOn, unsure, unreached }: RecipientResult): SmtpReply {
  const words = [mark]
  if (remote !== undefined && /^[!-~]{1,255}$/.test(remote)) words.push(`remote=${remote}`)
  if (over && /^[0-9A-Fa-f:.]{2,45}$/.test(over.address)) words.push(`address=${over.address}`)
  if (over?.tls !== undefined && /^[\w.-]{1,20} [\w.-]{1,80}$/.test(over.tls))
    words.push(`tls=${over.tls.replace(' ', ',')}`)
  if (dsnPassedOn) words.push('dsn')
  if (unsure) words.push('unsure')
  if (unreached) words.push('unreached')
  const lines = reply.lines.slice(0, maxLines).map(line => line.slice(0, maxLineLength))
  return { ...reply, lines: [...lines, words.join(' ')] }
}

/** The gateway has asked somebody's server: what it says are not its own words. */
export function isFromBehind({ reply }: RecipientResult): boolean {
  return markedWords(reply) !== undefined
}

function markedWords({ lines }: SmtpReply): readonly string[] | undefined {
  const words = lines.at(-1)?.split(' ')
  return words?.[0] === mark ? words : undefined
}

/**
 * The result as if home had spoken with the recipient's server itself. What has no such line are the gateway's own words: it never
 * owes a report, since it keeps no letter, and what it refuses for good waits, since that would be our own fault; but for what no
 * waiting changes.
 */
export function heardFromGateway(result: RecipientResult): RecipientResult {
  const { status, reply, remote: gateway } = result
  const words = markedWords(reply)
  if (!words) {
    const { unsure, unreached } = result
    return {
      status: status === 'failed' && !isAboutTheMessage(reply) ? 'deferred' : status,
      reply,
      ...(gateway !== undefined && { remote: gateway }),
      ...(unsure && { unsure }),
      ...(unreached && { unreached }),
    }
  }
  const wordOf = (name: string) => words.find(word => word.startsWith(`${name}=`))?.slice(name.length + 1)
  const remote = wordOf('remote')
  const address = wordOf('address')
  const tls = wordOf('tls')?.replace(',', ' ')
  return {
    status,
    reply: { ...reply, lines: reply.lines.slice(0, -1) },
    ...(remote !== undefined && { remote }),
    ...(address !== undefined && { over: { address, ...(tls !== undefined && { tls }) } }),
    ...(words.includes('dsn') && { dsnPassedOn: true }),
    ...(words.includes('unsure') && { unsure: true }),
    ...(words.includes('unreached') && { unreached: true }),
  }
}

/**
 * RFC 3463 §3.4 X.3.4, RFC 1870 §6.1: too large for this server; §3.2 X.1.3: no address at all. The next attempt would hear the same,
 * and whoever wrote the letter can do something about it.
 */
function isAboutTheMessage({ enhanced }: SmtpReply): boolean {
  return enhanced === '5.3.4' || enhanced === '5.1.3'
}
