/** Calendars as what a person wants to know of them, and what that and the summary of cards (cards.ts) are made of. Pure */
import { type ContentLine, contentLines, plainValue } from './content-lines.ts'

/** `kind` is a key of texts (preview.facts) */
export type Fact = { readonly kind: FactKind; readonly value: string }
export type FactKind =
  | 'when'
  | 'until'
  | 'where'
  | 'organizer'
  | 'attendee'
  | 'repeats'
  | 'description'
  | 'organisation'
  | 'role'
  | 'email'
  | 'phone'
  | 'address'
  | 'birthday'
  | 'website'
  | 'note'
export type Entry = { readonly title: string; readonly facts: readonly Fact[] }
export type Summary = { readonly entries: readonly Entry[]; readonly isCut: boolean }

const maxEntries = 100
const maxFacts = 40

/** `moment`: it is the same for everybody. `wall`, `day`: what the clock and the calendar say there, as if it were in UTC */
export type DateKind = 'moment' | 'wall' | 'day'
export type DateOf = (date: Date, kind: DateKind) => string

/** Events and tasks. `dateOf`: in the page's language */
export function calendarSummary(text: string, dateOf: DateOf): Summary {
  const entries: Entry[] = []
  let open: { title: string; facts: Fact[]; inner: number } | undefined
  for (const line of contentLines(text)) {
    const what = line.value.trim().toUpperCase()
    if (line.name === 'BEGIN') {
      // an alarm inside an event says nothing of the event
      if (open) open.inner++
      else if (what === 'VEVENT' || what === 'VTODO') open = { title: '', facts: [], inner: 0 }
    } else if (line.name === 'END') {
      if (open && open.inner > 0) open.inner--
      else if (open) {
        entries.push({ title: open.title, facts: open.facts })
        open = undefined
      }
    } else if (open?.inner === 0) {
      const found = eventFact(line, dateOf)
      if (found && 'kind' in found) open.facts.push(found)
      else if (found) open.title = found.title
    }
  }
  return bounded(entries)
}

/** As much as somebody looks at; what says nothing is left out. */
export function bounded(entries: readonly Entry[]): Summary {
  return {
    entries: entries.slice(0, maxEntries).map(({ title, facts }) => ({
      title,
      facts: facts.filter(({ value }) => value.trim() !== '').slice(0, maxFacts),
    })),
    isCut: entries.length > maxEntries,
  }
}

function eventFact(line: ContentLine, dateOf: DateOf): Fact | { readonly title: string } | undefined {
  const { name, value, parameters } = line
  switch (name) {
    case 'SUMMARY':
      return { title: plainValue(value).trim() }
    case 'DTSTART':
      return { kind: 'when', value: moment(line, dateOf) }
    case 'DTEND':
    case 'DUE':
      return { kind: 'until', value: moment(line, dateOf) }
    case 'LOCATION':
      return { kind: 'where', value: plainValue(value) }
    case 'ORGANIZER':
    case 'ATTENDEE':
      return { kind: name === 'ORGANIZER' ? 'organizer' : 'attendee', value: person(value, parameters.get('CN')) }
    case 'RRULE':
      return { kind: 'repeats', value }
    case 'DESCRIPTION':
      return { kind: 'description', value: plainValue(value) }
    default:
      return undefined
  }
}

function person(value: string, name: string | undefined): string {
  const address = value.replace(/^mailto:/i, '')
  return name === undefined || name === '' || name === address ? address : `${name} <${address}>`
}

/** RFC 5545 §3.3.5: in UTC, in a zone that is named, or wherever one is; a day alone */
function moment({ value, parameters }: ContentLine, dateOf: DateOf): string {
  const [, year, month, day, hour, minute, second, utc] =
    /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?$/.exec(value.trim()) ?? []
  if (year === undefined) return value
  const parts = [year, Number(month) - 1, day, hour ?? 0, minute ?? 0, second ?? 0].map(Number) as [
    number,
    number,
    number,
  ]
  const date = new Date(Date.UTC(...parts))
  if (hour === undefined) return dateOf(date, 'day')
  if (utc !== undefined) return dateOf(date, 'moment')
  const zone = parameters.get('TZID')
  return `${dateOf(date, 'wall')}${zone === undefined ? '' : ` (${zone})`}`
}
