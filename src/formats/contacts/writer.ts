/** Lines of one card, and what all of its properties have in common. */
import { isRecord, type Json, type JsonRecord, textOf } from './card.ts'
import { type Line, type LineParameters, printLine } from './print-line.ts'
import { printKinds } from './types.ts'
import { escapeText } from './values.ts'

export class Writer {
  /** 3.0 for what old phones take; what only 4.0 can say is left out there */
  readonly isOld: boolean
  readonly #lines: string[] = []
  readonly #taken: ReadonlySet<string>
  #groups = 0

  /** `taken`: groups that kept properties are in, lower case */
  constructor(isOld: boolean, taken: ReadonlySet<string>) {
    this.isOld = isOld
    this.#taken = taken
  }

  get text(): string {
    return this.#lines.join('')
  }

  line(line: Line): void {
    this.#lines.push(printLine(line))
  }

  newGroup(): string {
    for (;;) {
      const name = `item${++this.#groups}`
      if (!this.#taken.has(name)) return name
    }
  }

  /** RFC 9555 §3.2.1: what vCard has no word for */
  json(pointer: readonly string[], value: Json | undefined): void {
    if (this.isOld || value === undefined) return
    const path = pointer.map(one => one.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')
    this.line({ name: 'JSPROP', parameters: [['JSPTR', path]], value: escapeText(JSON.stringify(value)) })
  }

  /** Members that have not been written, one by one. */
  rest(pointer: readonly string[], value: JsonRecord, written: readonly string[]): void {
    for (const [name, one] of Object.entries(value))
      if (name !== '@type' && !written.includes(name)) this.json([...pointer, name], one)
  }

  /**
   * An entry of a table with what all of them may have: PROP-ID, TYPE, PREF, label, vCardParams. `written` are the members that the value and
   * `parameters` say; undefined as value: it goes as JSON alone.
   */
  entry(
    pointer: readonly string[],
    value: JsonRecord,
    line: Omit<Line, 'group' | 'value'> & { readonly value: string | undefined; readonly group?: string | undefined },
    written: readonly string[],
  ): void {
    if (line.value === undefined) return this.json(pointer, value)
    const { types, rest } = printKinds(value)
    const own = [...types, ...textsIn(isRecord(value['vCardParams']) ? value['vCardParams']['type'] : undefined)]
    const named = [...(line.parameters ?? []), ...keptParameters(value, this.isOld)]
    const already = named.filter(([name]) => name === 'TYPE').flatMap(([, one]) => one ?? [])
    const pref = value['pref']
    const isPref = typeof pref === 'number' && Number.isInteger(pref) && pref >= 1 && pref <= 100
    const label = textOf(value, 'label')
    const group = line.group ?? (label === undefined ? undefined : this.newGroup())
    this.line({
      ...line,
      group,
      value: line.value,
      parameters: [
        ...(this.isOld ? [] : ([['PROP-ID', pointer.at(-1)]] as const)),
        ['TYPE', this.#types([...already, ...own], isPref && pref === 1)],
        ...(isPref && !this.isOld ? ([['PREF', String(pref)]] as const) : []),
        ...(this.isOld ? [] : ([['MEDIATYPE', textOf(value, 'mediaType')]] as const)),
        ...named.filter(([name]) => name !== 'TYPE'),
      ],
    })
    if (label !== undefined) this.line({ group, name: 'X-ABLABEL', value: escapeText(label) })
    const common = ['contexts', 'features', 'label', 'mediaType', 'vCardParams', ...(isPref ? ['pref'] : [])]
    this.rest(pointer, value, [...written, ...common.filter(name => !rest.includes(name))])
  }

  #types(types: readonly string[], isPref: boolean): readonly string[] {
    return this.isOld ? [...types.map(type => type.toUpperCase()), ...(isPref ? ['PREF'] : [])] : types
  }
}

/** RFC 9555 §3.2.2. Their names are made to be parameters, whatever they are. */
function keptParameters({ vCardParams }: JsonRecord, isOld: boolean): LineParameters {
  if (!isRecord(vCardParams) || isOld) return []
  return Object.entries(vCardParams)
    .filter(([name]) => name !== 'type' && /^[\w-]{1,100}$/.test(name))
    .map(([name, value]) => [name.toUpperCase(), textsIn(value)] as const)
}

export function textsIn(value: Json | undefined): string[] {
  return (Array.isArray(value) ? value : [value]).filter(one => typeof one === 'string')
}

/** Entries of a table that are objects; what else somebody has put there goes as JSON. */
export function entriesOf(writer: Writer, card: JsonRecord, table: string): readonly (readonly [string, JsonRecord])[] {
  const entries = card[table]
  if (entries === undefined) return []
  if (!isRecord(entries)) {
    writer.json([table], entries)
    return []
  }
  return Object.entries(entries).flatMap(([id, value]) => {
    if (isRecord(value) && /^[\w-]{1,255}$/.test(id)) return [[id, value] as const]
    writer.json([table, id], value)
    return []
  })
}
