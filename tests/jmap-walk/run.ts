// `node tests/jmap-walk/run.ts [--seconds 120] [--seed N] [--clients 4] [--plant 'part of a name in faults.ts']`: IMAP and JMAP do random commands on one account, and always
// tell the same story. With a planted fault it exits with 0 when the fault is found.
import { parseArgs } from 'node:util'
import { withBoth } from './both.ts'
import { Complaint } from './complaint.ts'
import { faults } from './faults.ts'
import { Walk } from './walk.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string' },
    clients: { type: 'string', default: '4' },
    plant: { type: 'string' },
  },
})
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const { plant } = values
const fault = plant === undefined ? undefined : faults.find(({ name }) => name.includes(plant))
if (plant !== undefined && !fault) throw new Error(`There is: ${faults.map(({ name }) => name).join('; ')}`)
process.stderr.write(`jmap-walk: seed ${seed}, ${values.clients} clients of each protocol, ${values.seconds} s\n`)
await withBoth(async both => {
  const options = { seed, seconds: Number(values.seconds), clients: Number(values.clients) }
  try {
    const { commands, refused, rounds } = await new Walk(both, { ...options, ...fault }).run()
    process.stdout.write(`jmap-walk: ${rounds} rounds, ${commands} commands, ${refused} refused, 0 complaints\n`)
    process.exitCode = fault ? 1 : 0
  } catch (error) {
    process.stdout.write(`jmap-walk: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = fault && error instanceof Complaint && fault.kinds.includes(error.kind) ? 0 : 1
  }
})
