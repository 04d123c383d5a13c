/** The end of a round: what its commands did becomes the truth, and everything that was told is judged by it. */
import { type Auditor, checkMoves, closeExpected, discover, type Seen, settle } from './audit.ts'
import { checkTold } from './check-told.ts'
import type { Notified } from './check-notified.ts'
import { checkSync } from './check-sync.ts'
import type { Client, Pending } from './client.ts'
import type { Outcome } from './command.ts'
import { complain } from './complaint.ts'
import { bury, type Model } from './model.ts'

export type Acted = { readonly client: Client; readonly pending: Pending }

/** COPY takes the flags that STORE writes, EXPUNGE what both have done. */
const phases = [['APPEND'], ['STORE', 'FETCH'], ['COPY']]

export async function endRound(options: {
  readonly model: Model
  readonly clients: readonly Client[]
  readonly acted: readonly Acted[]
  readonly auditor: Auditor
  readonly notified: Notified
  /** Nothing but these commands happened */
  readonly isUndisturbed: boolean
  /** Every mailbox is read */
  readonly isFull: boolean
}): Promise<void> {
  const { model, clients, acted, auditor } = options
  const { notified } = options
  const isQuiet = options.isUndisturbed && acted.length === 1
  const outcomes = acted.map(one => ({ ...one, outcome: outcomeOf(model, one, isQuiet) }))
  resolveAll(model, outcomes)
  markLoneMoves(model)
  const seen = new Map<string, Seen>()
  for (const mailbox of model.mailboxes.values()) {
    const hasNew = [...mailbox.messages.values()].some(({ toldBy }) => toldBy)
    const isAwaited = model.expected.some(({ open }) => [...open].some(one => one.mailbox === mailbox.name))
    if (!options.isFull && !hasNew && !isAwaited) continue
    const looked = await auditor.look(model, mailbox)
    seen.set(mailbox.name, looked)
    await discover(model, mailbox, looked, auditor)
  }
  closeExpected(model)
  for (const { pending, outcome } of outcomes) pending.command.check?.(outcome)
  for (const client of clients) checkTold(model, client)
  const gone = clients.flatMap(client => client.gone.splice(0).map(one => ({ client, ...one })))
  for (const one of gone) mayBeGone(model, one.mailbox, one.slot.uid, one.client)
  model.commitRound()
  for (const one of gone) isGone(model, one.mailbox, one.slot.uid)
  for (const mailbox of model.mailboxes.values()) {
    if (!seen.has(mailbox.name) && mailbox.isSettled) continue
    settle(model, mailbox, seen.get(mailbox.name) ?? (await auditor.look(model, mailbox)))
  }
  checkMoves(model)
  model.expected = []
  await notified.check(model, clients, new Set(acted.map(({ client }) => client)))
  for (const { client, pending } of acted)
    if (isQuiet && syncs.has(pending.command.name) && pending.tagged?.status === 'OK') checkSync(model, client)
}

const syncs: ReadonlySet<string> = new Set(['NOOP', 'CHECK', 'IDLE', 'NOTIFY'])

type Judged = { readonly pending: Pending; readonly outcome: Outcome }

/** By `$` a command can name what another one of this round has brought: it waits until the model has that, too. */
function resolveAll(model: Model, outcomes: readonly Judged[]): void {
  let waiting: readonly Judged[] = []
  for (let phase = 0; phase <= phases.length; phase++) {
    const now = [...waiting, ...outcomes.filter(({ pending }) => phaseOf(pending) === phase)]
    waiting = phase < phases.length ? now.filter(one => namesUnknown(model, one)) : []
    for (const one of now) if (!waiting.includes(one)) one.pending.command.resolve?.(one.outcome)
  }
}

function namesUnknown(model: Model, { pending: { command }, outcome: { view } }: Judged): boolean {
  const mailbox = view && model.mailboxes.get(view.mailbox)
  // what has gone will not come: waiting for it would put this command behind others that take what it writes
  return !!mailbox && [...(command.fresh ?? [])].some(uid => !mailbox.messages.has(uid) && !mailbox.gone.has(uid))
}

function phaseOf({ command }: Pending): number {
  const phase = phases.findIndex(names => names.some(name => command.name.endsWith(name)))
  return phase < 0 ? phases.length : phase
}

function outcomeOf(model: Model, { client, pending }: Acted, isQuiet: boolean): Outcome {
  const { order, untagged, tagged, fetched, left, sentAt, answeredAt, view } = pending
  return {
    client: client.name,
    order,
    model,
    untagged,
    tagged,
    fetched,
    sentAt,
    answeredAt,
    view,
    isQuiet,
    left: new Set(left.map(slot => slot.uid)),
  }
}

/** Of a MOVE that was cut off: whether nothing else can have taken the message. */
function markLoneMoves(model: Model): void {
  for (const { open } of model.expected)
    for (const { source } of open) {
      const message = source && model.mailbox(source.mailbox).messages.get(source.uid)
      if (source) source.onlyThis = message?.alive.writeCount === 1 && message.alive.settled === undefined
    }
}

function mayBeGone(model: Model, name: string, uid: number | undefined, client: Client): void {
  const message = uid === undefined ? undefined : model.mailboxes.get(name)?.messages.get(uid)
  if (message && !message.alive.allowedSince(model.round).has(false))
    complain('expunge', `${client.name} is told that UID ${uid} of ${name} went, and nothing has expunged it`)
}

function isGone(model: Model, name: string, uid: number | undefined): void {
  const mailbox = model.mailboxes.get(name)
  const message = uid === undefined ? undefined : mailbox?.messages.get(uid)
  if (mailbox && message?.alive.settle(false)) bury(mailbox, message, mailbox.before.highest)
}
