/** Our own server as an owner runs it: `hikyaku serve --config FILE`, a process of its own, stopped and killed at will. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, mustRun } from './peers.ts'

const main = new URL('../../src/main.ts', import.meta.url).pathname
const readyBudgetMs = 30_000

export type Box = {
  readonly configFile: string
  /** Resolves when every listener is there. */
  start(): Promise<void>
  /** SIGTERM, as systemd does. */
  stop(): Promise<void>
  /** Pulls the plug. */
  kill(): Promise<void>
  /** `hikyaku COMMAND…` on this box; throws when it fails. */
  command(args: readonly string[], input?: string): Promise<string>
  log(): string
}

/** Starts it and ends it with the scope. `yaml` is the whole configuration. */
export async function startBox(
  scope: AsyncDisposableStack,
  options: { readonly folder: string; readonly name: string; readonly yaml: string },
): Promise<Box> {
  const { folder, name } = options
  const configFile = join(folder, `${name}.yaml`)
  const logFile = join(folder, `${name}.log`)
  writeFileSync(configFile, options.yaml, { mode: 0o600 })
  let child: ChildProcess | undefined
  const end = async (signal: NodeJS.Signals) => {
    const ending = child
    child = undefined
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    const closed = new Promise(resolve => ending.once('close', resolve))
    ending.kill(signal)
    await closed
  }
  const log = () => readFileSync(logFile, 'utf8')
  const readyCount = () => log().split('"msg":"Ready"').length - 1
  const start = async () => {
    const out = openSync(logFile, 'a')
    const before = readyCount()
    const started = spawn(process.execPath, [main, 'serve', '--config', configFile], { stdio: ['ignore', out, out] })
    closeSync(out)
    child = started
    process.once('exit', () => started.kill('SIGKILL'))
    await eventually(
      `${name} is ready`,
      () => {
        if (started.exitCode !== null) throw new Error(`${name} ended with ${started.exitCode}:\n${log()}`)
        return readyCount() > before
      },
      readyBudgetMs,
    )
  }
  scope.defer(() => end('SIGTERM'))
  await start()
  return {
    configFile,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async command(args, input) {
      const ran = await mustRun(process.execPath, [main, ...args, '--config', configFile], { input: input ?? '' })
      return ran.stdout.toString('utf8')
    },
    log,
  }
}

export type TestCertificates = {
  readonly ca: string
  readonly mail: string
  readonly client: string
  readonly wrong: string
}

/**
 * A CA (`ca.crt`) and pairs from it in `folder/tls`: `mail` (mail.home.test, mx.home.test, localhost), `client` for a gateway, and
 * `wrong`, a client certificate that nobody has heard of. Values are paths without `.crt` and `.key`, but for `ca`.
 */
export async function makeCertificates(folder: string): Promise<TestCertificates> {
  // two hundred modules, and most tests have no certificate of their own
  const { openLocalCa, writePair } = await import('#net/tls/local-ca.ts')
  const tls = join(folder, 'tls')
  await mkdir(tls, { recursive: true, mode: 0o755 })
  const ca = await openLocalCa(tls, { label: 'Hikyaku interop' })
  const at = (name: string) => join(tls, name)
  const save = async (name: string, pair: { cert: string; key: string }) => {
    await writePair({ cert: `${at(name)}.crt`, key: `${at(name)}.key` }, pair)
    return at(name)
  }
  return {
    ca: ca.certificatePath,
    mail: await save(
      'mail',
      await ca.issueServer(['mail.home.test', 'mx.home.test', 'relay.internet.test', 'localhost', '127.0.0.1']),
    ),
    client: await save('client', await ca.issueClient('postfix')),
    wrong: await save('wrong', await ca.issueClient('stranger')),
  }
}
