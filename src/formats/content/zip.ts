/** Which files a zip holds, without unfolding them (APPNOTE 4.3); archives inside are unfolded within bounds. */
import { inflateRawSync } from 'node:zlib'
import { decodeUnlabelled } from '#formats/charset/decode.ts'
import {
  bombBytes,
  bombRatio,
  maxArchiveDepth,
  maxArchiveEntries,
  maxEntryNameBytes,
  maxUnfoldedBytes,
} from './limits.ts'

export type ArchiveFindings = {
  /** As far as they could be read, those of inner archives too */
  readonly names: readonly string[]
  readonly encrypted: boolean
  readonly bomb: boolean
  /** There were archives inside that were not opened any more */
  readonly tooDeep: boolean
}

type Entry = {
  readonly name: string
  readonly encrypted: boolean
  readonly method: number
  readonly packed: number
  readonly unfolded: number
  /** Of its octets; undefined where they are not there */
  readonly start: number | undefined
}

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5) && bytes.length > 21
}

/** What it holds as it says itself, at most so many entries; nothing is unfolded. `size`: octets unfolded */
export function listArchive(
  bytes: Uint8Array,
): readonly { readonly name: string; readonly size: number; readonly encrypted: boolean }[] {
  return entriesOf(bytes).map(({ name, unfolded, encrypted }) => ({ name, size: unfolded, encrypted }))
}

export function readArchive(bytes: Uint8Array, budget = { bytes: maxUnfoldedBytes }): ArchiveFindings {
  const found = { names: [] as string[], encrypted: false, bomb: false, tooDeep: false }
  look(bytes, 1, budget, found)
  return found
}

function look(
  bytes: Uint8Array,
  depth: number,
  budget: { bytes: number },
  found: { names: string[]; encrypted: boolean; bomb: boolean; tooDeep: boolean },
): void {
  const entries = entriesOf(bytes)
  const packed = entries.reduce((sum, entry) => sum + entry.packed, 0)
  const unfolded = entries.reduce((sum, entry) => sum + entry.unfolded, 0)
  // entries that lie over each other fold a great deal into little: the archive's own length counts too
  if (unfolded > bombBytes && unfolded > bombRatio * Math.max(1, Math.min(packed, bytes.length))) found.bomb = true
  for (const entry of entries) {
    if (found.names.length < maxArchiveEntries) found.names.push(entry.name)
    if (entry.encrypted) found.encrypted = true
    if (!/\.zip$/i.test(entry.name) || entry.encrypted || found.bomb) continue
    const inner = depth < maxArchiveDepth ? unfold(bytes, entry, budget) : undefined
    if (inner) look(inner, depth + 1, budget, found)
    else found.tooDeep = true
  }
}

/** The files of these names, one after the other, until together they come to `maxBytes`. What cannot be unfolded is left out. */
export function* unfoldEntries(
  bytes: Uint8Array,
  wanted: (name: string) => boolean,
  maxBytes: number,
): Generator<{ readonly name: string; readonly content: Uint8Array }> {
  const budget = { bytes: maxBytes }
  for (const entry of entriesOf(bytes)) {
    if (entry.encrypted || !wanted(entry.name)) continue
    const content = unfold(bytes, entry, budget)
    if (content) yield { name: entry.name, content }
  }
}

function unfold(bytes: Uint8Array, entry: Entry, budget: { bytes: number }): Uint8Array | undefined {
  if (entry.start === undefined || budget.bytes <= 0) return undefined
  const packed = bytes.subarray(entry.start, entry.start + entry.packed)
  try {
    const inner =
      entry.method === 0
        ? packed
        : entry.method === 8
          ? inflateRawSync(packed, { maxOutputLength: budget.bytes })
          : undefined
    budget.bytes -= inner?.length ?? 0
    return inner
  } catch {
    // more than it may be, or no deflate
    budget.bytes = 0
    return undefined
  }
}

/** By the central directory; where that is missing (cut off) by the headers of the files, as far as they lead on. */
function entriesOf(bytes: Uint8Array): readonly Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = endOfDirectory(view)
  return (end === undefined ? undefined : byDirectory(bytes, view, end)) ?? byFileHeaders(bytes, view)
}

function endOfDirectory(view: DataView): number | undefined {
  const first = Math.max(0, view.byteLength - 22 - 65_535)
  for (let at = view.byteLength - 22; at >= first; at--) if (view.getUint32(at, true) === 0x06054b50) return at
  return undefined
}

function byDirectory(bytes: Uint8Array, view: DataView, end: number): readonly Entry[] | undefined {
  const entries: Entry[] = []
  let at = view.getUint32(end + 16, true)
  while (entries.length < maxArchiveEntries && at + 46 <= bytes.length && view.getUint32(at, true) === 0x02014b50) {
    const lengths = [28, 30, 32].map(offset => view.getUint16(at + offset, true))
    const [nameLength = 0, extra = 0, comment = 0] = lengths
    const header = view.getUint32(at + 42, true)
    const hasHeader = header + 30 <= bytes.length && view.getUint32(header, true) === 0x04034b50
    entries.push({
      name: nameIn(bytes, at + 46, nameLength),
      encrypted: (view.getUint16(at + 8, true) & 1) !== 0,
      method: view.getUint16(at + 10, true),
      packed: view.getUint32(at + 20, true),
      unfolded: view.getUint32(at + 24, true),
      start: hasHeader
        ? header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true)
        : undefined,
    })
    at += 46 + nameLength + extra + comment
  }
  return entries.length > 0 ? entries : undefined
}

function byFileHeaders(bytes: Uint8Array, view: DataView): readonly Entry[] {
  const entries: Entry[] = []
  let at = 0
  while (entries.length < maxArchiveEntries && at + 30 <= bytes.length && view.getUint32(at, true) === 0x04034b50) {
    const flags = view.getUint16(at + 6, true)
    const nameLength = view.getUint16(at + 26, true)
    const start = at + 30 + nameLength + view.getUint16(at + 28, true)
    const packed = view.getUint32(at + 18, true)
    entries.push({
      name: nameIn(bytes, at + 30, nameLength),
      encrypted: (flags & 1) !== 0,
      method: view.getUint16(at + 8, true),
      packed,
      unfolded: view.getUint32(at + 22, true),
      start,
    })
    // the length stands behind the data (bit 3): where that ends only unfolding would tell
    if ((flags & 8) !== 0 && packed === 0) break
    at = start + packed
  }
  return entries
}

/** Of one that no system could make a file of its beginning and its end, by which its kind is known. */
function nameIn(bytes: Uint8Array, at: number, length: number): string {
  const part = (from: number, to: number) => decodeUnlabelled(bytes.subarray(at + from, at + to))
  if (length <= maxEntryNameBytes) return part(0, length)
  return `${part(0, maxEntryNameBytes - 256)}…${part(length - 256, length)}`
}
