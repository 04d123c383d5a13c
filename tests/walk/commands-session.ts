/** ENABLE, NOOP, IDLE. RFC 9051 §6.3.1, §6.1.2, §6.3.13 */
import type { Command, Ground, Outcome } from './command.ts'
import { complain } from './complaint.ts'

export function noop({ random, client }: Ground): Command {
  // RFC 9051, Appendix E: there is no CHECK any more
  const name = random.integer(4) === 0 && !client.isRev2 ? 'CHECK' : 'NOOP'
  return { name, parts: [name], check: mustBeOk(name) }
}

/** Without a mailbox there is no CHECK. */
export function bareNoop(): Command {
  return { name: 'NOOP', parts: ['NOOP'], check: mustBeOk('NOOP') }
}

export function idle({ client }: Ground): Command | undefined {
  return client.view && { name: 'IDLE', parts: ['IDLE'], isLast: true, check: mustBeOk('IDLE') }
}

export function enable({ client, random }: Ground): Command | undefined {
  // RFC 7162 §3.2.3: QRESYNC before a mailbox is selected is the usual way
  const names = [...client.likes].filter(name => name !== 'NOTIFY' && !client.enabled.has(name.toLowerCase()))
  if (client.view || names.length === 0) return undefined
  const name = random.pick(names)
  // looked at when the command ends: a kill in the same round begins a connection on which nothing is enabled
  let isEnabled = false
  return {
    name: 'ENABLE',
    parts: [`ENABLE ${name}`],
    isLast: true,
    end: one => {
      isEnabled = one.enabled.has(name.toLowerCase())
      // QRESYNC brings CONDSTORE with it. RFC 7162 §3.2.3
      if (one.enabled.has('qresync')) one.enabled.add('condstore')
    },
    check: outcome => {
      mustBeOk('ENABLE')(outcome)
      if (outcome.tagged && !isEnabled) complain('missing', `ENABLE ${name} did not enable it`)
    },
  }
}

export const extensions = ['CONDSTORE', 'QRESYNC', 'IMAP4rev2', 'UIDONLY', 'NOTIFY'] as const
export type Extension = (typeof extensions)[number]

export function mustBeOk(name: string): ({ tagged }: Outcome) => void {
  return ({ tagged }) => {
    if (tagged && tagged.status !== 'OK') complain('refused', `${name} was answered ${tagged.status}`)
  }
}
