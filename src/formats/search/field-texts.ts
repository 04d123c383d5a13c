/**
 * The fields people search by (subject, from, to, cc, bcc), folded, kept beside the grams: what the grams propose for them is
 * decided here, without reading a letter. Letters are grouped; of a group each field is compressed by itself.
 */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { concatBytes } from '#base/bytes.ts'
import type { SearchedField } from './letter-texts.ts'
import { maxFieldUnits } from './limits.ts'
import { fieldZones } from './term.ts'
import { maxVarintBytes, readVarint, writeVarint } from './varint.ts'

/** All fields of that name in one letter; null when they are too long to be kept */
export type Texts = readonly string[] | null
/** By field; one that is missing is not in the letter */
export type FieldTexts = Readonly<Record<string, Texts>>

/** In their order in a group. A change is a new format. */
const names = Object.keys(fieldZones)

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

/** For each field `length, compressed JSON`: by letter 0 for none, the one text, all texts, or null. */
export function packFields(letters: readonly FieldTexts[]): Uint8Array<ArrayBuffer> {
  const pieces = names.flatMap(name => {
    const column = letters.map(fields => packed(fields[name]))
    const bytes = column.every(texts => texts === 0) ? new Uint8Array(0) : zstdCompressSync(JSON.stringify(column))
    const length = new Uint8Array(maxVarintBytes)
    return [length.subarray(0, writeVarint(length, 0, bytes.length)), bytes]
  })
  return concatBytes(pieces) as Uint8Array<ArrayBuffer>
}

type Packed = 0 | string | Texts

function packed(texts: Texts | undefined): Packed {
  if (texts === undefined) return 0
  return texts?.length === 1 ? (texts[0] ?? 0) : texts
}

/** One field of each letter of the group; undefined where a letter has none. */
export function unpackField(bytes: Uint8Array, field: string): readonly (Texts | undefined)[] {
  const cursor = { bytes, at: 0 }
  for (const name of names) {
    const length = readVarint(cursor)
    if (name !== field) cursor.at += length
    else return length === 0 ? [] : unpacked(bytes.subarray(cursor.at, cursor.at + length))
  }
  return []
}

function unpacked(bytes: Uint8Array): readonly (Texts | undefined)[] {
  const column = JSON.parse(zstdDecompressSync(bytes).toString()) as readonly Packed[]
  return column.map(texts => (texts === 0 ? undefined : typeof texts === 'string' ? [texts] : texts))
}

/** All fields of the letters of a group. */
export function unpackFields(bytes: Uint8Array, letters: number): FieldTexts[] {
  const columns = names.map(name => unpackField(bytes, name))
  return Array.from({ length: letters }, (_, letter) => {
    const fields: Record<string, Texts> = {}
    for (const [index, name] of names.entries()) {
      const texts = columns[index]?.[letter]
      if (texts !== undefined) fields[name] = texts
    }
    return fields
  })
}
