/** Whom one writes to, for completion: those of the last letters that were sent, and who has written. The more often and the later, the higher. */
import type { EmailAddress } from '#protocols/jmap/wire.ts'
import type { Client } from '../../jmap/client.ts'
import type { Mailboxes } from '../mailboxes.ts'
import type { Suggestion } from './suggestion.ts'

/** Who stands before those of the letters: contacts */
export type SuggestFirst = (part: string, taken: ReadonlySet<string>, limit: number) => readonly Suggestion[]

/** Letters that are looked at, of each mailbox */
const maxLetters = 300
const weights = { sent: 3, inbox: 1 } as const

type Known = { readonly address: EmailAddress; readonly score: number; readonly folded: string }

export class KnownPeople {
  readonly #client: Client
  readonly #mailboxes: Mailboxes
  readonly #suggestFirst: SuggestFirst
  #known: readonly Known[] = []
  #asked: Promise<void> | undefined

  constructor(client: Client, mailboxes: Mailboxes, suggestFirst: SuggestFirst = () => []) {
    this.#client = client
    this.#mailboxes = mailboxes
    this.#suggestFirst = suggestFirst
  }

  /** Once for a page, when somebody begins to write. */
  load(): Promise<void> {
    this.#asked ??= this.#load().catch(() => void (this.#asked = undefined))
    return this.#asked
  }

  find(part: string, except: readonly EmailAddress[], limit = 6): readonly Suggestion[] {
    const wanted = folded(part)
    if (wanted === '') return []
    const taken = new Set(except.map(({ email }) => email.toLowerCase()))
    const first = this.#suggestFirst(part, taken, limit)
    for (const suggestion of first) if (suggestion.kind === 'person') taken.add(suggestion.address.email.toLowerCase())
    const others = this.#known
      .filter(({ address, folded: text }) => !taken.has(address.email.toLowerCase()) && text.includes(wanted))
      .toSorted((a, b) => rank(b, wanted) - rank(a, wanted))
      .map(({ address }) => ({ kind: 'person', address }) as const)
    return [...first, ...others].slice(0, limit)
  }

  async #load(): Promise<void> {
    const calls = this.#client.batch()
    const asked = (['sent', 'inbox'] as const).flatMap(role => {
      const mailbox = this.#mailboxes.role(role)
      if (!mailbox) return []
      const query = calls.call('Email/query', { filter: { inMailbox: mailbox.id }, limit: maxLetters })
      const properties = role === 'sent' ? ['to', 'cc', 'bcc'] : ['from']
      return [{ role, get: calls.call('Email/get', { '#ids': query.result('/ids'), properties }) }]
    })
    const answers = await this.#client.send(calls)
    this.#known = scored(
      asked.flatMap(({ role, get }) =>
        answers
          .of(get)
          .list.flatMap(({ from, to, cc, bcc }, at) =>
            [from, to, cc, bcc].flatMap(list =>
              (list ?? []).map(address => ({ address, score: weights[role] * (1 + 1 / (1 + at)) })),
            ),
          ),
      ),
    )
  }
}

function scored(all: readonly { readonly address: EmailAddress; readonly score: number }[]): readonly Known[] {
  const known = new Map<string, { address: EmailAddress; score: number }>()
  for (const { address, score } of all) {
    if (!address.email.includes('@')) continue
    const key = address.email.toLowerCase()
    const before = known.get(key)
    // the newest name that there is
    const name = before?.address.name ?? address.name
    known.set(key, {
      address: { name, email: before?.address.email ?? address.email },
      score: score + (before?.score ?? 0),
    })
  }
  return Array.from(known.values(), one => ({
    ...one,
    folded: folded(`${one.address.name ?? ''} ${one.address.email}`),
  }))
}

/** Beginnings of words before middles */
function rank({ score, folded: text }: Known, wanted: string): number {
  const begins = text.startsWith(wanted) || text.includes(` ${wanted}`)
  return (begins ? 1_000_000 : 0) + score
}

/** ﾊﾅ, ハナ and はな are one. */
export function folded(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[ァ-ヶ]/g, one => String.fromCharCode(one.charCodeAt(0) - 0x60))
    .replaceAll(/\s+/g, ' ')
    .trim()
}
