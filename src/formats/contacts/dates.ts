/** Dates of vCard (RFC 6350 §4.3) to those of JSContact (RFC 9553 §1.4.4, §2.8.1), and back. */
import { isRecord, type Json, type JsonRecord } from './card.ts'

/** `19850412`, `1985-04-12`, `1985-04`, `1985`, `--0412`, `--04`, `---12`, with a time or without; undefined: no date. */
export function readDate(value: string): JsonRecord | undefined {
  const text = value.trim()
  const [, year, month, day, rest = ''] =
    /^(\d{4})-?(?:(\d\d)(?:-?(\d\d))?)?(.*)$/s.exec(text) ?? /^--()(?:(\d\d))(?:-?(\d\d))?(.*)$/s.exec(text) ?? []
  if (month === undefined && year === undefined) return readDay(text)
  if (rest !== '' && !/^[T ]/i.test(rest)) return undefined
  const time = rest === '' ? undefined : readTimestamp(text)
  if (time !== undefined && !time.endsWith('T00:00:00Z')) return { '@type': 'Timestamp', utc: time }
  return partial(year === '' ? undefined : year, month, day)
}

function readDay(text: string): JsonRecord | undefined {
  const [, day] = /^---(\d\d)$/.exec(text) ?? []
  return partial(undefined, undefined, day)
}

function partial(...given: readonly (string | undefined)[]): JsonRecord | undefined {
  const [year, month, day] = given.map(one => (one === undefined ? undefined : Number(one)))
  if ((month !== undefined && (month < 1 || month > 12)) || (day !== undefined && (day < 1 || day > 31)))
    return undefined
  if (year === undefined && month === undefined && day === undefined) return undefined
  return {
    ...(year !== undefined && { year }),
    ...(month !== undefined && { month }),
    ...(day !== undefined && { day }),
  }
}

/** `20081022T233000Z`, `2008-10-23T08:30:00+09:00` → `2008-10-22T23:30:00Z`; undefined: not a moment. */
export function readTimestamp(value: string): string | undefined {
  const [, year, month, day, hour, minute, second = '00', zone] =
    /^(\d{4})-?(\d\d)-?(\d\d)[T ](\d\d):?(\d\d)(?::?(\d\d))?(?:\.\d+)?(Z|[+-]\d\d(?::?\d\d)?)?$/i.exec(value.trim()) ??
    []
  if (year === undefined) return undefined
  const sign =
    zone === undefined || /^z$/i.test(zone)
      ? 'Z'
      : zone.replace(/^(...):?(\d\d)?$/, (_, hours: string, minutes = '00') => `${hours}:${minutes}`)
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${sign}`)
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString().replace('.000Z', 'Z')
}

/** `20081022T233000Z` */
export function printTimestamp(utc: string): string {
  return utc.replace(/\.\d+Z$/, 'Z').replaceAll(/[-:]/g, '')
}

/** As vCard 4.0 has it, or with hyphens as 3.0 does; undefined: vCard has no such date. */
export function printDate(date: Json | undefined, isExtended: boolean): string | undefined {
  if (!isRecord(date)) return undefined
  if (date['@type'] === 'Timestamp')
    return typeof date['utc'] === 'string' ? (isExtended ? date['utc'] : printTimestamp(date['utc'])) : undefined
  const [year, month, day] = ['year', 'month', 'day'].map(name => digits(date[name], name === 'year' ? 4 : 2))
  const hyphen = isExtended ? '-' : ''
  if (year !== undefined && month !== undefined && day !== undefined) return [year, month, day].join(hyphen)
  if (year !== undefined && day === undefined) return month === undefined ? year : `${year}-${month}`
  if (year !== undefined) return undefined
  if (month !== undefined) return `--${month}${day === undefined ? '' : `${hyphen}${day}`}`
  return day === undefined ? undefined : `---${day}`
}

function digits(value: Json | undefined, length: number): string | undefined {
  const isNumber = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 10 ** length
  return isNumber ? String(value).padStart(length, '0') : undefined
}
