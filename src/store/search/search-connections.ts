/** Indexes open for searching, with their segments in memory as far as the bound goes. */
import { join } from 'node:path'
import type { Database } from '../sqlite.ts'
import { openIndexForReading } from './index-file.ts'
import { cachedLetters, openIndexes } from './limits.ts'
import { type LoadedSegment, loadSegment, readSegments } from './tables.ts'

export type OpenIndex = { readonly database: Database; readonly segments: Map<number, LoadedSegment> }

export class SearchConnections {
  readonly #folder: string
  /** Least recently used first */
  readonly #open = new Map<string, OpenIndex>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Undefined when the account has no index yet. */
  of(account: string): OpenIndex | undefined {
    let index = this.#open.get(account)
    if (index) this.#open.delete(account)
    else {
      const database = openIndexForReading(join(this.#folder, account))
      if (!database) return undefined
      index = { database, segments: new Map() }
    }
    this.#open.set(account, index)
    this.#trim()
    return index
  }

  #trim(): void {
    let letters = 0
    for (const { segments } of this.#open.values()) for (const segment of segments.values()) letters += segment.letters
    for (const [account, { segments }] of this.#open) {
      if (this.#open.size === 1 || (this.#open.size <= openIndexes && letters <= cachedLetters)) return
      for (const segment of segments.values()) letters -= segment.letters
      this.forget(account)
    }
  }

  forget(account: string): void {
    this.#open.get(account)?.database.close()
    this.#open.delete(account)
  }

  close(): void {
    for (const account of this.#open.keys()) this.forget(account)
  }
}

/** The segments as of this read transaction. */
export function currentSegments({ database, segments }: OpenIndex, wordSeed: number): readonly LoadedSegment[] {
  const rows = readSegments(database)
  const known = new Set(rows.map(row => row.id))
  for (const id of segments.keys()) if (!known.has(id)) segments.delete(id)
  return rows.map(row => {
    const loaded = segments.get(row.id) ?? loadSegment(database, wordSeed, row)
    segments.set(row.id, loaded)
    return loaded
  })
}
