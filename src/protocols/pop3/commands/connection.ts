import type { Command } from '../command.ts'
import { update } from '../maildrop.ts'
import { unauthenticated } from '../session.ts'
import type { Authorization, Transaction } from '../session.ts'
import { texts } from '../texts.ts'
import { mechanismsOf } from './log-in.ts'

/** RFC 2449 §5, §6; RFC 6856 §2, §3 */
export const capa = {
  states: ['authorization', 'transaction'],
  run(_request, session, peer) {
    const lines = [
      'TOP',
      'UIDL',
      'RESP-CODES',
      'AUTH-RESP-CODE',
      'PIPELINING',
      'EXPIRE NEVER',
      'LOGIN-DELAY 0',
      'UTF8 USER',
      'LANG',
      'IMPLEMENTATION Hikyaku',
    ]
    if (session.kind === 'authorization') {
      if (peer.mayStartTls) lines.push('STLS')
      if (peer.mayLogIn) lines.push('USER', `SASL ${mechanismsOf(peer).join(' ')}`)
    }
    peer.ok(texts.capabilities)
    peer.write(`${lines.map(line => `${line}\r\n`).join('')}.\r\n`)
    return undefined
  },
} satisfies Command<'capa', Authorization | Transaction>

/** RFC 2595 §4: whatever was known or sent before counts for nothing afterwards. */
export const stls = {
  states: ['authorization'],
  async run(_request, _session, peer) {
    if (!peer.mayStartTls) {
      peer.err(peer.encrypted ? texts.tlsActive : texts.tlsNotOffered)
      return undefined
    }
    // RFC 6856 §2.1
    if (peer.utf8) {
      peer.err(texts.tlsTooLate)
      return undefined
    }
    peer.ok(texts.tlsBegins)
    await peer.startTls()
    peer.languageTag = undefined
    return unauthenticated
  },
} satisfies Command<'stls', Authorization>

/** RFC 1939 §6: only here are messages removed. */
export const quit = {
  states: ['authorization', 'transaction'],
  async run(_request, session, peer) {
    if (session.kind === 'transaction') {
      try {
        await update(session.account, session.drop)
      } catch (error) {
        peer.log.error('Marked messages could not be removed', { reason: `${error}` })
        peer.err(texts.notRemoved, 'SYS/TEMP')
        return { kind: 'gone' }
      }
    }
    peer.ok(texts.goodbye)
    return { kind: 'gone' }
  },
} satisfies Command<'quit', Authorization | Transaction>
