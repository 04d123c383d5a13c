/** The day in a message's Date field, in its own time zone: SENTON and its kin disregard time and zone. RFC 9051 §6.4.4 */
import { asciiText } from '#base/bytes.ts'
import { parseDate } from '#formats/message/date.ts'

const dayMs = 86_400_000

/** Days since 1970-01-01; undefined without a date. The beginning of the stored ENVELOPE is enough. */
export function sentDay(envelope: Uint8Array): number | undefined {
  const date = envelopeDate(envelope)
  if (date === undefined) return undefined
  const time = parseDate(Buffer.from(date))
  if (time === undefined) return undefined
  const day = Math.floor((time + zoneMinutes(date) * 60_000) / dayMs)
  // a date that nobody can have meant is none
  return Math.abs(day) < 0x4000_0000 ? day : undefined
}

/** The first string of a stored ENVELOPE: the Date field as it stood. */
function envelopeDate(envelope: Uint8Array): string | undefined {
  return /^\("((?:[^"\\]|\\.){0,200})"/.exec(asciiText(envelope.subarray(0, 210)))?.[1]?.replaceAll(/\\(.)/g, '$1')
}

function zoneMinutes(date: string): number {
  const match = /([+-])(\d\d)(\d\d)(?!\d)/.exec(date)
  return match ? (Number(match[2]) * 60 + Number(match[3])) * (match[1] === '-' ? -1 : 1) : 0
}
