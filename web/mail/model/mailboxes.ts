/** The account's mailboxes, in the order in which people look for them. */
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Id, Mailbox, MailboxRole } from '#protocols/jmap/wire.ts'

export const roles: readonly MailboxRole[] = ['inbox', 'drafts', 'sent', 'archive', 'junk', 'trash']

export type MailboxNode = { readonly mailbox: Mailbox; readonly depth: number }

/** What a change that is under way adds to the counts of a mailbox. */
export type CountChange = { readonly unreadThreads: number; readonly totalThreads: number }

export class Mailboxes {
  readonly #told: Signal<readonly Mailbox[]> = signal([])
  readonly #underWay: Signal<readonly ReadonlyMap<Id, CountChange>[]> = signal([])
  /** Undefined until they have been read for the first time */
  state: string | undefined

  readonly all: ReadonlySignal<readonly Mailbox[]> = computed(() =>
    this.#told.value.map(mailbox =>
      this.#underWay.value.reduce((one, changes) => counted(one, changes.get(one.id)), mailbox),
    ),
  )
  readonly byId: ReadonlySignal<ReadonlyMap<Id, Mailbox>> = computed(
    () => new Map(this.all.value.map(mailbox => [mailbox.id, mailbox])),
  )
  readonly byRole: ReadonlySignal<ReadonlyMap<string, Mailbox>> = computed(
    () => new Map(this.all.value.flatMap(mailbox => (mailbox.role === null ? [] : [[mailbox.role, mailbox] as const]))),
  )
  /** Those with a role first, then the others by name, each above its own. */
  readonly tree: ReadonlySignal<readonly MailboxNode[]> = computed(() => ordered(this.all.value))

  put(state: string, list: readonly Mailbox[]): void {
    this.state = state
    this.#told.value = list
  }

  role(role: MailboxRole): Mailbox | undefined {
    return this.byRole.value.get(role)
  }

  /** Shown until what it returns is called. */
  lay(changes: ReadonlyMap<Id, CountChange>): () => void {
    this.#underWay.value = [...this.#underWay.peek(), changes]
    return () => void (this.#underWay.value = this.#underWay.peek().filter(one => one !== changes))
  }
}

function counted(mailbox: Mailbox, change: CountChange | undefined): Mailbox {
  if (!change) return mailbox
  return {
    ...mailbox,
    unreadThreads: Math.max(0, mailbox.unreadThreads + change.unreadThreads),
    totalThreads: Math.max(0, mailbox.totalThreads + change.totalThreads),
  }
}

function ordered(all: readonly Mailbox[]): MailboxNode[] {
  const known = new Set(all.map(({ id }) => id))
  const above = new Map<Id | null, Mailbox[]>()
  for (const mailbox of all) {
    const parent = mailbox.parentId !== null && known.has(mailbox.parentId) ? mailbox.parentId : null
    above.set(parent, [...(above.get(parent) ?? []), mailbox])
  }
  const below = (parent: Id | null, depth: number): MailboxNode[] =>
    (above.get(parent) ?? [])
      .toSorted((a, b) => rank(a) - rank(b) || a.sortOrder - b.sortOrder || collator.compare(a.name, b.name))
      .flatMap(mailbox => [{ mailbox, depth }, ...below(mailbox.id, depth + 1)])
  return below(null, 0)
}

const collator = new Intl.Collator(['ja', 'en'], { numeric: true })

function rank({ role }: Mailbox): number {
  const at = roles.findIndex(one => one === role)
  return at < 0 ? roles.length : at
}
