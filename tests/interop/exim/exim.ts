/** An Exim of its own in a temporary folder, as the user that Debian gives it, on loopback; its debug output shows the conversations. */
import { spawn } from 'node:child_process'
import {
  chownSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { eximFolder } from '../../support/debian.ts'
import { answers, eventually, fill, freePort, mustRun, temporaryFolder } from '../../support/peers.ts'

export type Exim = {
  readonly port: number
  /** Commands and replies (`SMTP>>` it says, with `|` or `+` and more to come; `SMTP<<` it hears), arrivals, deliveries and complaints. */
  log(): string
  /** The messages that ended here, as they were written to its maildir. */
  mail(): readonly Buffer[]
  /** How many messages wait. */
  queued(): number
}

const program = join(eximFolder, 'usr/sbin/exim4')

/** `template`: the peer's own configuration; `values` fill its `@names@`; `keys`: files that only its user may read, as `@folder@/NAME`. */
export async function startExim(
  scope: AsyncDisposableStack,
  template: URL,
  values: Readonly<Record<string, string | number>>,
  keys: readonly string[] = [],
): Promise<Exim> {
  const folder = temporaryFolder(scope, 'exim')
  const port = await freePort()
  const user = await idOf('-u')
  const group = await idOf('-g')
  for (const name of ['', 'spool', 'mail']) {
    if (name !== '') mkdirSync(join(folder, name), { mode: 0o755 })
    chownSync(join(folder, name), user, group)
  }
  for (const key of keys) {
    copyFileSync(key, join(folder, basename(key)))
    chownSync(join(folder, basename(key)), user, group)
  }
  const all = { ...values, program, folder, port }
  const config = join(folder, 'exim.conf')
  writeFileSync(config, withParts(fill(template, all), fill(new URL('exim.conf', import.meta.url), all)), {
    mode: 0o644,
  })
  const debugFile = join(folder, 'debug')
  const out = openSync(debugFile, 'a')
  const args = ['-C', config, '-bdf', '-q1s', '-d-all+transport+receive']
  // a group of its own: its processes for single connections end with it
  const daemon = spawn(program, args, { uid: user, gid: group, stdio: ['ignore', out, out], cwd: '/', detached: true })
  closeSync(out)
  const end = () => {
    try {
      if (daemon.pid !== undefined) process.kill(-daemon.pid, 'SIGTERM')
    } catch {
      // it has ended
    }
  }
  process.once('exit', end)
  const closed = new Promise(resolve => daemon.once('close', resolve))
  scope.defer(async () => {
    end()
    await closed
  })
  await eventually('Exim answers', () => {
    if (daemon.exitCode !== null)
      throw new Error(`Exim ended with ${daemon.exitCode}: ${readFileSync(debugFile, 'utf8')}`)
    return answers(port)
  })
  const filesIn = (...path: string[]) => readdirSync(join(folder, ...path)).sort()
  return {
    port,
    log: () => readFileSync(debugFile, 'utf8').split('\n').filter(isTelling).join('\n'),
    mail: () =>
      (filesIn('mail').includes('new') ? filesIn('mail', 'new') : []).map(name =>
        readFileSync(join(folder, 'mail', 'new', name)),
      ),
    queued: () =>
      (filesIn('spool').includes('input') ? filesIn('spool', 'input') : []).filter(name => name.endsWith('-H')).length,
  }
}

/** Main section, ACL, routers and authenticators of the peer around what all have; `begin` lines may come in any order but the first. */
function withParts(own: string, common: string): string {
  const [main = '', ...sections] = own.split(/^(?=begin )/m)
  const named = new Map(sections.map(section => [/^begin (\w+)/.exec(section)?.[1], section]))
  const transports = (named.get('transports') ?? '').replace(/^begin transports\n/, '')
  named.delete('transports')
  const [head = '', ...rest] = common.replace('PEER_TRANSPORTS\n', transports).split(/^(?=begin )/m)
  return [main, head, ...named.values(), ...rest].join('\n')
}

async function idOf(what: '-u' | '-g'): Promise<number> {
  const { stdout } = await mustRun('/usr/bin/id', [what, 'Debian-exim'])
  return Number(stdout.toString())
}

/** Commands, replies and log lines; not what it tells of its own insides. */
function isTelling(line: string): boolean {
  return /SMTP(?:[>|+]>|<<)|^ *\d+ {6,}\d{3}[ -]|(?:<=|=>|->|\*\*|==) |PANIC|rejected|deferred/.test(line)
}
