/** After a NOOP while nothing else happens, a client knows the whole truth: every message, and the flags that it was ever told. */
import type { Client } from './client.ts'
import { flagsText } from './check-told.ts'
import { complain } from './complaint.ts'
import type { Mailbox, Model } from './model.ts'

export function checkSync(model: Model, client: Client): void {
  const { view } = client
  if (!view) return
  const mailbox = model.mailbox(view.mailbox)
  const { present } = mailbox
  if (present.length !== view.slots.length)
    complain(
      'exists',
      `${client.name} knows ${view.slots.length} messages in ${mailbox.name}, there are ${present.length}`,
    )
  if (view.isUidOnly) view.arrange(present.map(({ uid }) => uid))
  for (const [at, message] of present.entries()) {
    const slot = view.slots[at]
    if (!slot) return
    if (slot.uid !== undefined && slot.uid !== message.uid)
      complain(
        'uid',
        `message ${at + 1} of ${mailbox.name} has UID ${slot.uid} for ${client.name}, it is ${message.uid}`,
      )
    slot.uid = message.uid
    if (slot.flags && !isSame(slot.flags, message.settledFlags))
      complain(
        'flags',
        `${client.name} was told (${[...slot.flags].join(' ')}) of UID ${message.uid} in ${mailbox.name} last, and it has (${flagsText(message)})`,
      )
  }
  view.syncedRound = model.round
  keep(client, mailbox)
}

function isSame(told: ReadonlySet<string>, truth: ReadonlySet<string> | undefined): boolean {
  const flags = told.difference(new Set(['\\recent']))
  return truth === undefined || (flags.size === truth.size && flags.isSubsetOf(truth))
}

/** For a resync by QRESYNC: what this client knows, when that is everything. RFC 7162 §3.2.5 */
function keep({ view, saved }: Client, mailbox: Mailbox): void {
  if (!view || view.uidValidity === undefined || view.highest === 0n || mailbox.uidValidity !== view.uidValidity) return
  const flags = new Map<number, ReadonlySet<string>>()
  for (const slot of view.known) if (slot.flags) flags.set(slot.uid, slot.flags)
  if (flags.size === view.slots.length)
    saved.set(view.mailbox, { uidValidity: view.uidValidity, modseq: view.highest, flags })
}
