/** A Postfix of its own in a temporary folder: its configuration, queue, log and mail, on one port of loopback. */
import { chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answers, eventually, fill, freePort, mustRun, run, temporaryFolder, watchDaemon } from '../../support/peers.ts'

export type Postfix = {
  readonly folder: string
  readonly port: number
  /** The log's lines that a person would look at: conversations, results, TLS, warnings. */
  log(): string
  /** Messages that wait, with why: `postqueue -j`. */
  queue(): Promise<readonly QueuedMessage[]>
  /** Waits until nothing is queued; the error says what waits, and why. */
  drained(timeoutMs?: number): Promise<void>
  /** Sets parameters, as `postconf -e`, and takes them into use. */
  set(...parameters: readonly string[]): Promise<void>
  /** The messages that ended here, as they were written to its maildir. */
  mail(): readonly Buffer[]
}

export type QueuedMessage = {
  readonly queue_id: string
  readonly recipients: readonly { readonly address: string; readonly delay_reason?: string }[]
}

/** `template`: the peer's own main.cf; `values` fill its `@names@`; `services`: more lines for master.cf. */
export async function startPostfix(
  scope: AsyncDisposableStack,
  template: URL,
  values: Readonly<Record<string, string | number>>,
  services?: URL,
): Promise<Postfix> {
  const folder = temporaryFolder(scope, 'postfix')
  const port = await freePort()
  const etc = join(folder, 'etc')
  for (const name of ['etc', 'spool', 'data', 'mail']) mkdirSync(join(folder, name), { mode: 0o755 })
  await ownedBy(join(folder, 'data'), 'postfix')
  chownSync(join(folder, 'mail'), 65_534, 65_534)
  const all = { ...values, folder, port }
  const common = fill(new URL('main.cf', import.meta.url), all)
  writeFileSync(join(etc, 'main.cf'), lastOneWins(`${common}\n${fill(template, all)}`))
  const ownServices = services ? fill(services, all) : ''
  writeFileSync(join(etc, 'master.cf'), fill(new URL('master.cf', import.meta.url), all) + ownServices)
  const start = async () => {
    await mustRun('/usr/sbin/postfix', ['-c', etc, 'start'])
    await eventually('Postfix answers', () => answers(port))
  }
  await start()
  const daemon = watchDaemon(join(folder, 'spool', 'pid', 'master.pid'))
  scope.defer(() => daemon.stop())
  async function queue(): Promise<readonly QueuedMessage[]> {
    const { stdout } = await mustRun('/usr/sbin/postqueue', ['-c', etc, '-j'])
    const lines = stdout.toString('utf8').split('\n')
    return lines.filter(line => line !== '').map(line => JSON.parse(line) as QueuedMessage)
  }
  return {
    folder,
    port,
    queue,
    log: () => readFileSync(join(folder, 'log'), 'utf8').split('\n').filter(isTelling).join('\n'),
    async drained(timeoutMs = 20_000) {
      let waiting: readonly QueuedMessage[] = []
      const isEmpty = async () => (waiting = await queue()).length === 0
      await eventually('Postfix has rid itself of all', isEmpty, timeoutMs).catch(error => {
        throw new Error(`${String(error)}: ${JSON.stringify(waiting)}`)
      })
    },
    async set(...parameters) {
      await mustRun('/usr/sbin/postconf', ['-c', etc, '-e', ...parameters])
      // not `reload`: its processes would go on with the old values for as long as they are busy
      await daemon.stop()
      await start()
    },
    mail() {
      const arrived = join(folder, 'mail', 'all', 'new')
      return filesIn(arrived).map(name => readFileSync(join(arrived, name)))
    },
  }
}

/** With debug_peer_list most lines are about Postfix's own insides. */
function isTelling(line: string): boolean {
  return / [<>] \S+\]|status=|TLS connection|warning:|fatal:/.test(line) && !line.includes('generic_checks')
}

/** Postfix warns of a parameter that is set twice. */
function lastOneWins(text: string): string {
  const lines = new Map<string, string>()
  for (const line of text.split('\n')) {
    const name = /^(\w+) *=/.exec(line)?.[1]
    if (name !== undefined) lines.set(name, line)
  }
  return `${[...lines.values()].join('\n')}\n`
}

async function ownedBy(folder: string, user: string): Promise<void> {
  const { stdout } = await run('/usr/bin/id', ['-u', user])
  chownSync(folder, Number(stdout.toString()), 0)
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}
