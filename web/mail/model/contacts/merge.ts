/** Two cards of one person: what the other one knows besides. */
import type { ContactCard } from '#protocols/jmap/wire-contacts.ts'
import type { CardPatch, NewCard } from './contacts.ts'

/** Of each table: what makes two entries the same one */
const keyOf: Readonly<Record<string, (entry: Entry) => string>> = {
  emails: one => text(one['address']).toLowerCase(),
  phones: one =>
    text(one['number'])
      .replaceAll(/[^\d+]/g, '')
      .replace(/^(?:tel:)?(?:\+81|0)/, ''),
  addresses: one => JSON.stringify([one['components'], one['full']]),
  links: one => text(one['uri']),
  onlineServices: one => text(one['uri']) || text(one['user']),
  nicknames: one => text(one['name']),
  organizations: one => text(one['name']),
  titles: one => text(one['name']),
  notes: one => text(one['note']),
  anniversaries: one => text(one['kind']),
  media: one => text(one['kind']),
}
type Entry = Readonly<Record<string, unknown>>

/** What the known card keeps, and gains; empty: nothing is new. Groups gain members. */
export function mergePatch(known: ContactCard, other: NewCard): CardPatch {
  const patch: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(other) as [string, unknown][]) {
    if (
      [
        '@type',
        'version',
        'uid',
        'kind',
        'updated',
        'created',
        'prodId',
        'id',
        'addressBookIds',
        'vCardProps',
      ].includes(name)
    )
      continue
    const before = (known as unknown as Entry)[name]
    if (before === undefined) patch[name] = value
    else if (name === 'keywords' || name === 'members') {
      const both = { ...(value as object), ...(before as object) }
      if (Object.keys(both).length > Object.keys(before as object).length) patch[name] = both
    } else if (Object.hasOwn(keyOf, name)) {
      const both = withNew(before as Table, value as Table, keyOf[name] as (entry: Entry) => string)
      if (both) patch[name] = both
    } else if (name === 'name' && !hasReading(before as Entry) && hasReading(value as Entry)) patch[name] = value
  }
  return patch
}

type Table = Readonly<Record<string, Entry>>

function withNew(known: Table, other: Table, key: (entry: Entry) => string): Table | undefined {
  const seen = new Set(Object.values(known).map(key))
  const both: Record<string, Entry> = { ...known }
  for (const [id, entry] of Object.entries(other)) {
    if (seen.has(key(entry))) continue
    let free = id
    for (let count = 1; free in both; count++) free = `${id.replace(/\d+$/, '')}${count}`
    // the one that was preferred stays it
    const { pref: _pref, ...rest } = entry
    both[free] = rest
  }
  return Object.keys(both).length > Object.keys(known).length ? both : undefined
}

function hasReading(name: Entry): boolean {
  return Array.isArray(name['components']) && name['components'].some(one => text((one as Entry)['phonetic']) !== '')
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
