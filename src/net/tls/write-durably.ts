import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Replaces a small file as a whole: written beside it, synced, renamed, and the folder synced. */
export async function writeDurably(path: string, content: string, mode: number): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString('hex')}.new`
  try {
    await using file = await open(beside, 'wx', mode)
    await file.writeFile(content)
    await file.sync()
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
  await using folder = await open(dirname(path), 'r')
  await folder.sync()
}
