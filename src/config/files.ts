/** What the configuration asks of the file system: readable files, secrets only for their owner, a folder that lasts. */
import { accessSync, constants, readFileSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Text } from '#base/text.ts'

/** Keys, passwords and certificates are far smaller; a device or a log named by mistake must not be read whole. */
export const maxSecretFileBytes = 64 * 1024

/** Text of a small file without its trailing line ends. */
export function readSmallFile(path: string): string {
  const { size } = statSync(path)
  if (size > maxSecretFileBytes) throw new Error(`larger than ${maxSecretFileBytes} bytes`)
  return readFileSync(path, 'utf8').replace(/[\r\n]+$/, '')
}

/** Why `path` cannot be read by this process, with what is needed and what is there; undefined when it can. */
export function whyUnreadable(path: string): Text | undefined {
  try {
    accessSync(path, constants.R_OK)
    if (statSync(path).isFile()) return undefined
    return { en: `${path} is not a file`, ja: `${path} はファイルではありません` }
  } catch (error) {
    return unreadable(path, error)
  }
}

export function unreadable(path: string, error: unknown): Text {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT') return { en: `${path} does not exist`, ja: `${path} がありません` }
  const reason = error instanceof Error ? error.message : String(error)
  if (code !== 'EACCES' && code !== 'EPERM')
    return { en: `${path} cannot be read: ${reason}`, ja: `${path} を読めません: ${reason}` }
  const who = process.getuid?.() ?? -1
  const have = ownerAndMode(path)
  if (!have)
    return {
      en: `uid ${who} cannot reach ${path}: a folder above it is closed to it`,
      ja: `uid ${who} は ${path} に届きません。上のフォルダを開けません`,
    }
  return {
    en: `uid ${who} cannot read ${path} (owner ${have.owner}, mode ${have.mode}): needed is owner ${who} with 0600, or its group with 0640`,
    ja: `uid ${who} は ${path} を読めません(所有者 ${have.owner}、モード ${have.mode})。所有者 ${who} で 0600、またはグループで 0640 にしてください`,
  }
}

/** A secret that others could read, or its group could change. */
export function whyTooOpen(path: string): Text | undefined {
  const have = ownerAndMode(path)
  if (!have || (have.bits & 0o027) === 0) return undefined
  return {
    en: `${path} can be read or changed by others (mode ${have.mode}): chmod 600, or 640 for a group`,
    ja: `${path} を他の人が読める、または変えられます(モード ${have.mode})。chmod 600、グループ用なら 640 にしてください`,
  }
}

function ownerAndMode(path: string): { owner: number; mode: string; bits: number } | undefined {
  try {
    const { uid, mode } = statSync(path)
    return { owner: uid, bits: mode & 0o777, mode: `0${(mode & 0o777).toString(8)}` }
  } catch {
    return undefined
  }
}

const vanishing: Readonly<Record<number, string>> = {
  0x01021994: 'tmpfs',
  0x858458f6: 'ramfs',
  0x794c7630: 'overlayfs',
}

/** The name of the file system under `path` (or the nearest folder above it that exists) when it does not outlast a restart. */
export function ephemeralFileSystem(path: string): string | undefined {
  for (let at = path; ; at = dirname(at)) {
    try {
      return vanishing[statfsSync(at).type]
    } catch {
      if (at === dirname(at)) return undefined
    }
  }
}
