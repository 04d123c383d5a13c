/** Whether this box can take mail now: what `/readyz` answers. */
import { statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunningRoles } from './start.ts'

/** Asks what may change while running. Undefined when all is well, else why not. */
export function readiness({ around, home, listeners }: RunningRoles): () => Promise<string | undefined> {
  const { folder, config } = around
  const lock = join(folder.path, 'lock.db')
  const owned = identityOf(lock)
  return async () => {
    const closed = listeners.filter(listener => !listener.isOpen())
    if (closed.length > 0) return `not listening: ${closed.map(({ service, port }) => `${service} ${port}`).join(', ')}`
    if (owned === undefined || identityOf(lock) !== owned) return 'the data folder is no longer ours'
    if (home && home.accounts.threadsDown > 0) return 'a thread of the account store has ended and is being replaced'
    const { bavail, bsize } = await statfs(folder.path)
    if (bavail * bsize < config.home.accounts.diskReserve)
      return 'STORE-DISK: the disk reserve is reached; new mail is deferred'
    return undefined
  }
}

/** The lock is held on the open file; another file under its name means that the folder was moved or replaced. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path)
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}
