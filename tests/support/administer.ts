/** What `hikyaku domain add` and `hikyaku user add` do, without a process for each: over the admin socket, or on a stopped installation itself. */
import { loadConfig } from '#config/load.ts'
import { printProblem } from '#config/problem.ts'
import { connectAdmin } from '../../src/cli/admin-client.ts'

type Step = readonly [operation: string, input: object]

/** In this order; what is there already stays. Throws when one is refused. `file`: the installation's configuration */
export async function administer(file: string, steps: readonly Step[]): Promise<void> {
  const loaded = loadConfig(file, process.env)
  if ('problems' in loaded) throw new Error(loaded.problems.map(problem => printProblem(problem, 'en')).join('\n'))
  // as in main.ts: what is made is its owner's alone
  const before = process.umask(0o077)
  try {
    await using client = await connectAdmin(loaded.config)
    for (const [operation, input] of steps) {
      const answer = await client.call(operation, input)
      if ('refused' in answer && answer.refused !== 'exists')
        throw new Error(`${operation} ${JSON.stringify(input)}: ${answer.refused}: ${answer.text.en}`)
    }
  } finally {
    process.umask(before)
  }
}

/** A domain and one user in it. */
export function withUser(file: string, address: string, password: string): Promise<void> {
  const domain = address.slice(address.lastIndexOf('@') + 1)
  return administer(file, [
    ['domain.add', { domain }],
    ['user.add', { address, password }],
  ])
}
