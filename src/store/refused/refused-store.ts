/** Refused mail as the mail layer sees it: rows in a thread, a sealed file each. */
import { existsSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startThread, type Thread } from '../thread.ts'
import type { NewRefused, RefusedOperations, RefusedRow } from './rows.ts'
import { readSealed, writeSealed } from './seal.ts'

export type { RefusedRow } from './rows.ts'

export type RefusedStore = AsyncDisposable & {
  /** File and row on disk when it resolves; a message that is there already counts once more. Its id. */
  keep(row: NewRefused, chunks: AsyncIterable<Uint8Array>): Promise<string>
  /** Newest first */
  list(limit: number): Promise<readonly RefusedRow[]>
  show(id: string): Promise<RefusedRow | undefined>
  /** Throws when the file is gone or is not what was written. */
  check(id: string): Promise<void>
  read(id: string, from?: number): AsyncIterable<Uint8Array>
  /** Given to its recipient: the octets go. */
  delivered(id: string, at: number): Promise<void>
  drop(id: string): Promise<boolean>
  sweep(before: number, maxBytes: number): Promise<number>
}

/**
 * Makes the folder when it is missing, and removes files that no row names. The thread begins with the first message that is refused:
 * many a box refuses none, and a thread costs 15 MiB.
 */
export async function openRefusedStore(folder: string, key: Uint8Array): Promise<RefusedStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'refused.db')
  let thread: Thread | undefined
  const start = () =>
    startThread(new URL('./refused-thread.ts', import.meta.url), { name: 'refused', data: { path }, maxPending: 256 })
  const isEmpty = () => !thread && !existsSync(path)
  const call = <Name extends keyof RefusedOperations>(
    name: Name,
    input: RefusedOperations[Name]['input'],
  ): Promise<RefusedOperations[Name]['output']> => (thread ??= start()).call(name, input)
  const pathOf = (id: string) => join(folder, `${id}.sealed`)
  const removeFile = (id: string) => rm(pathOf(id), { force: true })
  try {
    const files = (await readdir(folder)).filter(name => name.endsWith('.sealed'))
    const known = files.length > 0 ? new Set((await call('ids', {})).map(id => `${id}.sealed`)) : undefined
    for (const name of files) if (!known?.has(name)) await rm(join(folder, name))
  } catch (error) {
    await thread?.[Symbol.asyncDispose]()
    throw error
  }
  return {
    async keep(row, chunks) {
      await writeSealed(pathOf(row.id), key, chunks)
      const { id, known } = await call('add', row).catch(async (error: unknown) => {
        await removeFile(row.id)
        throw error
      })
      if (known) await removeFile(row.id)
      return id
    },
    list: async limit => (isEmpty() ? [] : call('list', { limit })),
    show: async id => (isEmpty() ? undefined : call('show', { id })),
    async check(id) {
      for await (const chunk of readSealed(pathOf(id), key)) void chunk
    },
    read: (id, from) => readSealed(pathOf(id), key, from),
    async delivered(id, at) {
      await call('delivered', { id, at })
      await removeFile(id)
    },
    async drop(id) {
      const { dropped } = await call('drop', { id })
      await removeFile(id)
      return dropped
    },
    async sweep(before, maxBytes) {
      if (isEmpty()) return 0
      const { removed } = await call('sweep', { before, maxBytes })
      for (const id of removed) await removeFile(id)
      return removed.length
    },
    [Symbol.asyncDispose]: async () => thread?.[Symbol.asyncDispose](),
  }
}
