/**
 * A folder (0700) of small files (0600) that only its owner reads: private keys, policies. A file is either the old or the new one,
 * never half of it, and on disk when the call resolves.
 */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

export type SmallFiles = {
  /** Names, in no order */
  list(): Promise<readonly string[]>
  /** Undefined when there is no such file */
  read(name: string): Promise<string | undefined>
  write(name: string, text: string): Promise<void>
  remove(name: string): Promise<void>
}

export async function openSmallFiles(path: string): Promise<SmallFiles> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  return {
    list: async () => (await readdir(path)).filter(name => !name.startsWith('.')),
    async read(name) {
      try {
        return await readFile(join(path, name), 'utf8')
      } catch (error) {
        if ((error as { code?: unknown }).code === 'ENOENT') return undefined
        throw error
      }
    },
    write: (name, text) => writeWhole(path, name, text),
    async remove(name) {
      await rm(join(path, name), { force: true })
      await syncFolder(path)
    },
  }
}

async function writeWhole(folder: string, name: string, text: string): Promise<void> {
  const half = join(folder, `.${name}.new`)
  {
    await using file = await open(half, 'w', 0o600)
    await file.writeFile(text)
    await file.sync()
  }
  await rename(half, join(folder, name))
  await syncFolder(folder)
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}
