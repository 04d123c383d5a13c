/** A home with the demo's people and letters, as its owner runs it, for browsers to look at. */
import { join } from 'node:path'
import { demoAccounts, seedHome } from '../../src/demo/seed.ts'
import { buildWeb } from '../../scripts/build-web.ts'
import { freePort } from '../scenarios/running.ts'
import { startBox } from '../support/box.ts'
import { temporaryFolder } from '../support/peers.ts'

export type WebmailHome = {
  /** `http://localhost:12345`: for browsers that is as good as TLS */
  readonly origin: string
  readonly folder: string
  /** The server goes away, and comes back at the same port */
  stop(): Promise<void>
  start(): Promise<void>
  /** Calls of JMAP as this person; the first response's arguments */
  jmap(person: Person, ...calls: readonly (readonly [name: string, given: object])[]): Promise<readonly Answered[]>
}

export type Answered = readonly [name: string, result: Record<string, unknown>, id: string]
export type Person = 'hanako' | 'taro'

export function passwordOf(person: Person): string {
  return demoAccounts.find(({ address }) => address.startsWith(`${person}@`))?.password ?? ''
}

/** Ends with the scope. */
export async function startWebmailHome(scope: AsyncDisposableStack): Promise<WebmailHome> {
  await buildWeb()
  const folder = temporaryFolder(scope, 'webmail')
  await seedHome(join(folder, 'data'), join(folder, 'recipients.json'))
  const yaml = (port: number) => `role: home
hostname: mail.home.test
data: ${join(folder, 'data')}
listen:
  - { service: http, address: 127.0.0.1, port: ${port}, loginWithoutTls: true }
  - { service: admin, port: 0 }
tls: { localCa: true }
`
  const port = await freePort()
  const box = await startBox(scope, { folder, name: 'home', yaml: yaml(port) })
  const origin = `http://localhost:${port}`
  return { origin, folder, stop: box.stop, start: box.start, jmap: (person, ...calls) => ask(origin, person, calls) }
}

async function ask(
  origin: string,
  person: Person,
  calls: readonly (readonly [name: string, given: object])[],
): Promise<readonly Answered[]> {
  const login = Buffer.from(`${person}@home.test:${passwordOf(person)}`).toString('base64')
  const headers = { authorization: `Basic ${login}`, 'content-type': 'application/json' }
  const session = (await (await fetch(`${origin}/jmap/session`, { headers })).json()) as {
    readonly capabilities: object
    readonly primaryAccounts: Readonly<Record<string, string>>
  }
  const accountId = session.primaryAccounts['urn:ietf:params:jmap:mail']
  const methodCalls = calls.map(([name, given], at) => [name, { accountId, ...given }, `c${at}`])
  const body = JSON.stringify({ using: Object.keys(session.capabilities), methodCalls })
  const response = await fetch(`${origin}/jmap/api`, { method: 'POST', headers, body })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  return ((await response.json()) as { readonly methodResponses: readonly Answered[] }).methodResponses
}
