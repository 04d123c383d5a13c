/**
 * What a disk may hold after the power went: built from the shim's record. The strict disk forgets every write that was not
 * followed by a sync of its file, every name whose folder was not synced, and every truncation and removal likewise. A sync
 * keeps only what was written before it began. A disk may also keep some of the rest: that is asked for separately.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

export type Step =
  | { readonly kind: 'write'; readonly path: string; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly path: string; readonly size: number }
  | { readonly kind: 'create' | 'mkdir' | 'unlink'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'sync-begin' | 'sync-end'; readonly path: string; readonly ticket: number }

const headBytes = 25

export function readSteps(log: Buffer): Step[] {
  const steps: Step[] = []
  let at = 0
  while (at + headBytes <= log.length) {
    const kind = String.fromCharCode(log[at] ?? 0)
    const pathLength = log.readUInt32LE(at + 1)
    const number = Number(log.readBigUInt64LE(at + 5))
    const dataLength = log.readUInt32LE(at + 21)
    const path = log.toString('utf8', at + headBytes, at + headBytes + pathLength).replace(/ \(deleted\)$/, '')
    const data = log.subarray(at + headBytes + pathLength, at + headBytes + pathLength + dataLength)
    at += headBytes + pathLength + dataLength
    steps.push(stepOf(kind, path, number, data))
  }
  return steps
}

function stepOf(kind: string, path: string, number: number, data: Buffer): Step {
  switch (kind) {
    case 'W':
      return { kind: 'write', path, offset: number, data }
    case 'T':
      return { kind: 'truncate', path, size: number }
    case 'C':
      return { kind: 'create', path }
    case 'M':
      return { kind: 'mkdir', path }
    case 'U':
      return { kind: 'unlink', path }
    case 'R':
      return { kind: 'rename', path, to: data.toString('utf8') }
    case 'B':
      return { kind: 'sync-begin', path, ticket: number }
    case 'E':
      return { kind: 'sync-end', path, ticket: number }
    default:
      throw new Error(`Unknown record ${kind}`)
  }
}

type Change = { readonly order: number } & (
  | { readonly kind: 'write'; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly size: number }
)

/** A file's bytes, apart from its names. */
type Inode = { durable: Buffer; pending: Change[] }
type NameChange = { readonly order: number; readonly name: string; readonly inode: Inode | undefined }
type Folder = { durable: Map<string, Inode>; live: Map<string, Inode>; pending: NameChange[] }

export class StrictDisk {
  readonly #root: string
  readonly #folders = new Map<string, Folder>()
  readonly #begun = new Map<number, number>()
  #order = 0

  constructor(root: string) {
    this.#root = root
    this.#folder(root)
  }

  apply(step: Step): void {
    this.#order++
    switch (step.kind) {
      case 'write':
        this.#inode(step.path)?.pending.push({
          order: this.#order,
          kind: 'write',
          offset: step.offset,
          data: step.data,
        })
        return
      case 'truncate':
        this.#inode(step.path)?.pending.push({ order: this.#order, kind: 'truncate', size: step.size })
        return
      case 'create':
        this.#name(step.path, { durable: Buffer.alloc(0), pending: [] })
        return
      case 'mkdir':
        this.#folder(step.path)
        return
      case 'unlink':
        this.#name(step.path, undefined)
        return
      case 'rename': {
        const inode = this.#inode(step.path)
        this.#name(step.to, inode)
        this.#name(step.path, undefined)
        return
      }
      case 'sync-begin':
        this.#begun.set(step.ticket, this.#order)
        return
      case 'sync-end':
        this.#sync(step.path, this.#begun.get(step.ticket) ?? this.#order)
        this.#begun.delete(step.ticket)
        return
      default:
        step satisfies never
    }
  }

  /**
   * Writes what the strict disk still holds into `target`. Folders themselves are taken to survive. `alsoKept` decides for each
   * change that was never synced whether it reached the disk all the same; of a write, perhaps only its beginning.
   */
  materialise(target: string, alsoKept: () => boolean = () => false): void {
    for (const [path, folder] of this.#folders) {
      const place = join(target, relative(this.#root, path))
      mkdirSync(place, { recursive: true })
      const names = new Map(folder.durable)
      for (const { name, inode } of folder.pending)
        if (alsoKept())
          if (inode) names.set(name, inode)
          else names.delete(name)
      for (const [name, inode] of names) writeFileSync(join(place, name), bytesOf(inode, alsoKept))
    }
  }

  #sync(path: string, before: number): void {
    const folder = this.#folders.get(path)
    if (folder) {
      folder.pending = folder.pending.filter(change => {
        if (change.order > before) return true
        if (change.inode) folder.durable.set(change.name, change.inode)
        else folder.durable.delete(change.name)
        return false
      })
      return
    }
    const inode = this.#inode(path)
    if (!inode) return
    const kept: Change[] = []
    for (const change of inode.pending)
      if (change.order > before) kept.push(change)
      else inode.durable = changed(inode.durable, change)
    inode.pending = kept
  }

  #folder(path: string): Folder {
    let folder = this.#folders.get(path)
    if (!folder) {
      folder = { durable: new Map(), live: new Map(), pending: [] }
      this.#folders.set(path, folder)
    }
    return folder
  }

  #name(path: string, inode: Inode | undefined): void {
    const folder = this.#folder(dirname(path))
    const name = path.slice(dirname(path).length + 1)
    if (inode) folder.live.set(name, inode)
    else folder.live.delete(name)
    folder.pending.push({ order: this.#order, name, inode })
  }

  #inode(path: string): Inode | undefined {
    return this.#folders.get(dirname(path))?.live.get(path.slice(dirname(path).length + 1))
  }
}

const sectorBytes = 512

/** Sectors are written whole, in any order. */
function bytesOf(inode: Inode, alsoKept: () => boolean): Buffer {
  let bytes = inode.durable
  for (const change of inode.pending) {
    if (!alsoKept()) continue
    if (change.kind === 'truncate' || alsoKept()) bytes = changed(bytes, change)
    else for (const piece of sectorsOf(change)) if (alsoKept()) bytes = changed(bytes, piece)
  }
  return bytes
}

function* sectorsOf(write: Change & { readonly kind: 'write' }): Generator<Change> {
  const { offset, data } = write
  for (let at = 0; at < data.length; ) {
    const end = Math.min(data.length, at + sectorBytes - ((offset + at) % sectorBytes))
    yield { ...write, offset: offset + at, data: data.subarray(at, end) }
    at = end
  }
}

function changed(bytes: Buffer, change: Change): Buffer {
  if (change.kind === 'truncate') {
    if (change.size <= bytes.length) return Buffer.from(bytes.subarray(0, change.size))
    return Buffer.concat([bytes, Buffer.alloc(change.size - bytes.length)])
  }
  const end = change.offset + change.data.length
  const grown = end > bytes.length ? Buffer.concat([bytes, Buffer.alloc(end - bytes.length)]) : bytes
  change.data.copy(grown, change.offset)
  return grown
}
