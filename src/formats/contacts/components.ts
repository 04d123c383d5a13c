/**
 * The structured values of N and ADR (RFC 6350 §6.2.2, §6.3.1 with RFC 9554 §2.1, §2.2) and the components of JSContact's names and addresses.
 * JSCOMPS tells their order and what stands between them (RFC 9555 §3.3.1).
 */
import { isRecord, type Json, type JsonRecord } from './card.ts'
import { maxParts } from './limits.ts'
import { escapeText, splitEscaped, unescapeText, type VcardVersion } from './values.ts'

/** Kinds by their place in N */
export const nameKinds = ['surname', 'given', 'given2', 'title', 'credential', 'surname2', 'generation'] as const
/** Kinds by their place in ADR. The second and the third say for old programs what the later ones say one by one. */
export const addressKinds = [
  'postOfficeBox',
  '',
  '',
  'locality',
  'region',
  'postcode',
  'country',
  'room',
  'apartment',
  'floor',
  'number',
  'name',
  'building',
  'block',
  'subdistrict',
  'district',
  'landmark',
  'direction',
] as const
/** Which kinds stand in the second and third places of ADR for old programs */
export const addressSummaries: Readonly<Record<number, readonly string[]>> = {
  1: ['building', 'floor', 'apartment', 'room'],
  2: ['block', 'number', 'name', 'direction', 'landmark', 'subdistrict', 'district'],
}

/** Values by place: several where commas part them, empty where there is none. vCard 2.1 parts by semicolons only. */
export function readPlaces(value: string, version: VcardVersion): string[][] {
  return splitEscaped(value, ';').map(place =>
    (version === '2.1' ? [place] : splitEscaped(place, ','))
      .map(one => unescapeText(one, version).trim())
      .filter(one => one !== ''),
  )
}

export function printPlaces(places: readonly (readonly string[])[]): string {
  return places.map(values => values.map(escapeText).join(',')).join(';')
}

export type Ordered = { readonly components: JsonRecord[]; readonly defaultSeparator: string | undefined }

/** Undefined where it does not fit the values. */
export function readOrder(
  jscomps: string,
  places: readonly (readonly string[])[],
  kinds: readonly string[],
): Ordered | undefined {
  const [first = '', ...entries] = splitEscaped(jscomps, ';')
  const separator = readSeparator(first)
  if (first !== '' && separator === undefined) return undefined
  const components: JsonRecord[] = []
  for (const entry of entries.slice(0, maxParts)) {
    const between = readSeparator(entry)
    if (between !== undefined) components.push({ kind: 'separator', value: between })
    else {
      const [, place = '', at = '0'] = /^(\d{1,3})(?:,(\d{1,4}))?$/.exec(entry) ?? []
      const [value, kind] = [places[Number(place)]?.[Number(at)], kinds[Number(place)]]
      if (place === '' || value === undefined || !kind) return undefined
      components.push({ kind, value })
    }
  }
  return components.length === 0 ? undefined : { components, defaultSeparator: separator }
}

function readSeparator(entry: string): string | undefined {
  return entry.startsWith('s,') ? entry.slice(2).replaceAll(/\\([\\,;])/g, '$1') : undefined
}

/** Where each component stands in the value, and the JSCOMPS for it; undefined: a kind that has no place. */
export function placeComponents(
  components: readonly Json[],
  kinds: readonly string[],
  defaultSeparator: string | undefined,
): { readonly places: string[][]; readonly jscomps: string } | undefined {
  const places: string[][] = kinds.map(() => [])
  const order = [defaultSeparator === undefined ? '' : printSeparator(defaultSeparator)]
  for (const component of components) {
    const [kind, value] = isRecord(component) ? [component['kind'], component['value']] : []
    if (typeof value !== 'string') return undefined
    if (kind === 'separator') order.push(printSeparator(value))
    else {
      const place = typeof kind === 'string' && kind !== '' ? kinds.indexOf(kind) : -1
      if (place < 0 || value.trim() !== value || value === '') return undefined
      const at = (places[place] as string[]).push(value) - 1
      order.push(at === 0 ? String(place) : `${place},${at}`)
    }
  }
  return { places, jscomps: order.join(';') }
}

function printSeparator(value: string): string {
  return `s,${value.replaceAll(/[\\,;]/g, '\\$&')}`
}
