/** The home under test: the product as a process of its own, with one account, that can be killed and started again. */
import { administer } from '../support/administer.ts'
import { type Box, startBox } from '../support/box.ts'

export const password = 'four-couriers-by-night'

export type Home = {
  /** Of the last start */
  port(service: 'imap' | 'lmtp'): number
  /** The address of a new account; its password is `password` */
  newUser(): Promise<string>
  /** SIGKILL, and a new start */
  restart(): Promise<void>
  kill(): Promise<void>
  log(): string
}

export async function startHome(scope: AsyncDisposableStack, folder: string, lmtpPort: number): Promise<Home> {
  const yaml = `role: home
hostname: mail.home.test
data: ./data
listen:
  - { service: lmtp, address: 127.0.0.1, port: ${lmtpPort}, tls: off, unauthenticated: true }
  - { service: imap, address: 127.0.0.1, port: 0, loginWithoutTls: true }
tls: { localCa: true, names: [127.0.0.1] }
home:
  accounts: { diskReserve: 1MB }
  # what is moved to Junk would teach it to put later letters there
  content: { filter: false }
`
  const box = await startBox(scope, { folder, name: 'home', yaml })
  await administer(box.configFile, [['domain.add', { domain: 'home.test' }]])
  let users = 0
  return {
    async newUser() {
      const user = `hanako${++users}@home.test`
      await administer(box.configFile, [['user.add', { address: user, password }]])
      return user
    },
    port: service => portOf(box, service),
    kill: () => box.kill(),
    restart: () => box.start(),
    log: () => box.log(),
  }
}

function portOf(box: Box, service: string): number {
  const ready = box
    .log()
    .split('\n')
    .findLast(line => line.includes('"msg":"Ready"'))
  const { listeners } = JSON.parse(ready ?? '{}') as { listeners: readonly string[] }
  const listener = listeners.find(one => one.startsWith(`${service} `)) ?? ''
  return Number(listener.slice(listener.lastIndexOf(':') + 1))
}
