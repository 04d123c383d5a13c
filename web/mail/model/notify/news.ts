/** News while a page is open: what comes in is told to the worker, which shows it; so is what was read, wherever it was. */
import { effect, type Signal, signal, untracked } from '@preact/signals'
import type { Id } from '#protocols/jmap/wire.ts'
import type { ToWorker } from '../../worker/told.ts'
import type { Mail } from '../mail.ts'
import { isNews, newLetter } from './letters.ts'

export type NewsParts = Pick<Mail, 'sync' | 'emails' | 'mailboxes' | 'news' | 'user'>

/** Letters and the word that a delivery was among what has changed come in either order, close to each other. */
const togetherMs = 15_000

/** `wants`: whether anybody is to be told. Until what it returns is called. */
export function followNews(
  { sync, emails, mailboxes, news, user }: NewsParts,
  { wants, tell }: { readonly wants: () => boolean; readonly tell: (told: ToWorker) => void },
): () => void {
  const told: Signal<readonly Id[]> = signal([])
  let deliveredAt = -Infinity
  let candidates: { readonly ids: readonly Id[]; readonly at: number } = { ids: [], at: 0 }
  const tellOf = () => {
    const now = Date.now()
    // what is made, copied or imported is no delivery (RFC 8621 §1.5)
    if (!wants() || now - deliveredAt > togetherMs || now - candidates.at > togetherMs) return
    const inbox = mailboxes.role('inbox')?.id ?? ''
    const rows = candidates.ids.flatMap(id => emails.get(id) ?? []).filter(row => isNews(row, inbox, user.username))
    candidates = { ids: [], at: 0 }
    if (rows.length === 0) return
    told.value = [...told.peek(), ...rows.map(({ id }) => id)].slice(-100)
    tell({ kind: 'new', letters: rows.map(newLetter) })
  }
  const hear: Parameters<typeof news.add>[0] = states => {
    if (states?.['EmailDelivery'] === undefined) return
    deliveredAt = Date.now()
    tellOf()
  }
  news.add(hear)
  const ends = [
    () => news.delete(hear),
    effect(() => {
      const ids = sync.arrived.value
      untracked(() => {
        candidates = { ids, at: Date.now() }
        tellOf()
      })
    }),
    effect(() => {
      const inbox = mailboxes.role('inbox')?.id ?? ''
      const gone = told.value.filter(id => {
        const row = emails.get(id)
        return !row || row.keywords['$seen'] === true || row.mailboxIds[inbox] !== true
      })
      if (gone.length === 0) return
      untracked(() => (told.value = told.peek().filter(id => !gone.includes(id))))
      tell({ kind: 'gone', ids: gone })
    }),
  ]
  return () => {
    for (const end of ends) end()
  }
}
