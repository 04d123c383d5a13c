/**
 * What a POP3 server may say: one reply to each line, in at most 512 octets, and multi-line replies to their dot (RFC 1939 §3);
 * and how a hostile client learns whether the server lives.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Protocol } from './hostile-session.ts'

const status = /^(?:\+OK|-ERR)(?: |$)|^\+ /
const replyLimitOctets = 512
const livingMs = 8_000

export const pop3Protocol: Protocol = {
  greeting: /^\+OK .*\r\n/,
  judge: wrongReplies,
  async rescue(peer) {
    const before = statuses(peer.heard).length
    const lines = linesIn(peer.sent)
    // the first ends a line, the second an exchange of AUTH
    peer.say('\r\n*\r\nNOOP\r\nQUIT\r\n')
    for (let waitedMs = 0; !peer.isOver; waitedMs += 20) {
      if (waitedMs > livingMs) {
        // what came behind STLS has been thrown away: the handshake is waited for
        if (/^\+OK (?:Begin TLS|TLSを始め)/m.test(peer.heard.toString('utf8'))) return undefined
        const last = JSON.stringify(peer.heard.toString('latin1').slice(-300))
        return `QUIT did not end the session; ${before} replies to ${lines} lines before it: ${last}`
      }
      await delay(20)
    }
    // each line has its reply, unless the server had had enough before
    const replies = statuses(peer.heard)
    const isWhole = replies.length === linesIn(peer.sent) + 1
    return isWhole || !/^\+OK Goodbye|^\+OK .*deleted/.test(replies.at(-1) ?? '') || quitBefore(peer.sent)
      ? undefined
      : `${replies.length - 1} replies to ${linesIn(peer.sent)} lines`
  },
}

function wrongReplies(heard: Buffer, sent: Buffer): string | undefined {
  const text = heard.toString('latin1')
  if (/\r(?!\n)|(?<!\r)\n/.test(text.replace(/\r$/, ''))) return 'a CR or LF stands alone'
  let inside = false
  let count = 0
  for (const line of text.split('\r\n').slice(0, -1)) {
    if (status.test(line)) {
      count++
      inside = line.startsWith('+OK')
      if (line.length + 2 > replyLimitOctets && !line.startsWith('+ ')) return `a reply of ${line.length} octets`
    } else if (!inside) return `no reply: ${JSON.stringify(line.slice(0, 200))}`
    else if (line === '.') inside = false
  }
  const lines = linesIn(sent)
  return count <= lines + 2 ? undefined : `${count} replies to ${lines} lines, a greeting and a goodbye`
}

/** None of the letters here has a line that begins like a reply. */
function statuses(heard: Buffer): readonly string[] {
  return heard
    .toString('latin1')
    .split('\r\n')
    .filter(line => status.test(line))
}

function linesIn(sent: Buffer): number {
  return sent.toString('latin1').split('\n').length - 1
}

/** In the hostile input itself */
function quitBefore(sent: Buffer): boolean {
  return sent.toString('latin1').split(/QUIT/i).length > 2
}
