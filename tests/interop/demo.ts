/** One demo for the readers and writers of a test file: the whole system as `npm start` runs it, on free ports. */
import { join } from 'node:path'
import { type RunningDemo, startDemo } from '../support/demo.ts'
import { canBind, mustRun, temporaryFolder } from '../support/peers.ts'
import type { MailboxAt } from './mailbox.ts'

export type InteropDemo = {
  readonly demo: RunningDemo
  readonly folder: string
  readonly ca: string
  port(service: string): number
  /** A fresh user of home.test with an empty mailbox */
  addUser(name: string): Promise<MailboxAt>
  /** The command line, on this home. Throws unless it went well. */
  command(args: readonly string[], input?: string): Promise<unknown>
  /** Their mailbox, by the name before the @ */
  mailbox(name: string): MailboxAt
}

const main = new URL('../../src/main.ts', import.meta.url).pathname

/** Standard ports that the demo takes, and those of its pretend internet. */
const standardPorts = [25, 2525, 2526, 587, 465, 143, 993, 110, 995, 4190, 80, 10_025, 10_053, 10_587]

export async function startInteropDemo(scope: AsyncDisposableStack): Promise<InteropDemo> {
  const folder = temporaryFolder(scope, 'demo')
  const demo = await startDemo({ folder: join(folder, 'data'), portOffset: await freeOffset() })
  scope.defer(async () => void (await demo.stop()))
  const { accounts, ports, ca } = demo.ready
  const port = (service: string) => {
    const found = ports[service]
    if (found === undefined) throw new Error(`The demo has no ${service}`)
    return found
  }
  const command = (args: readonly string[], input = '') =>
    mustRun(process.execPath, [main, ...args, '--config', join(folder, 'data', 'home', 'config.yaml')], { input })
  return {
    demo,
    folder,
    ca,
    port,
    command,
    async addUser(name) {
      const user = `${name}@home.test`
      const password = `${name}-no-kagi-9`
      await command(['user', 'add', user, '--password-stdin'], `${password}\n`)
      return { port: port('imaps'), ca, user, password }
    },
    mailbox(name) {
      const account = accounts.find(({ address }) => address.startsWith(`${name}@`))
      if (!account) throw new Error(`The demo has no ${name}`)
      return { port: port('imaps'), ca, user: account.address, password: account.password }
    },
  }
}

async function freeOffset(): Promise<number> {
  for (;;) {
    const offset = 14_000 + Math.floor(Math.random() * 5_500)
    const free = await Promise.all(standardPorts.map(port => canBind(port + offset)))
    if (free.every(Boolean)) return offset
  }
}
