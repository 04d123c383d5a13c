/** A daemon of others in the foreground, of which a test is the master: ended, killed, stopped and let go on by its pid. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../support/peers.ts'

export type Daemon = { start(): Promise<void>; kill(): Promise<void>; stopTime(): void; letGoOn(): void }

/** Started, and ended with the scope. `isUp`: it takes questions. */
export async function startDaemon(
  scope: AsyncDisposableStack,
  command: readonly string[],
  folder: string,
  isUp: () => Promise<boolean>,
): Promise<Daemon> {
  let child: ChildProcess | undefined
  const kill = async () => {
    const ending = child
    child = undefined
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    const closed = new Promise(resolve => ending.once('close', resolve))
    // its workers are of its process group
    process.kill(-(ending.pid ?? 0), 'SIGKILL')
    await closed
  }
  const start = async () => {
    const out = openSync(join(folder, 'daemon.log'), 'a')
    const [program = '', ...args] = command
    child = spawn(program, args, { stdio: ['ignore', out, out], cwd: folder, detached: true })
    closeSync(out)
    await eventually(`${program} is up`, isUp, 60_000)
  }
  scope.defer(kill)
  await start()
  const signal = (name: NodeJS.Signals) => void (child?.pid !== undefined && process.kill(-child.pid, name))
  return { start, kill, stopTime: () => signal('SIGSTOP'), letGoOn: () => signal('SIGCONT') }
}
