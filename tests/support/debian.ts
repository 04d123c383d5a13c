/** Finds the programs of others that the tests talk to, and installs their Debian packages where that is possible. */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, globSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

type Program = {
  readonly files: readonly string[]
  readonly packages: readonly string[]
  readonly needsRoot?: boolean
  /** Conflicts with another peer as a package: its files only, here, and what it needs of libraries. `user` it runs as. */
  readonly unpacked?: { readonly folder: string; readonly packages: readonly string[]; readonly user: string }
}

/** Only root can write there, and only root runs what lies there. */
export const eximFolder = '/var/cache/hikyaku-peers/exim'

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
  exim: {
    files: [`${eximFolder}/complete`, `${eximFolder}/usr/sbin/exim4`],
    packages: [],
    needsRoot: true,
    unpacked: { folder: eximFolder, packages: ['exim4-daemon-light', 'exim4-base'], user: 'Debian-exim' },
  },
  swaks: { files: ['/usr/bin/swaks'], packages: ['swaks', 'libnet-ssleay-perl'] },
  mbsync: { files: ['/usr/bin/mbsync'], packages: ['isync'] },
  mutt: { files: ['/usr/bin/mutt'], packages: ['mutt'] },
  neomutt: { files: ['/usr/bin/neomutt'], packages: ['neomutt'] },
  offlineimap: { files: ['/usr/bin/offlineimap'], packages: ['offlineimap3'] },
  imapfilter: { files: ['/usr/bin/imapfilter'], packages: ['imapfilter'] },
  fetchmail: { files: ['/usr/bin/fetchmail'], packages: ['fetchmail'] },
  mpop: { files: ['/usr/bin/mpop'], packages: ['mpop'] },
  haproxy: { files: ['/usr/sbin/haproxy'], packages: ['haproxy'] },
  nginx: {
    files: ['/usr/sbin/nginx', ...['mail', 'stream'].map(name => `/usr/lib/nginx/modules/ngx_${name}_module.so`)],
    packages: ['nginx-light', 'libnginx-mod-mail', 'libnginx-mod-stream'],
  },
  sieveConnect: { files: ['/usr/bin/sieve-connect'], packages: ['sieve-connect'] },
  sievelib: {
    files: ['/usr/lib/python3/dist-packages/sievelib/managesieve.py', '/usr/bin/python3'],
    packages: ['python3-sievelib'],
  },
  vobject: {
    files: ['/usr/lib/python3/dist-packages/vobject/base.py', '/usr/bin/python3'],
    packages: ['python3-vobject'],
  },
  curl: { files: ['/usr/bin/curl'], packages: ['curl'] },
  opendkim: { files: ['/usr/sbin/opendkim'], packages: ['opendkim'] },
  dkimpy: {
    files: ['dkim', 'nacl', 'authres'].map(name => `/usr/lib/python3/dist-packages/${name}/__init__.py`),
    packages: ['python3-dkim', 'python3-nacl', 'python3-authres'],
  },
  rspamd: { files: ['/usr/bin/rspamd'], packages: ['rspamd'] },
  clamav: { files: ['/usr/sbin/clamd'], packages: ['clamav-daemon'] },
  openssl: { files: ['/usr/bin/openssl'], packages: ['openssl'] },
  roundcube: {
    files: ['index.php', 'plugins/managesieve/managesieve.php'].map(name => `/usr/share/roundcube/${name}`),
    packages: ['php-fpm', 'php-gd', 'php-zip', 'roundcube-core', 'roundcube-sqlite3', 'roundcube-plugins'],
  },
  chromium: {
    files: ['/usr/bin/chromium', '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc'],
    packages: ['chromium', 'fonts-noto-cjk'],
  },
  pigeonhole: { files: ['/usr/bin/sieve-test'], packages: ['dovecot-core', 'dovecot-sieve'] },
} as const satisfies Record<string, Program>

export type ProgramName = keyof typeof programs

export const programNames = Object.keys(programs) as ProgramName[]

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
    if (isRoot && existsSync('/usr/bin/apt-get')) await install(wanted.filter(program => !isThere(program)))
    const absent = names.filter(name => !isThere(programs[name]))
    if (absent.length > 0) return `not installed: ${absent.join(', ')}`
  }
  return wanted.some(({ needsRoot }) => needsRoot) && !isRoot ? 'only root can run it' : false
}

function isThere({ files }: Program): boolean {
  return files.every(file => existsSync(file))
}

/** One at a time: several test files may find the same package missing. */
async function install(programs: readonly Program[]): Promise<void> {
  const lock = join(tmpdir(), 'hikyaku-apt.lock')
  while (!takeLock(lock)) await sleep(500)
  const ownPolicy = forbidServices()
  try {
    const unpacked = programs.flatMap(program => program.unpacked ?? [])
    const packages = () => [...programs.flatMap(program => program.packages), ...unpacked.flatMap(librariesOf)]
    const all = () => installPackages(packages()) && unpacked.every(unpack)
    if (!all() && run('apt-get', ['-q', 'update'])) all()
  } finally {
    if (ownPolicy) rmSync(policyFile, { force: true })
    rmSync(lock, { recursive: true, force: true, maxRetries: 10 })
  }
}

function installPackages(packages: readonly string[]): boolean {
  return (
    packages.length === 0 ||
    run('apt-get', ['-y', '-q', '--no-install-recommends', '--no-upgrade', 'install', ...packages])
  )
}

/** What they depend on, without the packages that would come into another's way. */
function librariesOf({ packages }: NonNullable<Program['unpacked']>): string[] {
  const { stdout } = spawnSync('apt-cache', ['depends', ...packages], { encoding: 'utf8' })
  return [...stdout.matchAll(/^ +Depends: (lib[^\s:]+)$/gm)].map(([, name]) => name ?? '')
}

/** Its user is made as the package itself would make it. Nothing there may run as root for anybody. */
function unpack({ folder, packages, user }: NonNullable<Program['unpacked']>): boolean {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  mkdirSync(folder, { recursive: true })
  const isDone =
    run('apt-get', ['-q', 'download', ...packages], folder) &&
    globSync('*.deb', { cwd: folder }).every(file => run('dpkg', ['-x', file, '.'], folder)) &&
    run('chmod', ['-R', 'a-s', '.'], folder) &&
    (run('getent', ['passwd', user]) ||
      run('useradd', ['--system', '--user-group', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', user]))
  if (isDone) writeFileSync(join(folder, 'complete'), '')
  return isDone
}

function run(command: string, args: readonly string[], cwd = '/'): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync(command, args, { cwd, env, timeout: installBudgetMs, stdio: ['ignore', 2, 2] }).status === 0
}

function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch {
    const made = statSync(lock, { throwIfNoEntry: false })
    if (made && Date.now() - made.mtimeMs > lockMaxAgeMs) rmSync(lock, { recursive: true, force: true, maxRetries: 10 })
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
