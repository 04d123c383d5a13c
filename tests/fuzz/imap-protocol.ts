/** How a hostile IMAP client ends whatever it has begun, and learns whether the server lives. */
import { setTimeout as delay } from 'node:timers/promises'
import type { HostilePeer, Protocol } from './hostile-session.ts'
import { wrongReplies } from './imap-replies.ts'

/** Ends a line, IDLE, AUTHENTICATE; what a literal still wants is taken from the NOOPs behind it. */
const wayOut = '\r\nDONE\r\n*\r\n'
/** What we say next may end the line. */
const announced = /\{(\d+)\+?\}\r?(?:\n|$)/g
/** Of literals longer than all we say to get out, only the deadline gets rid. */
const longLiteral = 8_000
const answer = /^r\d+ (?:OK|NO|BAD).*\r\n/m
const quietMs = 150
const livingMs = 8_000

export const imapProtocol: Protocol = {
  greeting: /^\* OK .*\r\n/,
  judge: wrongReplies,
  async rescue(peer) {
    const mayWait = waitsForOctets(peer)
    peer.say(`${wayOut}r1 NOOP\r\n`)
    let lives = await peer.until(answer, mayWait ? quietMs : livingMs)
    for (let n = 2; mayWait && !lives && !peer.isOver && n < 12; n++) {
      peer.say(`${`r${n} NOOP\r\n`.repeat(100)}`)
      lives = await peer.until(answer, n === 11 ? livingMs : quietMs)
    }
    if (!lives)
      return peer.isOver || mayWait === 'long' || isChanged(peer) ? undefined : `a NOOP was not answered: ${last(peer)}`
    return await goodbye(peer)
  },
}

/** The server is in step again: what is asked now, under tags that no seed has, is answered, once, and it says goodbye. */
async function goodbye(peer: HostilePeer): Promise<string | undefined> {
  peer.say('stillthere NOOP\r\nandleave LOGOUT\r\n')
  const heard = await peer.until(/^andleave OK.*\r\n/m, livingMs)
  if (!heard) {
    if (!peer.isOver || !/^\* BYE /m.test(peer.heard.toString('latin1')))
      return `LOGOUT was not answered: ${last(peer)}`
    return undefined
  }
  for (let n = 0; n < 100 && !peer.isOver; n++) await delay(20)
  if (!peer.isOver) return 'the server does not close after LOGOUT'
  const text = peer.heard.toString('latin1')
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0
  return count(/^stillthere OK/gm) === 1 && count(/^andleave OK/gm) === 1
    ? undefined
    : `the last NOOP or LOGOUT was not answered once: ${last(peer)}`
}

/** What came behind STARTTLS and COMPRESS has been thrown away, and the server waits for the handshake. */
function isChanged(peer: HostilePeer): boolean {
  return /OK .*(?:TLS|DEFLATE|[Cc]ompress)/.test(peer.heard.toString('latin1'))
}

function waitsForOctets(peer: HostilePeer): false | 'short' | 'long' {
  const sizes = [...peer.sent.toString('latin1').matchAll(announced)].map(([, size]) => Number(size))
  if (sizes.length === 0) return false
  return Math.max(...sizes) > longLiteral ? 'long' : 'short'
}

function last(peer: HostilePeer): string {
  return JSON.stringify({
    sent: peer.sent.toString('latin1').slice(-2_000),
    heard: peer.heard.toString('latin1').slice(-500),
  })
}
