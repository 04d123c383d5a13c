/** EXPUNGE, UID EXPUNGE and CLOSE. RFC 9051 §6.4.3, §6.4.9, §6.4.2, RFC 4315 §2.1 */
import type { Client } from './client.ts'
import type { View } from './client-view.ts'
import type { Command, Ground, Outcome } from './command.ts'
import { complain } from './complaint.ts'
import type { Message } from './model.ts'
import { someTargets } from './targets.ts'

export function expunge(ground: Ground): Command | undefined {
  return ground.client.view && expungeOf(ground.client, 'EXPUNGE', 'EXPUNGE', undefined)
}

export function uidExpunge(ground: Ground): Command | undefined {
  const targets = someTargets(ground, false)
  return targets && expungeOf(ground.client, 'UID EXPUNGE', `UID EXPUNGE ${targets.set}`, targets.uids)
}

function expungeOf(client: Client, name: string, line: string, only: ReadonlySet<number> | undefined): Command {
  const isMeant = ({ uid }: Message) => only === undefined || only.has(uid)
  const known = new Set<number>()
  return {
    name,
    parts: [line],
    isLast: true,
    start: ({ view }) => note(view, known),
    resolve: outcome => remove(outcome, isMeant, known),
    check: outcome => {
      check(outcome, isMeant, known)
      if (client.enabled.has('qresync')) checkCode(outcome)
    },
  }
}

/** What had \Deleted is gone; where that is in doubt, what the answer tells. */
function remove(outcome: Outcome, isMeant: (message: Message) => boolean, known: ReadonlySet<number>): void {
  const { model, view, tagged, left } = outcome
  if (!view || view.readOnly || tagged?.status === 'NO') return
  for (const message of model.mailbox(view.mailbox).messages.values()) {
    const deleted = message.deleted.allowed(outcome)
    if (!deleted.has(true) || !isMeant(message)) continue
    const isSure = tagged !== undefined && (left.has(message.uid) || (deleted.size === 1 && known.has(message.uid)))
    message.alive.write(outcome, false, isSure)
  }
}

/** A message of which the client had not heard when it asked may have come later, and stay. */
function note(view: View | undefined, known: Set<number>): void {
  for (const { uid } of view?.known ?? []) known.add(uid)
}

function check(outcome: Outcome, isMeant: (message: Message) => boolean, known: ReadonlySet<number>): void {
  const { model, view, tagged } = outcome
  if (!view || !tagged) return
  if (view.readOnly) {
    if (tagged.status !== 'NO') complain('allowed', `EXPUNGE of a mailbox selected read-only: ${tagged.status}`)
    return
  }
  if (tagged.status !== 'OK') complain('refused', `EXPUNGE was answered ${tagged.status}`)
  for (const message of model.mailbox(view.mailbox).messages.values()) {
    const deleted = message.deleted.allowed(outcome)
    if (isMeant(message) && !deleted.has(false) && known.has(message.uid) && view.slotOf(message.uid))
      complain('expunge', `UID ${message.uid} has \\Deleted, and EXPUNGE does not tell that it went`)
  }
}

/** RFC 7162 §3.2.7: whoever has expunged something is told the new HIGHESTMODSEQ. */
function checkCode({ tagged, left, isQuiet, model, view }: Outcome): void {
  if (tagged?.status !== 'OK' || left.size === 0 || !isQuiet) return
  const { code } = tagged
  if (code.name !== 'HIGHESTMODSEQ') complain('missing', 'EXPUNGE was answered without HIGHESTMODSEQ')
  // what went may have been removed by others, before a change that has been told
  if (code.modseq < model.mailbox(view?.mailbox ?? '').before.highest)
    complain('modseq', `EXPUNGE was answered with HIGHESTMODSEQ ${code.modseq}; more was told before it`)
}

/** CLOSE: as EXPUNGE, without telling. */
export function close({ client }: Ground): Command | undefined {
  if (!client.view) return undefined
  const known = new Set<number>()
  return {
    name: 'CLOSE',
    parts: ['CLOSE'],
    isLast: true,
    start: ({ view }) => note(view, known),
    end: one => void (one.view = undefined),
    resolve: outcome => {
      const { view, model, tagged } = outcome
      if (!view || view.readOnly) return
      for (const message of model.mailbox(view.mailbox).messages.values()) {
        const deleted = message.deleted.allowed(outcome)
        if (deleted.has(true))
          message.alive.write(outcome, false, deleted.size === 1 && tagged !== undefined && known.has(message.uid))
      }
    },
    check: ({ tagged, left }) => {
      if (tagged && tagged.status !== 'OK') complain('refused', `CLOSE was answered ${tagged.status}`)
      // RFC 9051 §6.4.2: no untagged EXPUNGE responses are sent
      if (left.size > 0) complain('expunge', 'EXPUNGE in the answer to CLOSE')
    },
  }
}

export function unselect({ client }: Ground): Command | undefined {
  if (!client.view) return undefined
  return {
    name: 'UNSELECT',
    parts: ['UNSELECT'],
    isLast: true,
    end: one => void (one.view = undefined),
    check: ({ tagged }) => {
      if (tagged && tagged.status !== 'OK') complain('refused', `UNSELECT was answered ${tagged.status}`)
    },
  }
}
