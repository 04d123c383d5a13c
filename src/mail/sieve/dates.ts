/** Parts of a moment as RFC 5260 §4.2 writes them. */
import { asciiText } from '#base/bytes.ts'
import { parseDate, parseZone, printDate } from '#formats/message/date.ts'

const two = (value: number) => String(value).padStart(2, '0')
/** Days from 1858-11-17 to 1970-01-01 */
const modifiedJulianEpoch = 40_587

/** Undefined for a part that there is not. `zone`: minutes east of Greenwich */
export function datePart(ms: number, zone: number, part: string): string | undefined {
  const local = new Date(ms + zone * 60_000)
  const date = `${String(local.getUTCFullYear()).padStart(4, '0')}-${two(local.getUTCMonth() + 1)}-${two(local.getUTCDate())}`
  const time = `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`
  switch (part.toLowerCase()) {
    case 'year':
      return date.slice(0, -6)
    case 'month':
      return date.slice(-5, -3)
    case 'day':
      return date.slice(-2)
    case 'date':
      return date
    case 'julian':
      return String(Math.floor(local.getTime() / 86_400_000) + modifiedJulianEpoch)
    case 'hour':
      return time.slice(0, 2)
    case 'minute':
      return time.slice(3, 5)
    case 'second':
      return time.slice(6)
    case 'time':
      return time
    case 'iso8601':
      return `${date}T${time}${printZone(zone).replace(/(?=..$)/, ':')}`
    case 'std11':
      return printDate(ms, zone)
    case 'zone':
      return printZone(zone)
    case 'weekday':
      return String(local.getUTCDay())
    default:
      return undefined
  }
}

/** `+0900` as minutes */
export function readZone(text: string): number | undefined {
  const [, sign, hours, minutes] = /^([+-])(\d\d)(\d\d)$/.exec(text) ?? []
  if (hours === undefined) return undefined
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

function printZone(zone: number): string {
  const minutes = Math.abs(zone)
  return `${zone < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`
}

/** The moment in a field such as Date, or Received, where it stands behind the last semicolon (RFC 5260 §4) */
export function dateIn(value: Uint8Array): { readonly ms: number; readonly zone: number } | undefined {
  const text = value.subarray(value.lastIndexOf(59) + 1)
  const ms = parseDate(text)
  return ms === undefined ? undefined : { ms, zone: parseZone(asciiText(text)) }
}
