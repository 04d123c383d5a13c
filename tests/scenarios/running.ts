/** An installation in a folder of its own and the program on it, as its owner runs them: processes, sockets, files. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

const main = new URL('../../src/main.ts', import.meta.url).pathname
const budgetMs = 30_000

export async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-scenario-'))
  await chmod(folder, 0o755)
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** Waits until it holds; throws with `what` when it does not. */
export async function until<Value>(
  what: string,
  holds: () => Value | Promise<Value>,
  timeoutMs = budgetMs,
): Promise<Exclude<Value, false | undefined>> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const value = await holds()
    if (value) return value as Exclude<Value, false | undefined>
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}`)
    await sleep(20)
  }
}

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string }

/** `hikyaku COMMAND…` as a process. */
export async function hikyaku(
  args: readonly string[],
  options: { input?: string; env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', ...options.env },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => void (err += chunk.toString()))
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.input ?? '')
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { code, out, err }
}

export type Running = {
  readonly file: string
  readonly child: ChildProcess
  log(): string
  /** Lines whose sentence is this one */
  said(sentence: string): readonly Record<string, unknown>[]
  /** Of the service, as the log of the start tells it: the first, or the one on this address */
  port(service: string, host?: string): number
  /** SIGHUP, and waits for what the log says about it */
  reread(yaml?: string): Promise<Record<string, unknown>>
  command(...args: string[]): Promise<Ran>
  stop(): Promise<number | null>
}

/** Writes `yaml` to `folder/NAME.yaml`, prepares it with `before`, starts it and waits until it is ready. */
export async function serve(
  t: TestContext,
  options: {
    folder: string
    name?: string
    yaml: string
    env?: NodeJS.ProcessEnv
    before?: (file: string) => Promise<void>
  },
): Promise<Running> {
  const file = join(options.folder, `${options.name ?? 'hikyaku'}.yaml`)
  await writeFile(file, options.yaml)
  await options.before?.(file)
  const child = spawn(process.execPath, [main, 'serve', '--config', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', ...options.env },
  })
  let log = ''
  const take = (chunk: Buffer) => void (log += chunk.toString())
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const lines = () =>
    log
      .split('\n')
      .flatMap(line =>
        line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line) as Record<string, unknown>] : [],
      )
  const said = (sentence: string) => lines().filter(line => line['msg'] === sentence)
  const running: Running = {
    file,
    child,
    log: () => log,
    said,
    port(service, host) {
      const listeners = (said('Ready')[0]?.['listeners'] ?? []) as readonly string[]
      const found = listeners.find(listener =>
        listener.startsWith(host === undefined ? `${service} ` : `${service} ${host}:`),
      )
      if (found === undefined) throw new Error(`${service} does not listen: ${listeners.join()}`)
      return Number(found.slice(found.lastIndexOf(':') + 1))
    },
    async reread(yaml) {
      if (yaml !== undefined) await writeFile(file, yaml)
      const answers = () =>
        lines().filter(line => /^The configuration (was read|has errors|could not)/.test(String(line['msg'])))
      const before = answers().length
      child.kill('SIGHUP')
      await until('SIGHUP is answered', () => answers().length > before)
      return answers().at(-1) ?? {}
    },
    command: (...args) => hikyaku([...args, '--config', file]),
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
  await until(`ready\n${log}`, () => said('Ready').length > 0 || child.exitCode !== null)
  if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}:\n${log}`)
  return running
}

/** A port that nobody listens on now, below those that the system gives out by itself. */
export async function freePort(): Promise<number> {
  for (;;) {
    // files that run side by side rarely choose from the same hundreds
    const port = 22_000 + (process.pid % 20) * 500 + Math.floor(Math.random() * 500)
    if (await canBeHad(port)) return port
  }
}

async function canBeHad(port: number): Promise<boolean> {
  const server = createServer()
  const listening = await new Promise<boolean>(resolve => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => resolve(true))
  })
  await new Promise(resolve => server.close(resolve))
  return listening
}
