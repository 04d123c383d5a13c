/** TYPE and PREF of vCard, contexts and features of JSContact. RFC 9555 §2.2.1 (contexts), §2.6 (TEL) */
import { isRecord, type Json, type JsonRecord } from './card.ts'
import type { Parameters } from './property.ts'

const contexts: Readonly<Record<string, string>> = {
  home: 'private',
  work: 'work',
  billing: 'billing',
  delivery: 'delivery',
}
const features: Readonly<Record<string, string>> = {
  voice: 'voice',
  fax: 'fax',
  cell: 'mobile',
  mobile: 'mobile',
  iphone: 'mobile',
  pager: 'pager',
  text: 'text',
  textphone: 'textphone',
  video: 'video',
  main: 'main-number',
  'main-number': 'main-number',
  // `TYPE=home fax` of Roundcube and Outlook
  homefax: 'fax',
  workfax: 'fax',
}
/** They say nothing that the property does not say itself */
const silent = new Set(['internet', 'x400', 'pref', 'other', 'jpeg', 'png', 'gif', 'dom', 'intl', 'postal', 'parcel'])

export type Kinds = {
  readonly contexts: JsonRecord | undefined
  readonly features: JsonRecord | undefined
  readonly pref: number | undefined
  /** Lower case: what JSContact has no word for */
  readonly others: readonly string[]
}

export function readKinds(parameters: Parameters, { isPhone = false }: { readonly isPhone?: boolean } = {}): Kinds {
  const types = (parameters.get('TYPE') ?? []).flatMap(type => type.toLowerCase().split(',')).map(type => type.trim())
  const all = types.flatMap(type => (/^(?:home|work)fax$/.test(type) ? [type.slice(0, 4), 'fax'] : [type]))
  const under = (table: Readonly<Record<string, string>>) =>
    all.flatMap(type => (Object.hasOwn(table, type) ? [[table[type] as string, true] as const] : []))
  const [context, feature] = [under(contexts), isPhone ? under(features) : []]
  const given = Number(parameters.get('PREF')?.[0] ?? 'none')
  const isPref = all.includes('pref')
  return {
    contexts: context.length > 0 ? Object.fromEntries(context) : undefined,
    features: feature.length > 0 ? Object.fromEntries(feature) : undefined,
    pref: Number.isInteger(given) && given >= 1 && given <= 100 ? given : isPref ? 1 : undefined,
    others: all.filter(
      type =>
        !Object.hasOwn(contexts, type) &&
        !silent.has(type) &&
        !(isPhone && Object.hasOwn(features, type)) &&
        type !== '',
    ),
  }
}

/** What can be said by TYPE; `rest` cannot. */
export function printKinds(value: JsonRecord): { readonly types: string[]; readonly rest: readonly string[] } {
  const types: string[] = []
  const rest: string[] = []
  for (const [member, table] of [
    ['contexts', contexts],
    ['features', features],
  ] as const) {
    const set = value[member]
    if (set === undefined) continue
    const found = printSet(set, table)
    if (found) types.push(...found)
    else rest.push(member)
  }
  return { types, rest }
}

function printSet(set: Json, table: Readonly<Record<string, string>>): string[] | undefined {
  if (!isRecord(set)) return undefined
  const words = Object.entries(set).map(([name, isSet]) =>
    isSet === true ? Object.keys(table).find(word => table[word] === name) : undefined,
  )
  return words.length > 0 && words.every(word => word !== undefined) ? words : undefined
}
