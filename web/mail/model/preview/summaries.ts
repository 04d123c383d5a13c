/** Calendars and address cards as what a person wants to know of them. Pure */
import { type ContentLine, contentLines, pieces, plainValue } from './content-lines.ts'

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

/** Events and tasks. `dateOf`: a moment in the page's language */
export function calendarSummary(text: string, dateOf: (date: Date, isDay: boolean) => string): Summary {
  return summary(text, ['VEVENT', 'VTODO'], (line, title) => eventFact(line, title, dateOf))
}

export function contactsSummary(text: string): Summary {
  return summary(text, ['VCARD'], cardFact)
}

type Read = Fact | { readonly title: string; readonly isWeak?: boolean } | undefined

function summary(text: string, kinds: readonly string[], read: (line: ContentLine, title: string) => Read): Summary {
  const entries: Entry[] = []
  let open: { title: string; facts: Fact[]; inner: number } | undefined
  let isCut = false
  for (const line of contentLines(text)) {
    const what = line.value.trim().toUpperCase()
    if (line.name === 'BEGIN') {
      // an alarm inside an event says nothing of the event
      if (open) open.inner++
      else if (kinds.includes(what)) open = { title: '', facts: [], inner: 0 }
    } else if (line.name === 'END') {
      if (open && open.inner > 0) open.inner--
      else if (open) {
        if (entries.length < maxEntries) entries.push({ title: open.title, facts: open.facts })
        else isCut = true
        open = undefined
      }
    } else if (open?.inner === 0) {
      const found = read(line, open.title)
      if (found && 'kind' in found) {
        if (open.facts.length < maxFacts && found.value.trim() !== '') open.facts.push(found)
      } else if (found && (found.isWeak !== true || open.title === '')) open.title = found.title
    }
  }
  return { entries, isCut }
}

function eventFact(line: ContentLine, _: string, dateOf: (date: Date, isDay: boolean) => string): Read {
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
function moment({ value, parameters }: ContentLine, dateOf: (date: Date, isDay: boolean) => string): string {
  const [, year, month, day, hour, minute, second, utc] =
    /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?$/.exec(value.trim()) ?? []
  if (year === undefined) return value
  const parts = [year, Number(month) - 1, day, hour ?? 0, minute ?? 0, second ?? 0].map(Number) as [
    number,
    number,
    number,
  ]
  if (hour === undefined) return dateOf(new Date(...parts), true)
  if (utc !== undefined) return dateOf(new Date(Date.UTC(...parts)), false)
  const zone = parameters.get('TZID')
  return `${dateOf(new Date(...parts), false)}${zone === undefined ? '' : ` (${zone})`}`
}

function cardFact({ name, value }: ContentLine): Read {
  switch (name) {
    case 'FN':
      return { title: plainValue(value).trim() }
    case 'N':
      return { title: pieces(value).slice(0, 2).join(' '), isWeak: true }
    case 'ORG':
      return { kind: 'organisation', value: pieces(value).join(' ') }
    case 'TITLE':
    case 'ROLE':
      return { kind: 'role', value: plainValue(value) }
    case 'EMAIL':
      return { kind: 'email', value: plainValue(value) }
    case 'TEL':
      return { kind: 'phone', value: plainValue(value).replace(/^tel:/i, '') }
    case 'ADR':
      return { kind: 'address', value: pieces(value).join(' ') }
    case 'BDAY':
      return { kind: 'birthday', value: plainValue(value) }
    case 'URL':
      return { kind: 'website', value: plainValue(value) }
    case 'NOTE':
      return { kind: 'note', value: plainValue(value) }
    default:
      return undefined
  }
}
