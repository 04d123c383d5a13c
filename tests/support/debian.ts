/** Finds the programs of others that the tests talk to, and installs their Debian packages where that is possible. */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

type Program = { readonly files: readonly string[]; readonly packages: readonly string[]; readonly needsRoot?: boolean }

/** Each with the files that show that its packages are there. */
const programs = {
  postfix: {
    files: ['/usr/sbin/postfix', '/usr/lib/postfix/sbin/master'],
    packages: ['postfix', 'libsasl2-modules'],
    needsRoot: true,
  },
  dovecot: {
    files: ['/usr/sbin/dovecot', '/usr/lib/dovecot/imap-login', '/usr/lib/dovecot/lmtp', '/usr/lib/dovecot/pop3-login'],
    packages: ['dovecot-core', 'dovecot-imapd', 'dovecot-lmtpd', 'dovecot-pop3d'],
    needsRoot: true,
  },
  swaks: { files: ['/usr/bin/swaks'], packages: ['swaks', 'libnet-ssleay-perl'] },
  mbsync: { files: ['/usr/bin/mbsync'], packages: ['isync'] },
  mutt: { files: ['/usr/bin/mutt'], packages: ['mutt'] },
  curl: { files: ['/usr/bin/curl'], packages: ['curl'] },
  openssl: { files: ['/usr/bin/openssl'], packages: ['openssl'] },
} as const satisfies Record<string, Program>

export type ProgramName = keyof typeof programs

const policyFile = '/usr/sbin/policy-rc.d'
const installBudgetMs = 150_000
const lockMaxAgeMs = 200_000

/**
 * False when all of them are there (after installing, as root with apt), else why the test must be skipped: the value is
 * what node:test wants as `skip`.
 */
export async function missing(...names: readonly ProgramName[]): Promise<string | false> {
  const wanted: readonly Program[] = names.map(name => programs[name])
  const isRoot = process.getuid?.() === 0
  if (!wanted.every(isThere)) {
    if (isRoot && existsSync('/usr/bin/apt-get')) await install(wanted.flatMap(({ packages }) => packages))
    const absent = names.filter(name => !isThere(programs[name]))
    if (absent.length > 0) return `not installed: ${absent.join(', ')}`
  }
  return wanted.some(({ needsRoot }) => needsRoot) && !isRoot ? 'only root can run it' : false
}

function isThere({ files }: Program): boolean {
  return files.every(file => existsSync(file))
}

/** One at a time: several test files may find the same package missing. */
async function install(packages: readonly string[]): Promise<void> {
  const lock = join(tmpdir(), 'hikyaku-apt.lock')
  while (!takeLock(lock)) await sleep(500)
  const ownPolicy = forbidServices()
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const options = { env, timeout: installBudgetMs, stdio: ['ignore', 2, 2] as ['ignore', number, number] }
    const apt = ['-y', '-q', '--no-install-recommends', 'install', ...packages]
    if (spawnSync('apt-get', apt, options).status !== 0) {
      spawnSync('apt-get', ['-q', 'update'], options)
      spawnSync('apt-get', apt, options)
    }
  } finally {
    if (ownPolicy) rmSync(policyFile, { force: true })
    rmSync(lock, { recursive: true, force: true })
  }
}

function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch {
    const made = statSync(lock, { throwIfNoEntry: false })
    if (made && Date.now() - made.mtimeMs > lockMaxAgeMs) rmSync(lock, { recursive: true, force: true })
    return false
  }
}

/** A freshly installed mail server must not start by itself. True when the file is ours to remove. */
function forbidServices(): boolean {
  if (existsSync(policyFile)) return false
  writeFileSync(policyFile, '#!/bin/sh\nexit 101\n')
  chmodSync(policyFile, 0o755)
  return true
}
