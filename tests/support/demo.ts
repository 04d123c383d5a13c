/** Starts the demo as a user does (`npm start -s -- --headless --json`), and gives the tests its addresses and its cables. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export type DemoReady = {
  readonly ready: true
  readonly webmail: string
  readonly accounts: readonly { readonly address: string; readonly password: string }[]
  readonly ports: Readonly<Record<string, number>>
  readonly ca: string
}

export type RunningDemo = {
  readonly ready: DemoReady
  readonly folder: string
  readonly child: ChildProcess
  pid(box: 'gateway' | 'home'): number
  /** A command for the demo's control socket, e.g. `{ link: 'cut' }` */
  control(command: object): Promise<Record<string, unknown>>
  stop(): Promise<number | null>
}

const main = new URL('../../src/main.ts', import.meta.url).pathname

/**
 * The path as a newcomer has it: npm runs on the system's Node. Inside an npm script it would find the project's own first, which
 * writes a compile cache beside our folders.
 */
export function newcomersPath(): string {
  return (process.env['PATH'] ?? '')
    .split(':')
    .filter(folder => !folder.endsWith('node_modules/.bin') && !folder.includes('node-gyp-bin'))
    .join(':')
}

export async function startDemo(options: {
  folder: string
  portOffset: number
  env?: Readonly<Record<string, string>>
  args?: readonly string[]
  /** By this very Node, with what is built already: nothing is installed before */
  plain?: boolean
  /** Gives up waiting for it */
  signal?: AbortSignal
}): Promise<RunningDemo> {
  const args = ['--headless', '--json', '--data', options.folder, '--port-offset', String(options.portOffset)]
  const [program, first] = options.plain ? [process.execPath, [main, 'demo']] : ['npm', ['start', '-s', '--']]
  const child = spawn(program, [...first, ...args, ...(options.args ?? [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PATH: newcomersPath(), ...options.env },
  })
  // a test that ends early takes its demo with it
  process.once('exit', () => child.kill('SIGTERM'))
  const stop = () => stopChild(child)
  const ready = await firstLine(child, options.signal).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return {
    ready,
    folder: options.folder,
    child,
    pid: box => Number(readFileSync(join(options.folder, `${box}.pid`), 'utf8')),
    control: command => control(join(options.folder, 'demo.sock'), command),
    stop,
  }
}

async function stopChild(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const closed = new Promise<number | null>(resolve => child.once('close', resolve))
  child.kill('SIGTERM')
  return closed
}

async function firstLine(child: ChildProcess, signal: AbortSignal | undefined): Promise<DemoReady> {
  if (!child.stdout) throw new Error('The demo has no stdout')
  const lines = createInterface({ input: child.stdout })
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The demo was not ready within 60 s')), 60_000)
    signal?.addEventListener('abort', () => reject(new Error('Ended before the demo was ready')), { once: true })
    child.once('exit', code => reject(new Error(`The demo ended with ${code} before it was ready`)))
    lines.once('line', line => {
      clearTimeout(timer)
      resolve(JSON.parse(line) as DemoReady)
    })
  })
}

function control(path: string, command: object): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    let answer = ''
    socket.setTimeout(10_000, () => socket.destroy(new Error('The demo does not answer')))
    socket.on('connect', () => socket.end(`${JSON.stringify(command)}\n`))
    socket.on('data', chunk => (answer += chunk.toString()))
    socket.on('error', reject)
    socket.on('end', () => resolve(JSON.parse(answer) as Record<string, unknown>))
  })
}
