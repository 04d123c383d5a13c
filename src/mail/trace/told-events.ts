/** Events between two boxes: parts of base64 of JSON. What comes in is looked at piece by piece, and what is no event is left out. */
import { type EventKind, isEventKind, type MailEvent, type StoredEvent } from '../events.ts'

/** Events of one answer, the newest */
export const maxToldEvents = 500
/** Octets of JSON in one part: as base64 below what a line of XHIKYAKU holds */
const partBytes = 7_500
/** What the texts of an event may hold at most, characters */
const maxText = 2_500
const maxDetails = 40

/** The newest that fit into `maxBytes`, in the order given; one part at least. */
export function* printToldEvents(events: readonly StoredEvent[], maxBytes = 1_000_000): Generator<string> {
  let bytes = 0
  const texts: string[] = []
  for (const event of events.slice(-maxToldEvents).toReversed()) {
    const text = JSON.stringify(event)
    bytes += Buffer.byteLength(text) + 1
    if (bytes > maxBytes) break
    texts.push(text)
  }
  const whole = Buffer.from(`[${texts.toReversed().join(',')}]`)
  for (let at = 0; at < whole.length; at += partBytes) yield whole.toString('base64', at, at + partBytes)
}

/** Those about this delivery; undefined when it is no JSON of events at all. */
export function readToldEvents(parts: readonly string[], delivery: string): readonly StoredEvent[] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.concat(parts.map(part => Buffer.from(part, 'base64'))).toString())
    if (!Array.isArray(value)) return undefined
    return value
      .slice(-maxToldEvents)
      .flatMap((one: unknown) => eventIn(one) ?? [])
      .filter(event => event.delivery === delivery)
  } catch {
    return undefined
  }
}

function eventIn(value: unknown): StoredEvent | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const given = value as Readonly<Record<string, unknown>>
  const { at, kind } = given
  const box = textIn(given['box'])
  if (!isTime(at) || !isEventKind(kind) || box === undefined) return undefined
  const texts = Object.fromEntries(
    (['session', 'delivery', 'messageId', 'from', 'to', 'client', 'reply'] as const).flatMap(name => {
      const text = textIn(given[name])
      return text === undefined ? [] : [[name, text]]
    }),
  ) as Partial<MailEvent>
  const { sizeBytes } = given
  const detail = detailIn(given['detail'])
  return {
    ...texts,
    at,
    kind: kind satisfies EventKind,
    box,
    ...(typeof sizeBytes === 'number' && { sizeBytes }),
    ...(detail && { detail }),
  }
}

/** Milliseconds since 1970 of a day that a calendar has: ECMA-262, time values and time range */
export function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && Math.abs(value as number) <= 8.64e15
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, maxText) : undefined
}

function detailIn(value: unknown): MailEvent['detail'] {
  if (typeof value !== 'object' || value === null) return undefined
  const entries = Object.entries(value as Readonly<Record<string, unknown>>)
    .filter(([name, one]) => name !== '__proto__' && isDetail(one))
    .slice(0, maxDetails)
    .map(([name, one]): [string, string | number | boolean] => [
      name.slice(0, 100),
      typeof one === 'string' ? one.slice(0, maxText) : (one as number | boolean),
    ])
  return Object.fromEntries(entries)
}

function isDetail(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}
