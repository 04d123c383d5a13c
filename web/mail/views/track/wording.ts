import { trackEn } from '../../texts/track-en.ts'
import { trackJa } from '../../texts/track-ja.ts'
import { language, t } from '../../texts/texts.ts'
import type { Wording } from '../../model/track/words.ts'
import { localeFor } from '../message-row.tsx'

/** Follows the page's language. */
export function useWording(): Wording {
  const now = language.value
  const locale = localeFor(now)
  const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false } as const
  const day = { month: now === 'ja' ? 'long' : 'short', day: 'numeric' } as const
  const today = new Intl.DateTimeFormat(locale, clock)
  const other = new Intl.DateTimeFormat(locale, { ...day, ...clock })
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' })
  const names: Readonly<Record<string, unknown>> = t().mailboxes
  return {
    words: now === 'ja' ? trackJa : trackEn,
    language: now,
    moment: date => moment.format(date),
    mailbox: role => (roles.has(role) ? String(names[role]) : role),
    time: date => (date.toDateString() === new Date().toDateString() ? today : other).format(date),
  }
}

const roles: ReadonlySet<string> = new Set(['inbox', 'drafts', 'sent', 'archive', 'junk', 'trash'])
