/** Dates as they are shown. The language is that of the page; how its region writes them is the browser's; the time zone is `timeZone()`. */
import { dayNumber, timeZone, wallTime } from './zone.ts'

export type DateWords = { readonly locale: string; readonly yesterday: string }

const formats = new Map<string, Intl.DateTimeFormat>()

function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const zone = timeZone()
  const key = locale + zone + JSON.stringify(options)
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, timeZone: zone })
  formats.set(key, known)
  return known
}

/** In a list: the time today, the day this year, else the date. */
export function shortDate(date: Date, now: Date, { locale, yesterday }: DateWords): string {
  const days = dayNumber(now) - dayNumber(date)
  if (days === 0) return format(locale, { hour: '2-digit', minute: '2-digit', hour12: false }).format(date)
  if (days === 1) return yesterday
  if (yearOf(date) === yearOf(now) || (days > 0 && days < 60))
    return format(
      locale,
      locale.startsWith('ja') ? { month: 'numeric', day: 'numeric' } : { month: 'short', day: 'numeric' },
    ).format(date)
  return format(locale, { year: 'numeric', month: '2-digit', day: '2-digit' }).format(date)
}

/** Over a letter: the day and the time, the year when it is another. */
export function longDate(date: Date, now: Date, { locale }: DateWords): string {
  const year = yearOf(date) === yearOf(now) ? {} : { year: 'numeric' as const }
  const month = locale.startsWith('ja') ? ('long' as const) : ('short' as const)
  return format(locale, {
    ...year,
    month,
    day: 'numeric',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  }).format(date)
}

/** In a quote: for who reads it in years, in another place. */
export function letterDate(date: Date, locale: string): string {
  return format(locale, { dateStyle: 'full', timeStyle: 'short' }).format(date)
}

/** With the name of the reader's own zone: 日本標準時 */
export function momentDate(date: Date, locale: string): string {
  const name = format(locale, { timeZoneName: 'long' })
    .formatToParts(date)
    .find(({ type }) => type === 'timeZoneName')?.value
  return `${letterDate(date, locale)}${name === undefined ? '' : ` (${name})`}`
}

/** What a clock somewhere says, given as if it were in UTC */
export function wallDate(date: Date, locale: string, hasTime: boolean): string {
  const time = hasTime ? ({ timeStyle: 'short' } as const) : {}
  return new Intl.DateTimeFormat(locale, { dateStyle: 'full', ...time, timeZone: 'UTC' }).format(date)
}

export function fullDate(date: Date, locale: string): string {
  return format(locale, { dateStyle: 'full', timeStyle: 'long' }).format(date)
}

function yearOf(date: Date): string {
  return wallTime(date).slice(0, 4)
}

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

/** In thousands, as file managers count today */
export function sizeText(octets: number, locale: string): string {
  let size = octets
  let unit = 0
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000
    unit++
  }
  const style = {
    style: 'unit',
    unit: units[unit] ?? 'byte',
    // “806 byte” is how no language writes it
    unitDisplay: unit === 0 ? 'long' : 'short',
    maximumFractionDigits: size < 10 && unit > 0 ? 1 : 0,
  } as const
  return new Intl.NumberFormat(locale, style).format(size)
}
