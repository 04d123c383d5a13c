/** What kind of file system a folder lies on: databases need one whose locks and fsync can be trusted. */
import { readFileSync, realpathSync, statfsSync } from 'node:fs'

export type FileSystemKind =
  | { readonly kind: 'local' }
  /** Gone with the container or the next boot: fit for a demo */
  | { readonly kind: 'ephemeral'; readonly name: string }
  /** Locks and fsync cannot be trusted there */
  | { readonly kind: 'network'; readonly name: string }

/** `f_type` of statfs(2) */
const networkTypes: Readonly<Record<number, string>> = {
  0x6969: 'nfs',
  0x517b: 'smb',
  0xff534d42: 'cifs',
  0xfe534d42: 'smb2',
  0x5346414f: 'afs',
  0x00c36400: 'ceph',
  0x0bd00bd0: 'lustre',
  0x73757245: 'coda',
  0x564c: 'ncp',
  0x47504653: 'gpfs',
}
const ephemeralTypes: Readonly<Record<number, string>> = {
  0x01021994: 'tmpfs',
  0x858458f6: 'ramfs',
  0x794c7630: 'overlay',
}
const fuseType = 0x65735546
/** FUSE names that are a disk of this machine; any other may be on the far side of a network. */
const localFuseNames = new Set(['fuseblk', 'fuse.ntfs-3g', 'fuse.bindfs', 'fuse.mergerfs', 'fuse.fuse-overlayfs'])

export function fileSystemOf(folder: string): FileSystemKind {
  // some kernels give the type as a signed number
  const type = statfsSync(folder).type >>> 0
  const network = networkTypes[type]
  if (network) return { kind: 'network', name: network }
  const ephemeral = ephemeralTypes[type]
  if (ephemeral) return { kind: 'ephemeral', name: ephemeral }
  if (type !== fuseType) return { kind: 'local' }
  const name = mountedType(realpathSync(folder), mountInfo()) ?? 'fuse'
  if (name === 'fuse.fuse-overlayfs') return { kind: 'ephemeral', name }
  return localFuseNames.has(name) ? { kind: 'local' } : { kind: 'network', name }
}

/** The type of the mount that holds `path`, from the text of /proc/self/mountinfo (proc(5)): the longest mount point wins, then the last. */
export function mountedType(path: string, mountinfo: string): string | undefined {
  let longest = -1
  let found: string | undefined
  for (const line of mountinfo.split('\n')) {
    const [before, after] = line.split(' - ')
    const mountPoint = before
      ?.split(' ')[4]
      ?.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(parseInt(octal as string, 8)))
    if (!mountPoint || !after || mountPoint.length < longest) continue
    const inside = mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`)
    if (!inside) continue
    longest = mountPoint.length
    found = after.split(' ')[0]
  }
  return found
}

function mountInfo(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    return ''
  }
}
