/** Keeps one of the demo's processes alive: starts it again when it ends without being asked to, as systemd would. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export type Supervised = {
  readonly name: string
  readonly pid: number | undefined
  readonly restarts: number
  /** Ends the process and leaves it ended until `start`. */
  stop(): Promise<void>
  start(): void
  [Symbol.asyncDispose](): Promise<void>
}

export type SuperviseOptions = {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Where the process's log lines go */
  readonly logFile: string
  /** The current pid is kept here, for those who want to break something */
  readonly pidFile: string
  readonly restartAfterMs?: number
}

/** SIGTERM drains; a process that still lives after this is ended the hard way. */
const stopGraceMs = 3_500

export function supervise(options: SuperviseOptions): Supervised {
  let child: ChildProcess | undefined
  let wanted = true
  let restarts = 0

  function start(): void {
    wanted = true
    if (child) return
    const log = openSync(options.logFile, 'a', 0o600)
    const started = spawn(options.command, options.args, { stdio: ['ignore', log, log], env: options.env })
    closeSync(log)
    child = started
    if (started.pid !== undefined) writeFileSync(options.pidFile, `${started.pid}\n`)
    started.on('error', () => undefined)
    started.on('close', () => {
      if (child === started) child = undefined
      if (wanted) void restart()
    })
  }

  async function restart(): Promise<void> {
    restarts++
    await sleep(options.restartAfterMs ?? 300)
    if (wanted && !child) start()
  }

  async function stop(): Promise<void> {
    wanted = false
    const ending = child
    if (!ending) return
    const closed = new Promise(resolve => ending.once('close', resolve))
    ending.kill('SIGTERM')
    const timer = setTimeout(() => ending.kill('SIGKILL'), stopGraceMs)
    await closed
    clearTimeout(timer)
  }

  start()
  return {
    name: options.name,
    get pid() {
      return child?.pid
    },
    get restarts() {
      return restarts
    },
    stop,
    start,
    [Symbol.asyncDispose]: stop,
  }
}
