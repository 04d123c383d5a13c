/** Date fields: RFC 5322 §3.3, the obsolete forms of §4.3, and forms that old programs wrote (asctime, ISO 8601). */
import { asciiText } from '#base/bytes.ts'

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** RFC 5322 §4.3. Other letters and names say nothing: -0000. */
const zoneHours: Readonly<Record<string, number>> = {
  edt: -4,
  est: -5,
  cdt: -5,
  cst: -6,
  mdt: -6,
  mst: -7,
  pdt: -7,
  pst: -8,
  jst: 9,
}

const dayFirst =
  /^(?:[a-z]+\.?,?\s*)?(\d{1,2})(?:st|nd|rd|th)?[\s.,-]*([a-z]{3})[a-z]*[\s.,-]*(\d{2,4})(?:[\s,T]+(\d{1,2})\s*[:.]\s*(\d{1,2})(?:\s*[:.]\s*(\d{1,2}))?)?(?:[.,]\d+)?\s*(?:([ap])m\b)?\s*(.*)$/i
const monthFirst =
  /^(?:[a-z]+\.?,?\s*)?([a-z]{3})[a-z]*\.?\s+(\d{1,2}),?\s+(?:(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?\s*)(?:([a-z]{1,5}|[+-]\d{4})\s+)?(\d{4})\s*(.*)$/i
const iso8601 = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T\s]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?(?:\.\d+)?)?\s*(.*)$/i

/** RFC 5322 §3.3 */
const firstYear = 1900
/** Longer values are no dates; keeps the patterns cheap. */
const maxDateBytes = 200

/** Milliseconds since 1970, or undefined when no date can be made of it. */
export function parseDate(value: Uint8Array): number | undefined {
  const text = withoutComments(asciiText(value.subarray(0, maxDateBytes))).trim()
  return fromDayFirst(text) ?? fromMonthFirst(text) ?? fromIso8601(text)
}

/** The zone that a date names at its end, in minutes east of Greenwich; 0 where it names none. */
export function parseZone(text: string): number {
  const clean = withoutComments(text.slice(0, maxDateBytes)).trim()
  return zoneOffsetMinutes(/(?:[+-]\d{1,2}:?\d{2}|\b[A-Za-z]{1,5})$/.exec(clean)?.[0] ?? '')
}

/** `Mon, 23 Nov 2026 02:05:12 +0900`. RFC 5322 §3.3 */
export function printDate(ms: number, zoneMinutes = 0): string {
  const local = new Date(ms + zoneMinutes * 60_000)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${dayNames[local.getUTCDay()]}, ${local.getUTCDate()} ${monthNames[local.getUTCMonth()]}`
  const time = `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`
  const zone = Math.abs(zoneMinutes)
  const year = String(local.getUTCFullYear()).padStart(4, '0')
  return `${day} ${year} ${time} ${zoneMinutes < 0 ? '-' : '+'}${two(Math.floor(zone / 60))}${two(zone % 60)}`
}

function fromDayFirst(text: string): number | undefined {
  const [, day, month, year, hour, minute, second, half, zone] = dayFirst.exec(text) ?? []
  if (year === undefined) return undefined
  return moment(fullYear(year), monthNumber(month), day, hourOf(hour, half), minute, second, zone)
}

function fromMonthFirst(text: string): number | undefined {
  const [, month, day, hour, minute, second, zoneBefore, year, zone] = monthFirst.exec(text) ?? []
  if (year === undefined) return undefined
  return moment(fullYear(year), monthNumber(month), day, hour, minute, second, zoneBefore ?? zone)
}

function fromIso8601(text: string): number | undefined {
  const [, year, month, day, hour, minute, second, zone] = iso8601.exec(text) ?? []
  if (year === undefined) return undefined
  return moment(Number(year), Number(month) - 1, day, hour, minute, second, zone)
}

function moment(
  year: number,
  month: number,
  day: string | undefined,
  hour: string | undefined,
  minute: string | undefined,
  second: string | undefined,
  zone: string | undefined,
): number | undefined {
  const fields = [month, Number(day), Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)] as const
  const [, dayNumber, hours, minutes, seconds] = fields
  // a leap second is the next minute's first
  if (
    year < firstYear ||
    month < 0 ||
    month > 11 ||
    dayNumber < 1 ||
    dayNumber > 31 ||
    hours > 24 ||
    minutes > 59 ||
    seconds > 60
  )
    return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month, dayNumber)
  date.setUTCHours(hours, minutes, seconds)
  return date.getTime() - zoneOffsetMinutes(zone ?? '') * 60_000
}

/** RFC 5322 §4.3: 00–49 are 2000 and on, 50–99 and three digits count from 1900. */
function fullYear(text: string): number {
  const year = Number(text)
  if (text.length === 2) return year < 50 ? 2000 + year : 1900 + year
  return text.length === 3 ? 1900 + year : year
}

function monthNumber(name: string | undefined): number {
  return months.indexOf((name ?? '').slice(0, 3).toLowerCase())
}

function hourOf(hour: string | undefined, half: string | undefined): string | undefined {
  if (!half || hour === undefined) return hour
  return String((Number(hour) % 12) + (half.toLowerCase() === 'p' ? 12 : 0))
}

function zoneOffsetMinutes(text: string): number {
  const [, sign, hours, minutes] = /([+-])(\d{1,2}):?(\d{2})?/.exec(text) ?? []
  if (hours !== undefined) return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes ?? 0))
  const name = /^[a-z]+/i.exec(text)?.[0].toLowerCase() ?? ''
  return (zoneHours[name] ?? 0) * 60
}

function withoutComments(text: string): string {
  if (!text.includes('(')) return text
  let depth = 0
  let out = ''
  for (const character of text) {
    if (character === '(') depth++
    else if (character === ')' && depth > 0) depth--
    else if (depth === 0) out += character
  }
  return out
}
