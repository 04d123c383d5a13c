/**
 * The folder that holds everything of one installation, owned by one process at a time.
 *
 * Invariants: the exclusive SQLite lock on `lock.db` is held from open to dispose, and the kernel drops it with the process,
 * so a crash leaves nothing to clean up; `boot` is on disk before anybody hears of it; the secret never leaves this folder.
 */
import { hkdfSync, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileSystemOf } from './file-system.ts'
import { Database } from './sqlite.ts'

export type DataFolder = {
  /** Absolute */
  readonly path: string
  /** Rises with each open, also when the folder was made anew, and durable: part of every delivery id */
  readonly boot: number
  /** The folder lies in memory or in a container's own layer: mail kept there is lost with it */
  readonly ephemeral: boolean
  /** 32 octets, the same for a purpose as long as the installation lives. HKDF-SHA-256 (RFC 5869) of the installation's secret */
  deriveKey(purpose: string): Uint8Array
}

export class DataFolderRefusal extends Error {
  override readonly name = 'DataFolderRefusal'
  readonly code: 'in-use' | 'network-file-system' | 'bad-secret'
  constructor(code: DataFolderRefusal['code'], message: string) {
    super(message)
    this.code = code
  }
}

const secretBytes = 32
/** SQLITE_BUSY and SQLITE_LOCKED, extended codes included */
const lockedCodes = new Set([5, 6])

/** Creates the folder when it is missing (0700). Throws `DataFolderRefusal` when it cannot be ours. */
export function openDataFolder(folder: string): DataFolder & Disposable {
  const path = resolve(folder)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const place = fileSystemOf(path)
  if (place.kind === 'network')
    throw new DataFolderRefusal(
      'network-file-system',
      `${path} is on ${place.name}: locks and fsync cannot be trusted there; use a local disk`,
    )
  const lock = takeLock(path)
  try {
    const boot = countBoot(lock)
    const secret = installationSecret(path)
    return {
      path,
      boot,
      ephemeral: place.kind === 'ephemeral',
      deriveKey: purpose => new Uint8Array(hkdfSync('sha256', secret, '', `hikyaku ${purpose}`, 32)),
      [Symbol.dispose]: () => lock.close(),
    }
  } catch (error) {
    lock.close()
    throw error
  }
}

/** The owner's process id stands in a text file beside the lock: the locked database cannot be read. */
function takeLock(path: string): Database {
  const owner = join(path, 'owner')
  let lock: Database | undefined
  try {
    lock = new Database(join(path, 'lock.db'), { durability: 'FULL' })
    // exclusive from the first transaction on, for the connection's life
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT')
  } catch (error) {
    lock?.close()
    if (!lockedCodes.has(((error as { errcode?: number }).errcode ?? 0) & 0xff)) throw error
    const pid = ownerPid(owner)
    throw new DataFolderRefusal('in-use', `${path} is in use by ${pid ? `process ${pid}` : 'another process'}`)
  }
  writeFileSync(owner, `${process.pid}\n`, { mode: 0o600 })
  return lock
}

function ownerPid(owner: string): number | undefined {
  try {
    const pid = Number(readFileSync(owner, 'utf8').trim())
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

/**
 * One more than last time, and no less than the seconds since 1970: a box that was built anew under its old name makes no id a
 * second time, and is not taken for an old start of itself.
 */
function countBoot(lock: Database): number {
  return lock.write(() => {
    lock.exec(
      'CREATE TABLE IF NOT EXISTS boot (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL) STRICT',
    )
    const row = lock
      .prepare(
        'INSERT INTO boot (one, number) VALUES (1, ?1) ON CONFLICT DO UPDATE SET number = max(number + 1, ?1) RETURNING number',
      )
      .get(Math.max(1, Math.floor(Date.now() / 1000))) as { number: number }
    return row.number
  })
}

function installationSecret(path: string): Uint8Array {
  const file = join(path, 'secret')
  try {
    const secret = readFileSync(file)
    if (secret.length !== secretBytes)
      throw new DataFolderRefusal('bad-secret', `${file} holds ${secret.length} octets, not ${secretBytes}: restore it`)
    return secret
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const secret = randomBytes(secretBytes)
  writeDurably(file, secret)
  return secret
}

/** Whole or not at all, even through a power cut: the bytes first, then the name, then the folder and its parent. */
function writeDurably(file: string, bytes: Uint8Array): void {
  const temporary = `${file}.new`
  const descriptor = openSync(temporary, 'w', 0o600)
  try {
    writeSync(descriptor, bytes)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(temporary, file)
  fsyncFolder(dirname(file))
  fsyncFolder(dirname(dirname(file)))
}

function fsyncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
