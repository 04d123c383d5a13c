/** Running the programs of others: temporary folders, free ports, commands with a deadline, processes that end with the test. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Removed at the end, unless INTEROP_KEEP=1. Other users (postfix, vmail) may pass through it. */
export function temporaryFolder(scope: AsyncDisposableStack, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `hikyaku-interop-${name}-`))
  chmodSync(folder, 0o755)
  if (process.env['INTEROP_KEEP'] === '1') process.stderr.write(`kept: ${folder}\n`)
  else scope.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
  return folder
}

/** Below the range from which the kernel takes ports for outgoing connections, so that none is lost before it is bound. */
const lowestPort = 20_000
const highestPort = 32_000
const given = new Set<number>()

export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowestPort + Math.floor(Math.random() * (highestPort - lowestPort))
    if (given.has(port) || !(await canBind(port))) continue
    given.add(port)
    return port
  }
}

export async function freePorts<const Name extends string>(...names: readonly Name[]): Promise<Record<Name, number>> {
  const ports: [string, number][] = []
  for (const name of names) ports.push([name, await freePort()])
  return Object.fromEntries(ports) as Record<Name, number>
}

export function canBind(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

export type Ran = { readonly code: number; readonly stdout: Buffer; readonly output: string }

/** Runs a command to its end. `output` is standard output and standard error as they came. Killed after `timeoutMs`. */
export function run(
  command: string,
  args: readonly string[],
  options: {
    input?: string | Uint8Array
    timeoutMs?: number
    env?: Readonly<Record<string, string>>
    cwd?: string
  } = {},
): Promise<Ran> {
  const child = spawn(command, args, { env: { ...process.env, ...options.env }, cwd: options.cwd })
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 30_000)
  const out: Buffer[] = []
  const all: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => {
    out.push(chunk)
    all.push(chunk)
  })
  child.stderr.on('data', (chunk: Buffer) => all.push(chunk))
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.input)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => {
      clearTimeout(timer)
      resolve({ code: code ?? -1, stdout: Buffer.concat(out), output: Buffer.concat(all).toString('utf8') })
    })
  })
}

/** The same; throws with the output when it fails. */
export async function mustRun(...args: Parameters<typeof run>): Promise<Ran> {
  const ran = await run(...args)
  if (ran.code !== 0) throw new Error(`${args[0]} ${args[1].join(' ')} ended with ${ran.code}:\n${ran.output}`)
  return ran
}

/** Waits until the condition gives a value. Throws after `timeoutMs`, with what it was about. */
export async function eventually<Value>(
  what: string,
  condition: () => Value | undefined | false | Promise<Value | undefined | false>,
  timeoutMs = 20_000,
): Promise<Value> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await condition()
    if (value !== undefined && value !== false) return value
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`)
    await sleep(50)
  }
}

export async function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1' })
    const done = (well: boolean) => {
      socket.destroy()
      resolve(well)
    }
    socket.once('connect', () => done(true))
    socket.once('error', () => done(false))
  })
}

/**
 * A daemon that wrote its pid into a file: ended by SIGTERM, and by SIGKILL when it does not go. Also when this process is ended
 * before its time, as far as that can be.
 */
export function watchDaemon(pidFile: string): { stop(): Promise<void> } {
  const onExit = () => signalPid(readPid(pidFile), 'SIGTERM')
  process.on('exit', onExit)
  return {
    async stop() {
      process.off('exit', onExit)
      const pid = readPid(pidFile)
      signalPid(pid, 'SIGTERM')
      await eventually('the daemon ends', () => !signalPid(pid, 0), 5_000).catch(() => signalPid(pid, 'SIGKILL'))
    },
  }
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8').trim())
    return pid > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

/** True while the process is there. */
export function signalPid(pid: number | undefined, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false
  try {
    process.kill(pid, signal)
    return true
  } catch {
    return false
  }
}

/** A template's text with `@name@` filled in; a name without a value is an error. */
export function fill(file: string | URL, values: Readonly<Record<string, string | number>>): string {
  return readFileSync(file, 'utf8').replaceAll(/@([a-z][A-Za-z]*)@/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`${String(file)} wants a value for @${name}@`)
    return String(value)
  })
}
