/** Names of header fields. The same few stand in every letter: those that were met are kept, so that they are made once and not in each. */
import { asciiText } from '#base/bytes.ts'

export type FieldName = {
  /** As written */
  readonly name: string
  /** Lower case */
  readonly key: string
}

/** A power of two: names that fall on one place take turns there */
const places = 1024
/** A longer one is not kept */
const maxKeptBytes = 40
const kept: (FieldName | undefined)[] = Array.from({ length: places }, () => undefined)

/** What stands in `bytes` from `start` up to and without `end`. */
export function fieldName(bytes: Uint8Array, start: number, end: number): FieldName {
  if (end - start > maxKeptBytes) return made(bytes, start, end)
  let hash = end - start
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x85ebca6b)
  const place = (hash ^ (hash >>> 16)) & (places - 1)
  const known = kept[place]
  if (known && isThis(known.name, bytes, start, end)) return known
  return (kept[place] = made(bytes, start, end))
}

function made(bytes: Uint8Array, start: number, end: number): FieldName {
  const name = asciiText(bytes.subarray(start, end))
  return { name, key: name.toLowerCase() }
}

function isThis(name: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false
  for (let at = 0; at < name.length; at++) if (name.charCodeAt(at) !== bytes[start + at]) return false
  return true
}
