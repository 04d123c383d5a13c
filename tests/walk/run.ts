// `npm run walk`: clients do random commands on one account of a real home, and a model of the RFCs judges every response.
//
//   --seconds N (120)  --seed N  --clients N (5)  --kills N (one for every 20 s)  --lines N (30, of each dialogue)  --plant FAULT
//
// With --plant a fault is put into the dialogue (see faults.ts), and the walk must find it: exit 0 when it does.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { freePort } from '../scenarios/running.ts'
import { startHome } from './home.ts'
import { honestProxy } from './proxy.ts'
import { Walk, type WalkResult } from './walk.ts'

export async function walk(options: {
  seconds: number
  seed: number
  clients: number
  kills: number
  lines?: number
}): Promise<WalkResult> {
  await using scope = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-walk-'))
  scope.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const home = await startHome(scope, folder, await freePort())
  return await new Walk({ ...options, home, proxy: honestProxy }).run()
}

export function sentence({ rounds, commands, deliveries, kills }: WalkResult): string {
  return `walk: ${rounds} rounds, ${commands} commands, ${deliveries} deliveries, ${kills} kills, 0 complaints`
}

if (import.meta.main) await main()

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '120' },
      seed: { type: 'string' },
      clients: { type: 'string', default: '5' },
      kills: { type: 'string' },
      lines: { type: 'string', default: '30' },
    },
  })
  const seconds = Number(values.seconds)
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  const kills = Number(values.kills ?? Math.max(1, Math.floor(seconds / 20)))
  process.stderr.write(`walk: seed ${seed}, ${values.clients} clients, ${seconds} s, ${kills} kills\n`)
  try {
    const result = await walk({ seconds, seed, clients: Number(values.clients), kills, lines: Number(values.lines) })
    process.stdout.write(`${sentence(result)}\n`)
  } catch (error) {
    process.stdout.write(`walk: ${error instanceof Error ? error.message : String(error)}\n`)
    if (error instanceof Error && !(error.cause instanceof Error && error.cause.name === 'Complaint'))
      process.stdout.write(`${error.cause instanceof Error ? error.cause.stack : error.stack}\n`)
    process.exitCode = 1
  }
}
