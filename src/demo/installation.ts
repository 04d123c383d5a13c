/**
 * The demo's two installations on disk, as an owner would have them: a folder each for gateway and home with configuration,
 * certificates and secrets. Everything lies below one folder.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type LocalCa, openLocalCa, writePair } from '#net/tls/local-ca.ts'
import { X509Certificate } from 'node:crypto'
import type { DemoPorts } from './ports.ts'
import { demoAccounts } from './seed.ts'
import { switchPath } from './switch.ts'
import { demoTexts } from './texts.ts'

export type DemoInstallation = {
  readonly folder: string
  readonly gatewayConfig: string
  readonly homeConfig: string
  readonly caPath: string
  readonly relayKey: string
  /** The relay's own certificate */
  readonly relayPair: { readonly cert: string; readonly key: string }
}

const localNames = ['localhost', '127.0.0.1', '::1']

export async function layOut(folder: string, ports: DemoPorts, ipv6: boolean): Promise<DemoInstallation> {
  for (const name of ['gateway', 'home', 'link', 'internet'])
    await mkdir(join(folder, name), { recursive: true, mode: 0o700 })
  const ca = await openLocalCa(join(folder, 'ca'), { label: 'Hikyaku demo' })
  await issuePair(ca, join(folder, 'gateway', 'mx'), ['mx.home.test', ...localNames])
  await issuePair(ca, join(folder, 'home', 'mail'), ['mail.home.test', 'home.test', ...localNames])
  await issueClientPair(ca, join(folder, 'gateway', 'client'), 'demo')
  const relayKey = `SG.demo-${randomBytes(12).toString('hex')}`
  await secret(join(folder, 'link', 'link.key'), randomBytes(32).toString('hex'))
  await secret(join(folder, 'home', 'sendgrid.key'), relayKey)
  const gatewayConfig = join(folder, 'gateway', 'config.yaml')
  const homeConfig = join(folder, 'home', 'config.yaml')
  const hosts = ipv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1']
  await writeFile(gatewayConfig, gatewayYaml(folder, ports, hosts), { mode: 0o600 })
  const client = new X509Certificate(await readFile(join(folder, 'gateway', 'client.crt')))
  await writeFile(homeConfig, homeYaml(folder, ports, hosts, client.fingerprint256), { mode: 0o600 })
  return {
    folder,
    gatewayConfig,
    homeConfig,
    caPath: ca.certificatePath,
    relayKey: (await readFile(join(folder, 'home', 'sendgrid.key'), 'utf8')).trim(),
    relayPair: await ca.issueServer(['sendgrid.internet.test', 'mx.internet.test', ...localNames]),
  }
}

async function issuePair(ca: LocalCa, stem: string, names: readonly string[]): Promise<void> {
  if (!(await exists(`${stem}.crt`)))
    await writePair({ cert: `${stem}.crt`, key: `${stem}.key` }, await ca.issueServer(names))
}

async function issueClientPair(ca: LocalCa, stem: string, name: string): Promise<void> {
  if (!(await exists(`${stem}.crt`)))
    await writePair({ cert: `${stem}.crt`, key: `${stem}.key` }, await ca.issueClient(name))
}

/** Made once: a kept demo folder keeps its secrets. */
async function secret(path: string, value: string): Promise<void> {
  if (!(await exists(path))) await writeFile(path, `${value}\n`, { mode: 0o600 })
}

async function exists(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false,
  )
}

function listeners(hosts: readonly string[], services: readonly (readonly [service: string, port: number])[]): string {
  return services
    .flatMap(([service, port]) => hosts.map(host => `  - { service: ${service}, address: '${host}', port: ${port} }`))
    .join('\n')
}

function gatewayYaml(folder: string, ports: DemoPorts, hosts: readonly string[]): string {
  return `# The demo's gateway: what stands on the cloud machine.
role: gateway
hostname: mx.home.test
data: ${join(folder, 'gateway', 'data')}
listen:
${listeners(hosts, [['mx', ports.mx]])}
tls:
  certificates:
    - { cert: ${join(folder, 'gateway', 'mx.crt')}, key: ${join(folder, 'gateway', 'mx.key')} }
dns:
  servers: ['127.0.0.1:${ports.internet.dns}']
gateway:
  name: demo
  recipientsFile: ${join(folder, 'link', 'recipients.json')}
  home:
    url: lmtp://127.0.0.1:${ports.link}
    serverName: mail.home.test
    ca: ${join(folder, 'ca', 'ca.crt')}
    clientCertificate: { cert: ${join(folder, 'gateway', 'client.crt')}, key: ${join(folder, 'gateway', 'client.key')} }
    linkKeyFile: ${join(folder, 'link', 'link.key')}
`
}

function switchLinks(ports: DemoPorts): string {
  return demoAccounts
    .map(({ address }) => {
      const words = { en: demoTexts.openAs.en(address), ja: demoTexts.openAs.ja(address) }
      const label = JSON.stringify(words)
      return `      - { label: ${label}, url: 'http://127.0.0.1:${ports.switch}${switchPath(address)}' }`
    })
    .join('\n')
}

function firstSteps(): string {
  const { search, arrives, answers } = demoTexts.firstSteps
  return [
    { search, note: demoTexts.firstSteps.finds },
    { writeTo: 'taro@home.test', note: arrives },
    { writeTo: 'hanako@home.test', note: arrives },
    { writeTo: 'aki@internet.test', note: answers },
  ]
    .map(step => `      - ${JSON.stringify(step)}`)
    .join('\n')
}

function homeYaml(folder: string, ports: DemoPorts, hosts: readonly string[], client: string): string {
  const services = [
    ['submission', ports.submission],
    ['submissions', ports.submissions],
    ['imap', ports.imap],
    ['imaps', ports.imaps],
    ['pop3', ports.pop3],
    ['pop3s', ports.pop3s],
    ['managesieve', ports.managesieve],
    ['http', ports.http],
    ['https', ports.https],
  ] as const
  return `# The demo's home: what stands in the house.
role: home
hostname: mail.home.test
data: ${join(folder, 'home', 'data')}
listen:
  - { service: lmtp, address: '127.0.0.1', port: ${ports.lmtp} }
${listeners(hosts, services)}
tls:
  certificates:
    - { cert: ${join(folder, 'home', 'mail.crt')}, key: ${join(folder, 'home', 'mail.key')} }
dns:
  servers: ['127.0.0.1:${ports.internet.dns}']
home:
  webmail:
    firstSteps:
${firstSteps()}
    links:
${switchLinks(ports)}
  recipientsFile: ${join(folder, 'link', 'recipients.json')}
  gateways:
    - { name: demo, clientCertificate: '${client.replaceAll(':', '').toLowerCase()}', linkKeyFile: ${join(folder, 'link', 'link.key')} }
outbound:
  mxPort: ${ports.internet.mx}
  upstreams:
    - name: sendgrid
      preset: sendgrid
      host: localhost
      port: ${ports.internet.relay}
      ca: ${join(folder, 'ca', 'ca.crt')}
      passwordFile: ${join(folder, 'home', 'sendgrid.key')}
  routes:
    - { toDomain: direct.internet.test, via: mx }
`
}
