/** A gateway and a home as two processes that know each other, as `hikyaku tls client` sets them up. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { folderOf, freePort, hikyaku, type Running, serve } from './running.ts'
import { withUser } from '../support/administer.ts'

export const password = 'four-couriers-by-night'
export const hanako = 'hanako@home.test'

export type Boxes = {
  readonly folder: string
  readonly linkPort: number
  readonly gateway: Running
  readonly home: Running
  /** Again, after `home.stop()` */
  startHome(): Promise<Running>
}

export function homeYaml(linkPort: number, gateways = ''): string {
  return `role: home
hostname: mail.home.test
data: ./data
listen:
  - { service: lmtp, address: 127.0.0.1, port: ${linkPort} }
  - { service: submission, address: 127.0.0.1, port: 0 }
  - { service: submissions, address: 127.0.0.1, port: 0 }
  - { service: imap, address: 127.0.0.1, port: 0 }
  - { service: imaps, address: 127.0.0.1, port: 0 }
  - { service: pop3, address: 127.0.0.1, port: 0 }
  - { service: admin, port: 0 }
tls: { localCa: true, names: [127.0.0.1] }
home:
  recipientsFile: ../link/recipients.json
${gateways}`
}

function gatewayYaml(linkPort: number, link: string): string {
  return `role: gateway
hostname: mx.home.test
dns: { servers: ['127.0.0.1:1'] }
data: ./data
listen:
  - { service: mx, address: 127.0.0.1, port: 0 }
  - { service: admin, port: 0 }
tls: { localCa: true }
gateway:
  name: tokyo
  recipientsFile: ../link/recipients.json
  home:
    url: lmtp://127.0.0.1:${linkPort}
    serverName: mail.home.test
    ca: ${link}/ca.crt
    clientCertificate: { cert: ${link}/client.crt, key: ${link}/client.key }
    linkKeyFile: ${link}/link.key
`
}

export async function twoBoxes(t: TestContext): Promise<Boxes> {
  const folder = await folderOf(t)
  for (const name of ['home', 'gateway', 'link']) await mkdir(join(folder, name), { mode: 0o700 })
  const linkPort = await freePort()
  const link = join(folder, 'home', 'gateway-tokyo')
  const prepare = async (file: string): Promise<string> => {
    await withUser(file, hanako, password)
    const made = await hikyaku(['tls', 'client', 'tokyo', '--json', '--config', file])
    return (JSON.parse(made.out) as { fingerprint: string }).fingerprint
  }
  let fingerprint = ''
  const file = join(folder, 'home')
  const first = await serve(t, {
    folder: file,
    name: 'first',
    yaml: homeYaml(linkPort),
    before: async path => void (fingerprint = await prepare(path)),
  })
  await first.stop()
  const gateways = `  gateways:\n    - { name: tokyo, clientCertificate: '${fingerprint}', linkKeyFile: ${link}/link.key }\n`
  const startHome = () => serve(t, { folder: file, yaml: homeYaml(linkPort, gateways) })
  const home = await startHome()
  const gateway = await serve(t, { folder: join(folder, 'gateway'), yaml: gatewayYaml(linkPort, link) })
  return { folder, linkPort, gateway, home, startHome }
}

/** A stranger hands a letter in; gives the replies to RCPT and to the letter. */
export async function letterFrom(
  wire: { say(line: string): Promise<string>; reply(): Promise<string> },
  letter: { from: string; to: string; messageId: string },
): Promise<{ readonly recipient: string; readonly data: string | undefined }> {
  await wire.reply()
  await wire.say('EHLO mx.internet.test')
  await wire.say(`MAIL FROM:<${letter.from}>`)
  const recipient = await wire.say(`RCPT TO:<${letter.to}>`)
  if (!recipient.startsWith('250')) return { recipient, data: undefined }
  await wire.say('DATA')
  const text = `From: ${letter.from}\r\nTo: ${letter.to}\r\nMessage-ID: <${letter.messageId}>\r\nSubject: hello\r\n\r\nhello\r\n.`
  return { recipient, data: await wire.say(text) }
}
