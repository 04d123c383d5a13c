// Hostile input for everything that reads what others wrote: servers in every state of a session, clients, parsers.
//   --seconds N (60)  --seed N  --only TARGET  --json
// A finding names its seed: with that one, its target and --seconds 0 the first input is the one that failed.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { smtpClients } from './clients.ts'
import { imapClient } from './imap-client.ts'
import { imapServer } from './imap-server.ts'
import { jmapServer } from './jmap-server.ts'
import { allParsers } from './parsers.ts'
import { manageSieveServer } from './managesieve-server.ts'
import { pop3Server } from './pop3-server.ts'
import { sieve } from './sieve.ts'
import { smtpServers } from './smtp-servers.ts'
import { type Finding, fuzzTarget, type Tally, type Target } from './target.ts'

const targets: readonly Target[] = [
  ...smtpServers,
  imapServer,
  pop3Server,
  manageSieveServer,
  jmapServer,
  ...smtpClients,
  imapClient,
  allParsers,
  sieve,
]

/** What a run may leave behind on the heap: code that was compiled meanwhile, caches with a bound. */
const maxGrowthBytes = 96 * 1024 * 1024

export type FuzzResult = Tally & { readonly seed: number; readonly growthBytes: number; readonly grew: boolean }

/** Each target for its share of `seconds`. */
export async function fuzz(options: { seconds: number; seed: number; only?: string }): Promise<FuzzResult> {
  const { seconds, seed, only } = options
  const chosen = targets.filter(({ name }) => only === undefined || name === only)
  if (chosen.length === 0) throw new Error(`There is ${targets.map(({ name }) => name).join(', ')}; no ${only}`)
  const tally: Tally = { inputs: 0, states: 0, findings: [], largestBufferBytes: 0, longestTurnMs: 0 }
  const before = heapBytes()
  const share = seconds / chosen.reduce((sum, { weight = 1 }) => sum + weight, 0)
  for (const target of chosen) await fuzzTarget(target, share * (target.weight ?? 1), seed, tally)
  const growthBytes = heapBytes() - before
  return { ...tally, seed, growthBytes, grew: growthBytes > maxGrowthBytes }
}

export function sentence(result: FuzzResult): string {
  const { inputs, states, findings, largestBufferBytes, longestTurnMs, grew, growthBytes } = result
  const count = (kind: Finding['kind']) => findings.filter(finding => finding.kind === kind).length
  const growth = grew ? `, the heap grew by ${growthBytes} bytes` : ''
  const held = `${count('held')} times the loop held for long (at most ${Math.round(longestTurnMs)} ms)`
  return `fuzz: ${inputs} inputs over ${states} states, ${count('crash')} crashes, ${count('hang')} hangs, ${held}, largest buffer ${largestBufferBytes} bytes${growth}`
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

if (import.meta.main) await main()

async function main(): Promise<void> {
  const only = argument('--only')
  const seed = Number(argument('--seed') ?? Date.now() % 1_000_000_000)
  const seconds = Number(argument('--seconds') ?? 60)
  const result = await fuzz({ seconds, seed, ...(only !== undefined && { only }) })
  if (process.argv.includes('--json')) console.log(JSON.stringify(result))
  else {
    for (const { kind, target, state, what } of result.findings) console.log(`${kind}: ${target}, ${state}: ${what}`)
    console.log(sentence(result))
  }
  // a session that hangs would keep the process alive
  process.exit(result.findings.length > 0 || result.grew ? 1 : 0)
}

function argument(name: string): string | undefined {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}
