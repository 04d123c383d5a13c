/** A card that grows property by property. */
import { isRecord, type Json, type JsonRecord, record } from './card.ts'
import { maxPointerDepth } from './limits.ts'
import type { VcardProperty } from './property.ts'
import { readKinds } from './types.ts'
import { unescapeText, type VcardVersion } from './values.ts'

/** Parameters that a converter has turned into something; the others are kept as vCardParams (RFC 9555 §2.3.22). */
const understood = new Set([
  'TYPE',
  'PREF',
  'PROP-ID',
  'ALTID',
  'VALUE',
  'MEDIATYPE',
  'LANGUAGE',
  'X-ABLABEL',
  'DERIVED',
])

export class CardBuilder {
  readonly version: VcardVersion
  readonly card: JsonRecord = record()
  /** What X-ABLABEL says of each group */
  readonly labels: ReadonlyMap<string, string>
  readonly #counts = new Map<string, number>()
  /** By group: what was made of its properties */
  readonly #groups = new Map<string, JsonRecord[]>()

  constructor(version: VcardVersion, labels: ReadonlyMap<string, string>) {
    this.version = version
    this.labels = labels
  }

  /** The value as text */
  text(property: VcardProperty): string {
    return unescapeText(property.value, this.version).trim()
  }

  /** An object of the card that is there once: name, speakToAs. */
  part(name: string): JsonRecord {
    const found = this.card[name]
    if (isRecord(found)) return found
    const made = record()
    this.card[name] = made
    return made
  }

  /** Another entry of a table, under PROP-ID or a number of its own. `uses`: parameters that say something of this one. */
  add(table: string, property: VcardProperty, value: JsonRecord, uses: readonly string[] = []): JsonRecord {
    const entry = { ...value, ...this.common(property, table, uses) }
    const entries = this.part(table)
    entries[this.#id(entries, table, property)] = entry
    if (property.group !== undefined) {
      const key = property.group.toLowerCase()
      this.#groups.set(key, [...(this.#groups.get(key) ?? []), entry])
    }
    return entry
  }

  /** Entries that were made of properties of this group. */
  inGroup(group: string | undefined): readonly JsonRecord[] {
    return group === undefined ? [] : (this.#groups.get(group.toLowerCase()) ?? [])
  }

  /** contexts, features, pref, label, mediaType, vCardParams */
  common(property: VcardProperty, table: string, uses: readonly string[] = []): JsonRecord {
    const { contexts, features, pref, others } = readKinds(property.parameters, { isPhone: table === 'phones' })
    const label = property.group === undefined ? undefined : this.labels.get(property.group.toLowerCase())
    const mediaType = property.parameters.get('MEDIATYPE')?.[0]
    const params = record()
    if (others.length > 0 && !uses.includes('TYPE')) params['type'] = [...others]
    for (const [name, values] of property.parameters)
      if (!understood.has(name) && !uses.includes(name))
        params[name.toLowerCase()] = values.length === 1 ? (values[0] as string) : [...values]
    return {
      ...(contexts && { contexts }),
      ...(features && { features }),
      ...(pref !== undefined && { pref }),
      ...(label !== undefined && { label }),
      ...(mediaType !== undefined && { mediaType }),
      ...(Object.keys(params).length > 0 && { vCardParams: { ...params } }),
    }
  }

  /** What JSContact has no place for, as jCard writes it (RFC 9555 §2.3.22, RFC 7095 §3.3). */
  keep(property: VcardProperty): void {
    const { name, group, parameters, value, isBase64 } = property
    const params = record()
    if (group !== undefined) params['group'] = group
    if (isBase64) params['encoding'] = 'b'
    for (const [parameter, values] of parameters)
      if (parameter !== 'VALUE')
        params[parameter.toLowerCase()] = values.length === 1 ? (values[0] as string) : [...values]
    const type = parameters.get('VALUE')?.[0]?.toLowerCase() ?? 'unknown'
    const kept = type === 'text' ? unescapeText(value, this.version) : value
    this.#keep([name.toLowerCase(), { ...params }, type, kept])
    const label = group === undefined ? undefined : this.labels.get(group.toLowerCase())
    if (group !== undefined && label !== undefined) this.#keep(['x-ablabel', { group }, 'text', label])
  }

  #keep(entry: Json): void {
    const all = this.card['vCardProps']
    if (Array.isArray(all)) all.push(entry)
    else this.card['vCardProps'] = [entry]
  }

  /** Sets what a JSON pointer without its first slash names (RFC 9555 §3.2.1); false: there is no such place. */
  set(pointer: string, value: Json): boolean {
    const path = pointer.split('/').map(one => one.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = path.pop()
    if (last === undefined || last === '' || path.length > maxPointerDepth) return false
    // the first entry of a table that has no other
    const [table] = path
    if (path.length === 1 && table !== undefined && table !== '__proto__') this.card[table] ??= record()
    let at: Json | undefined = this.card
    for (const name of path) {
      if (Array.isArray(at)) at = /^\d{1,6}$/.test(name) ? at[Number(name)] : undefined
      else at = isRecord(at) && Object.hasOwn(at, name) ? at[name] : undefined
    }
    if (!isRecord(at) || last === '__proto__') return false
    at[last] = value
    return true
  }

  #id(entries: JsonRecord, table: string, { parameters }: VcardProperty): string {
    const [given] = parameters.get('PROP-ID') ?? []
    if (given !== undefined && /^[\w-]{1,255}$/.test(given) && given !== '__proto__' && !Object.hasOwn(entries, given))
      return given
    for (;;) {
      const count = (this.#counts.get(table) ?? 0) + 1
      this.#counts.set(table, count)
      const id = `${table[0] ?? 'x'}${count}`
      if (!Object.hasOwn(entries, id)) return id
    }
  }
}
