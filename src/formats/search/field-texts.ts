/**
 * The fields people search by (subject, from, to, cc, bcc), folded, kept beside the grams in compressed groups of letters: what
 * the grams propose for them is decided here, without reading a letter.
 */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { SearchedField } from './letter-texts.ts'
import { maxFieldUnits } from './limits.ts'
import { fieldZones } from './term.ts'

/** By field: its texts, or null when they are too long to be kept. A field that is missing is in no letter. */
export type FieldTexts = Readonly<Record<string, readonly string[] | null>>
export type FieldGroup = readonly FieldTexts[]

export function keptFields(fields: readonly SearchedField[]): FieldTexts {
  const kept: Record<string, string[] | null> = {}
  for (const { key, text } of fields) {
    if (!Object.hasOwn(fieldZones, key)) continue
    const before = Object.hasOwn(kept, key) ? kept[key] : []
    const texts = before ? [...before, text] : []
    const units = texts.reduce((sum, one) => sum + one.length, 0)
    kept[key] = before && units <= maxFieldUnits && texts.length <= maxFieldUnits / 20 ? texts : null
  }
  return kept
}

export function packFields(group: FieldGroup): Uint8Array<ArrayBuffer> {
  return new Uint8Array(zstdCompressSync(JSON.stringify(group)))
}

export function unpackFields(bytes: Uint8Array): FieldGroup {
  return JSON.parse(zstdDecompressSync(bytes).toString()) as FieldGroup
}
