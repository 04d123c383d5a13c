/** A Dovecot of its own in a temporary folder, in the foreground, with its log and mail. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answers, eventually, fill, temporaryFolder } from '../../support/peers.ts'

export type Dovecot = {
  readonly folder: string
  start(): Promise<void>
  stop(): Promise<void>
  log(): string
  /** A user's messages, as they stand in the maildir. */
  mail(user: string): readonly Buffer[]
}

/** Mail belongs to nobody. */
const mailUid = 65_534

/** `template`: the peer's dovecot.conf; `port` answers when it is ready. `files`: written beside it first. */
export async function startDovecot(
  scope: AsyncDisposableStack,
  template: URL,
  values: Readonly<Record<string, string | number>>,
  port: number,
  files: Readonly<Record<string, string>> = {},
): Promise<Dovecot> {
  const folder = temporaryFolder(scope, 'dovecot')
  mkdirSync(join(folder, 'mail'))
  chownSync(join(folder, 'mail'), mailUid, mailUid)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const config = join(folder, 'dovecot.conf')
  writeFileSync(config, fill(template, { ...values, folder }))
  let child: ChildProcess | undefined
  const stop = async () => {
    const ending = child
    child = undefined
    if (!ending || ending.exitCode !== null) return
    const closed = new Promise(resolve => ending.once('close', resolve))
    ending.kill('SIGTERM')
    const timer = setTimeout(() => ending.kill('SIGKILL'), 5_000)
    await closed
    clearTimeout(timer)
  }
  const start = async () => {
    const started = spawn('/usr/sbin/dovecot', ['-F', '-c', config], { stdio: ['ignore', 'ignore', 'inherit'] })
    child = started
    process.once('exit', () => started.kill('SIGTERM'))
    await eventually('Dovecot answers', () => {
      if (started.exitCode !== null) throw new Error(`Dovecot ended with ${started.exitCode}`)
      return answers(port)
    })
  }
  scope.defer(stop)
  await start()
  return {
    folder,
    start,
    stop,
    log: () => readFileSync(join(folder, 'log'), 'utf8'),
    mail: user => maildir(join(folder, 'mail', user)),
  }
}

function maildir(folder: string): Buffer[] {
  return ['new', 'cur'].flatMap(part => {
    try {
      return readdirSync(join(folder, part)).map(name => readFileSync(join(folder, part, name)))
    } catch {
      return []
    }
  })
}
