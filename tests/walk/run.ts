// `npm run walk`: clients do random commands on one account of a real home, and a model of the RFCs judges every response.
//
//   --seconds N (120)  --seed N  --clients N (5)  --kills N (one for every 20 s)  --lines N (30, of each dialogue in a report)
//   --plant FAULT      puts a fault into the dialogue (a part of its name in faults.ts); the walk must find it: exit 0 when it does
//
// The same seed does the same as far as the server answers in the same order: what overlaps may come otherwise.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { freePort } from '../scenarios/running.ts'
import type { Extension } from './commands-session.ts'
import { Complaint } from './complaint.ts'
import { type Fault, faults } from './faults.ts'
import { startHome } from './home.ts'
import { honestProxy, plant, type Proxy } from './proxy.ts'
import { Walk, type WalkResult } from './walk.ts'

type Options = {
  seconds: number
  seed: number
  clients: number
  kills: number
  lines?: number
  proxy?: Proxy
  needs?: Extension
}

export async function walk(options: Options): Promise<WalkResult> {
  await using scope = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-walk-'))
  scope.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const home = await startHome(scope, folder, await freePort())
  return await new Walk({ proxy: honestProxy, ...options, home, user: await home.newUser() }).run()
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
      plant: { type: 'string' },
    },
  })
  const seconds = Number(values.seconds)
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  const kills = Number(values.kills ?? Math.max(1, Math.floor(seconds / 20)))
  const fault = values.plant === undefined ? undefined : faultNamed(values.plant)
  const options = { seconds, seed, clients: Number(values.clients), kills, lines: Number(values.lines) }
  process.stderr.write(`walk: seed ${seed}, ${values.clients} clients, ${seconds} s, ${kills} kills\n`)
  try {
    const result = await walk({
      ...options,
      ...(fault && { proxy: plant(fault) }),
      ...(fault?.needs && { needs: fault.needs }),
    })
    process.stdout.write(`${sentence(result)}\n`)
    if (fault) process.stdout.write(`walk: planted was: ${fault.name}; NOT found\n`)
    process.exitCode = fault ? 1 : 0
  } catch (error) {
    process.exitCode = report(error, fault)
  }
}

function faultNamed(part: string): Fault {
  const found = faults.find(({ name }) => name.includes(part))
  if (!found) throw new Error(`There is: ${faults.map(({ name }) => name).join('; ')}`)
  return found
}

/** Gives the exit code. */
function report(error: unknown, fault: Fault | undefined): number {
  const cause = error instanceof Error ? error.cause : undefined
  process.stdout.write(`walk: ${error instanceof Error ? error.message : String(error)}\n`)
  if (!(cause instanceof Complaint)) {
    process.stdout.write(`${(cause instanceof Error ? cause.stack : undefined) ?? ''}\n`)
    return 2
  }
  if (!fault) return 1
  const isFound = fault.kinds.includes(cause.kind)
  process.stdout.write(`walk: planted was: ${fault.name}; ${isFound ? 'found' : 'found by another word'}\n`)
  return isFound ? 0 : 1
}
