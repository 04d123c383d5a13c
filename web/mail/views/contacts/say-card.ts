/** Words for what a card says. */
import type { Anniversary } from '#protocols/jmap/wire-contacts.ts'
import { t } from '../../texts/texts.ts'

type Typed = {
  readonly contexts?: { readonly [name: string]: true }
  readonly features?: { readonly [name: string]: true }
  readonly label?: string
}

/** `自宅 携帯`; somebody's own word before ours */
export function typeText({ contexts, features, label }: Typed): string {
  if (label !== undefined && label !== '') return label
  const { types } = t().contacts
  const all = [
    ...(contexts?.['private'] ? [types.private] : []),
    ...(contexts?.['work'] ? [types.work] : []),
    ...(features?.['mobile'] ? [types.mobile] : []),
    ...(features?.['fax'] ? [types.fax] : []),
  ]
  return all.join(' ')
}

export function dateText(date: Anniversary['date'], locale: string): string {
  if ('utc' in date) return format(new Date(date.utc), locale, { year: 'numeric', month: 'long', day: 'numeric' })
  const { year, month, day } = date
  // a leap year, in which every day is one
  const whole = new Date(Date.UTC(2000, (month ?? 1) - 1, day ?? 1))
  if (year !== undefined) whole.setUTCFullYear(year)
  return format(whole, locale, {
    ...(year !== undefined && { year: 'numeric' }),
    ...(month !== undefined && { month: 'long' }),
    ...(day !== undefined && { day: 'numeric' }),
  })
}

function format(date: Date, locale: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(date)
}

export function safeLink(uri: string): boolean {
  return /^https?:\/\//i.test(uri)
}
