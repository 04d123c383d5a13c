/**
 * Derived columns (derived-columns.ts) of an account in files beside its database, so that they are made of all emails once and not at each start. They can be
 * deleted at any time. Nothing is synced: one that was cut off, is of an account that was restored since, or was written by a release that sorts otherwise, is none.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { DerivedName } from './derived-columns.ts'

/** To be raised when another value is made of the same envelope or structure. */
const format = 1
const headerNumbers = 4

/** Columns of the same length: values, of which email, and when that was received */
export type KeptColumn = Readonly<Record<'ids' | 'received' | 'values', Float64Array<ArrayBuffer>>>

function pathOf(folder: string, name: DerivedName): string {
  return join(folder, `column-${name}.bin`)
}

export async function writeColumn(folder: string, name: DerivedName, epoch: number, column: KeptColumn): Promise<void> {
  const { ids, received, values } = column
  const numbers = new Float64Array(headerNumbers + 3 * ids.length)
  numbers.set(ids, headerNumbers)
  numbers.set(received, headerNumbers + ids.length)
  numbers.set(values, headerNumbers + 2 * ids.length)
  numbers.set([format, epoch, ids.length, checksumOf(numbers)])
  const path = pathOf(folder, name)
  const written = `${path}.new`
  try {
    await writeFile(written, new Uint8Array(numbers.buffer), { mode: 0o600 })
    await rename(written, path)
  } catch (error) {
    await rm(written, { force: true })
    throw error
  }
}

/** Undefined: there is none that counts. */
export async function readColumn(folder: string, name: DerivedName, epoch: number): Promise<KeptColumn | undefined> {
  let bytes
  try {
    bytes = await readFile(pathOf(folder, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (bytes.length % 8 !== 0 || bytes.length < 8 * headerNumbers) return undefined
  const numbers = new Float64Array(new Uint8Array(bytes).buffer)
  const [kept, ofEpoch, count = -1, checksum] = numbers
  const isOurs = kept === format && ofEpoch === epoch && numbers.length === headerNumbers + 3 * count
  if (!isOurs || checksum !== checksumOf(numbers)) return undefined
  const column = (index: number) => numbers.slice(headerNumbers + index * count, headerNumbers + (index + 1) * count)
  return { ids: column(0), received: column(1), values: column(2) }
}

function checksumOf(numbers: Float64Array<ArrayBuffer>): number {
  return crc32(new Uint8Array(numbers.buffer, 8 * headerNumbers))
}
