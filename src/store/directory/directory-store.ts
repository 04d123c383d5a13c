/** directory.db as the mail layer sees it: everything at once, then changes that are on disk when they resolve. */
import { startThread } from '../thread.ts'
import type { DirectoryRows, DirectoryStep } from './rows.ts'

export type DirectoryStore = AsyncDisposable & {
  readonly rows: DirectoryRows
  /** All steps in one transaction. Rejects when nothing of it was written. */
  change(steps: readonly DirectoryStep[]): Promise<void>
}

/** @param path of `directory.db`, in a folder that exists */
export async function openDirectoryStore(path: string): Promise<DirectoryStore> {
  const thread = startThread(new URL('./directory-thread.ts', import.meta.url), {
    name: 'directory',
    data: { path },
    maxPending: 256,
  })
  try {
    const rows = await thread.call<DirectoryRows>('load', undefined)
    return {
      rows,
      change: steps => thread.call<undefined>('change', steps),
      [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
    }
  } catch (error) {
    await thread[Symbol.asyncDispose]()
    throw error
  }
}
