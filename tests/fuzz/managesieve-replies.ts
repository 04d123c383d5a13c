/**
 * What a ManageSieve server may say: lines of strings and literals, one OK, NO or BYE to each command (RFC 5804 §1.2); and how a hostile client
 * learns whether the server lives.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Protocol } from './hostile-session.ts'

const livingMs = 8_000
/** Then the stream is ended where the server may be waiting for the rest of something */
const patienceMs = 100
const status = /^(?:OK|NO|BYE)(?: \((?:[A-Z/-]+|(?:TAG|SASL) .*?)\))?(?: (?:"(?:[^"\\]|\\["\\])*"|\{\d+\}))?$/
const data = /^(?:"(?:[^"\\]|\\["\\])*"(?: (?:"(?:[^"\\]|\\["\\])*"|ACTIVE))?|\{\d+\})$/

export const manageSieveProtocol: Protocol = {
  greeting: /^OK .*\r\n/m,
  judge: wrongReplies,
  async rescue(peer) {
    // the first ends a line; the second is a whole response of an exchange, the third a command
    peer.say(`\r\n"*"\r\nNOOP "rescued"\r\nLOGOUT\r\n`)
    // A literal that was announced takes these words in, and what came behind STARTTLS was thrown away: the end of the stream ends either
    const isOpen = () => /\{\d+\+\}\r?\n/.test(peer.sent.toString('latin1')) || begunTls(peer.heard)
    for (let waitedMs = 0; !peer.isOver; waitedMs += 20) {
      if (waitedMs === patienceMs && isOpen()) peer.end()
      if (waitedMs > livingMs)
        return begunTls(peer.heard)
          ? undefined
          : `LOGOUT did not end the session: ${JSON.stringify(peer.heard.toString('latin1').slice(-300))}`
      await delay(20)
    }
    return undefined
  },
}

function begunTls(heard: Buffer): boolean {
  return /^OK "Begin TLS"/m.test(heard.toString('latin1'))
}

function wrongReplies(heard: Buffer): string | undefined {
  for (let rest = heard; rest.length > 0; ) {
    const end = rest.indexOf('\r\n')
    if (end < 0) return undefined
    let line = rest.toString('latin1', 0, end)
    rest = rest.subarray(end + 2)
    // a literal stands for a string: what follows it belongs to the line
    for (let length = literalAt(line); length !== undefined; length = literalAt(line)) {
      if (rest.length < length) return undefined
      const after = rest.subarray(length)
      const next = after.indexOf('\r\n')
      if (next < 0) return undefined
      line = `${line.slice(0, line.lastIndexOf('{'))}""${after.toString('latin1', 0, next)}`
      rest = after.subarray(next + 2)
    }
    if (!status.test(line) && !data.test(line)) return `no response: ${JSON.stringify(line.slice(0, 200))}`
  }
  return undefined
}

function literalAt(line: string): number | undefined {
  const [, digits] = /(?:^| )\{(\d+)\}$/.exec(line) ?? []
  return digits === undefined ? undefined : Number(digits)
}
