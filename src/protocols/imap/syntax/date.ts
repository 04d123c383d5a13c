/** The two dates of IMAP: `date` for SEARCH, `date-time` for APPEND and INTERNALDATE. RFC 9051 §9 */
import { asciiText } from '#base/bytes.ts'
import { tryQuoted } from './grammar.ts'
import type { Reader } from './reader.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const dayMs = 86_400_000

/** `1-Feb-1994`, quoted or not: days since 1970-01-01. */
export function expectDate(reader: Reader): number {
  const start = reader.position
  const quoted = tryQuoted(reader)
  const text = asciiText(quoted ?? takeDate(reader))
  const match = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/.exec(text)
  const day = match && dayNumber(Number(match[3]), monthOf(match[2] ?? ''), Number(match[1]))
  return day ?? reader.fail('Expected a date such as 1-Feb-1994', start)
}

function takeDate(reader: Reader): Uint8Array {
  const start = reader.position
  while (isDateByte(reader.peek())) reader.advance(1)
  return reader.since(start)
}

function isDateByte(byte: number): boolean {
  return (
    byte === 0x2d || (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
  )
}

function monthOf(name: string): number {
  const wanted = name.toLowerCase()
  return months.findIndex(month => month.toLowerCase() === wanted)
}

function dayNumber(year: number, month: number, day: number): number | undefined {
  if (month < 0) return undefined
  const time = utc(year, month, day)
  const date = new Date(time)
  return date.getUTCDate() === day && date.getUTCMonth() === month ? time / dayMs : undefined
}

/** Date.UTC takes years below 100 for 19xx. */
function utc(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  date.setUTCHours(hour, minute, second)
  return date.getTime()
}

/** `"17-Jul-1996 02:44:25 -0700"` when a quoted string stands here: milliseconds since 1970. */
export function tryDateTime(reader: Reader): number | undefined {
  if (reader.peek() !== 0x22) return undefined
  const start = reader.position
  const time = parseDateTime(asciiText(tryQuoted(reader) ?? new Uint8Array()))
  return time ?? reader.fail('Expected a date such as "17-Jul-1996 02:44:25 -0700"', start)
}

/** Milliseconds since 1970; undefined when it is no date-time. */
export function parseDateTime(text: string): number | undefined {
  const match = /^([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/.exec(text)
  if (!match) return undefined
  const [day, , year, hour, minute, second] = match.slice(1, 7).map(Number)
  const month = monthOf(match[2] ?? '')
  if (dayNumber(year ?? 0, month, day ?? 0) === undefined) return undefined
  if ((hour ?? 0) > 23 || (minute ?? 0) > 59 || (second ?? 0) > 60 || Number(match[9]) > 59) return undefined
  const zoneMinutes = (Number(match[8]) * 60 + Number(match[9])) * (match[7] === '-' ? -1 : 1)
  return utc(year ?? 0, month, day ?? 0, hour, minute, second) - zoneMinutes * 60_000
}

/** date-time in UTC, without quotes: `17-Jul-1996 09:44:25 +0000`. The day is two characters wide. */
export function printDateTime(time: number): string {
  const day = Math.floor(time / dayMs)
  // letters that lie together mostly came on the same days
  if (day !== printedDay.day) Object.assign(printedDay, { day, text: printDay(day) })
  const seconds = Math.floor((time - day * dayMs) / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return `${printedDay.text} ${twoDigits[hours]}:${twoDigits[minutes]}:${twoDigits[seconds % 60]} +0000`
}

const printedDay = { day: Number.NaN, text: '' }
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))

function printDay(day: number): string {
  const date = new Date(day * dayMs)
  const year = String(Math.max(0, date.getUTCFullYear())).padStart(4, '0')
  return `${String(date.getUTCDate()).padStart(2, ' ')}-${months[date.getUTCMonth()] ?? 'Jan'}-${year}`
}

/** `date` for SEARCH. */
export function printDate(day: number): string {
  const date = new Date(day * dayMs)
  return `${date.getUTCDate()}-${months[date.getUTCMonth()] ?? 'Jan'}-${String(date.getUTCFullYear()).padStart(4, '0')}`
}
