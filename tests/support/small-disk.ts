/** Small file systems of their own, mounted for a test and filled to the brim. Needs root. */
import { spawnSync } from 'node:child_process'
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type DiskKind = 'tmpfs' | 'ext4'

export type SmallDisk = Disposable & {
  readonly path: string
  readonly freeBytes: number
  /** Takes what is free but for so much; 0 until the system says that there is no more. */
  fill(leaveBytes: number): void
  /** Gives everything back that `fill` took. */
  makeRoom(): void
}

const chunkBytes = 1024 * 1024

/** Why there can be none here; undefined when there can. */
export function whyNoSmallDisk(kinds: readonly DiskKind[] = ['tmpfs', 'ext4']): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root, to mount small file systems'
  try {
    for (const kind of kinds) mountSmallDisk(kind, 16)[Symbol.dispose]()
    return undefined
  } catch (error) {
    return String(error)
  }
}

export function mountSmallDisk(kind: DiskKind, sizeMiB: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-disk-'))
  const path = join(folder, 'mount')
  const image = join(folder, 'image')
  run('mkdir', path)
  if (kind === 'tmpfs') run('mount', '-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', path)
  else {
    run('truncate', '-s', `${sizeMiB}M`, image)
    // no blocks that only root may use: the test is root
    run('mkfs.ext4', '-q', '-m', '0', image)
    run('mount', '-o', 'loop', image, path)
  }
  const filler = join(path, 'filler')
  return {
    path,
    get freeBytes() {
      return freeBytes(path)
    },
    fill: leaveBytes => fill(path, filler, leaveBytes),
    makeRoom: () => rmSync(filler, { force: true }),
    [Symbol.dispose]() {
      spawnSync('umount', ['-l', path])
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize
}

function fill(path: string, filler: string, leaveBytes: number): void {
  const descriptor = openSync(filler, 'a')
  const zeros = Buffer.alloc(chunkBytes)
  try {
    for (const size of [chunkBytes, 4096, 512])
      while (leaveBytes === 0 || freeBytes(path) > leaveBytes + size) if (!wrote(descriptor, zeros, size)) break
  } finally {
    closeSync(descriptor)
  }
}

/** Synced, because a file system may find out late that there is no room. */
function wrote(descriptor: number, zeros: Buffer, size: number): boolean {
  try {
    const written = writeSync(descriptor, zeros, 0, size)
    fsyncSync(descriptor)
    return written === size
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOSPC') return false
    throw error
  }
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
}
