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
  /** A letter as these octets into the mailbox of this role, unread */
  put(person: Person, role: string, letter: string): Promise<void>
}

export type Answered = readonly [name: string, result: Record<string, unknown>, id: string]
export type Person = 'hanako' | 'taro'

export function passwordOf(person: Person): string {
  return demoAccounts.find(({ address }) => address.startsWith(`${person}@`))?.password ?? ''
}

/** Ends with the scope. `listen`: further lines of that list */
export async function startWebmailHome(
  scope: AsyncDisposableStack,
  { listen = [] }: { readonly listen?: readonly string[] } = {},
): Promise<WebmailHome> {
  await buildWeb()
  const folder = temporaryFolder(scope, 'webmail')
  await seedHome(join(folder, 'data'), join(folder, 'recipients.json'))
  const yaml = (port: number) => `role: home
hostname: mail.home.test
data: ${join(folder, 'data')}
listen:
  - { service: http, address: 127.0.0.1, port: ${port}, loginWithoutTls: true }
  - { service: admin, port: 0 }
${listen.map(line => `  - ${line}\n`).join('')}tls: { localCa: true }
`
  const port = await freePort()
  const box = await startBox(scope, { folder, name: 'home', yaml: yaml(port) })
  const origin = `http://localhost:${port}`
  return {
    origin,
    folder,
    stop: box.stop,
    start: box.start,
    jmap: (person, ...calls) => ask(origin, person, calls),
    put: (person, role, letter) => put(origin, person, { role, letter }),
  }
}

async function put(
  origin: string,
  person: Person,
  { role, letter }: { readonly role: string; readonly letter: string },
): Promise<void> {
  const [found] = await ask(origin, person, [['Mailbox/get', {}]])
  const mailboxes = found?.[1] as { readonly accountId: string; readonly list: readonly { id: string; role: string }[] }
  const mailbox = mailboxes.list.find(one => one.role === role)?.id ?? ''
  const headers = { authorization: authorizationOf(person), 'content-type': 'message/rfc822' }
  const body = letter.replaceAll(/\r?\n/g, '\r\n')
  const sent = await fetch(`${origin}/jmap/upload/${mailboxes.accountId}/`, { method: 'POST', headers, body })
  const { blobId } = (await sent.json()) as { readonly blobId: string }
  const emails = { letter: { blobId, mailboxIds: { [mailbox]: true } } }
  const [made] = await ask(origin, person, [['Email/import', { emails }]])
  if (!JSON.stringify(made).includes('"created":{"letter"')) throw new Error(JSON.stringify(made))
}

function authorizationOf(person: Person): string {
  return `Basic ${Buffer.from(`${person}@home.test:${passwordOf(person)}`).toString('base64')}`
}

async function ask(
  origin: string,
  person: Person,
  calls: readonly (readonly [name: string, given: object])[],
): Promise<readonly Answered[]> {
  const headers = { authorization: authorizationOf(person), 'content-type': 'application/json' }
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
