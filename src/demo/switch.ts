/**
 * `GET /as/taro` opens the webmail signed in as Taro: a fresh ticket each time. Loopback only, and the demo's own: whoever runs it has
 * both passwords on the screen.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { demoAccounts } from './seed.ts'

/** How browsers call this machine for each person: each name has cookies of its own, so both can be signed in side by side. */
const hosts = ['localhost', '127.0.0.1']

export function hostOf(address: string): string {
  return hosts[demoAccounts.findIndex(account => account.address === address)] ?? 'localhost'
}

/** Where the links lead: `taro` of taro@home.test */
export function switchPath(address: string): string {
  return `/as/${address.slice(0, address.indexOf('@'))}`
}

export type SwitchOptions = {
  readonly port: number
  /** The webmail's address for this person, with a ticket in it */
  readonly linkFor: (address: string) => Promise<string>
}

export async function serveSwitch({ port, linkFor }: SwitchOptions): Promise<AsyncDisposable> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (asked, response) => {
    void answer(asked, response).catch(() => response.destroy())
  })
  server.maxConnections = 16
  async function answer(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const account = demoAccounts.find(({ address }) => asked.url === switchPath(address))
    // another name that leads here is another site's trick (DNS rebinding)
    const isOurs = asked.headers.host === `127.0.0.1:${port}`
    if (!account || !isOurs || asked.method !== 'GET') {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
      return void response.end('Not found\n')
    }
    const location = await linkFor(account.address)
    response.writeHead(303, { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    response.end()
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}
