/** Whoever asked by NOTIFY is told what others do, without doing anything. RFC 5465 §5 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from './client.ts'
import { complain } from './complaint.ts'
import type { Mailbox, Model } from './model.ts'
import { type Watch, watches } from './watch.ts'

const budgetMs = 5_000
const roundsBetweenLooks = 6

type Signatures = ReadonlyMap<string, string>

/** Mailboxes and the UIDs in them, as each client knew them when it was last looked at, or did something itself. */
export class Notified {
  readonly #known = new Map<Client, Signatures>()
  #names: ReadonlySet<string> = new Set()
  #rounds = 0

  /** At the end of a round, when all is settled; `acted` are told by their own commands. */
  async check(model: Model, clients: readonly Client[], acted: ReadonlySet<Client>): Promise<void> {
    const now = new Map([...model.mailboxes.values()].map(mailbox => [mailbox.name, uidsOf(mailbox)]))
    // a server may gather news for a while, so that not every round waits; names are compared one change at a time
    const looks = ++this.#rounds % roundsBetweenLooks === 0 || this.#names.symmetricDifference(now).size > 0
    this.#names = new Set(now.keys())
    for (const client of clients) {
      const { watch } = client
      const changes = changesBetween(this.#known.get(client) ?? now, now)
      const isAsleep = watch !== undefined && client.isConnected && !acted.has(client)
      if (isAsleep && looks) await untilTold(client, () => lag(model, client, watch, changes))
      if (isAsleep && !looks) continue
      this.#known.set(client, now)
      client.heard = []
    }
  }
}

function changesBetween(before: Signatures, now: Signatures): Changes {
  return {
    changed: [...now.keys()].filter(name => before.has(name) && before.get(name) !== now.get(name)),
    came: [...now.keys()].filter(name => !before.has(name)),
    left: [...before.keys()].filter(name => !now.has(name)),
  }
}

type Changes = { readonly [Name in 'changed' | 'came' | 'left']: readonly string[] }

function uidsOf({ present }: Mailbox): string {
  return present.map(({ uid }) => uid).join()
}

async function untilTold(client: Client, lagging: () => string | undefined): Promise<void> {
  const lateAt = performance.now() + budgetMs
  for (;;) {
    const what = lagging()
    if (what === undefined || !client.isConnected) return
    if (performance.now() > lateAt) complain('notify', `${client.name} asked to be told, and ${what}`)
    await sleep(1)
  }
}

/** What has not been told yet. */
function lag(model: Model, client: Client, watch: Watch, { changed, came, left }: Changes): string | undefined {
  for (const name of changed) {
    const why = client.view?.mailbox === name || !watches(watch, name) ? undefined : lagOfOther(model, client, name)
    if (why !== undefined) return why
  }
  if (watch.names)
    for (const name of [...came, ...left])
      if (!hasHeardOf(client, name, left.includes(name))) return `${name} came or went`
  return lagOfView(model, client, watch)
}

/** RFC 5465 §5.2, §5.3: STATUS with UIDNEXT and MESSAGES */
function lagOfOther(model: Model, { heard }: Client, name: string): string | undefined {
  const last = heard.findLast(one => one.kind === 'mailbox' && one.name === name && one.items.has('MESSAGES'))
  if (last?.kind !== 'mailbox') return `no STATUS tells that ${name} has changed`
  const { present } = model.mailbox(name)
  const messages = Number(last.items.get('MESSAGES'))
  if (messages !== present.length) return `STATUS of ${name} tells ${messages} messages, there are ${present.length}`
  const next = Number(last.items.get('UIDNEXT'))
  return next > (present.at(-1)?.uid ?? 0) ? undefined : `STATUS of ${name} tells UIDNEXT ${next}, it is too low`
}

/** RFC 5465 §5.4: LIST, with \NonExistent when it went; of one that was renamed, the new name with OLDNAME will do. */
function hasHeardOf({ heard }: Client, name: string, isGone: boolean): boolean {
  return heard.some(one => {
    if (one.kind !== 'list') return false
    if (isGone) return one.oldName === name || (one.name === name && one.attributes.includes('\\NonExistent'))
    return one.name === name && !one.attributes.includes('\\NonExistent')
  })
}

function lagOfView(model: Model, { view, idling }: Client, watch: Watch): string | undefined {
  const mailbox = view && model.mailboxes.get(view.mailbox)
  if (!mailbox) return undefined
  const count = mailbox.messages.size
  const isAtOnce = watch.selected === 'selected' || idling !== undefined
  if (isAtOnce ? view.slots.length !== count : view.slots.length < count)
    return `${view.mailbox} has ${count} messages, told are ${view.slots.length}`
  for (const { uid, flags } of view.known) {
    const message = mailbox.messages.get(uid)
    if (!message && isAtOnce) return `UID ${uid} of ${view.mailbox} went`
    const truth = message?.settledFlags
    if (truth && flags && flags.symmetricDifference(truth).size > 0)
      return `UID ${uid} of ${view.mailbox} has (${[...truth].join(' ')}), told was (${[...flags].join(' ')})`
  }
  return undefined
}
