/**
 * The names and certificates around one real mail server. It listens on several addresses of loopback, each time as another kind of
 * server (its faces), on one port; before it, on further addresses, stand proxies. Each has domains that lead to it.
 */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import type { Zone, ZoneRecord } from '#demo/internet/zone.ts'
import { startNameServer } from '#demo/internet/name-server.ts'
import { openLocalCa, type PairPem, writePair } from '#net/tls/local-ca.ts'
import { eventually, freePort } from '../../support/peers.ts'

/** What each is like stands in `postfix.cf`, `postfix-faces.cf` and `exim.conf`. */
export const faces = {
  mx: '127.0.0.1',
  plain: '127.0.1.1',
  old: '127.0.1.2',
  expired: '127.0.1.3',
  misnamed: '127.0.1.4',
  keyless: '127.0.1.5',
  slow: '127.0.1.6',
} as const
export type Face = keyof typeof faces

export type Policy = { readonly mode: 'enforce' | 'testing' | 'none'; readonly mx?: string }

/** The host that a domain's mail goes to; all of them stand in the one good certificate. */
function hostOf(domain: string, order = 0): string {
  return `${domain.split('.')[0]}${order === 0 ? '' : `-${order}`}.mx.internet.test`
}

export class World {
  readonly #zone = new Map<string, readonly ZoneRecord[]>()
  readonly #policies = new Map<string, Policy>()
  readonly dns: number
  readonly web: number
  #proxies = 0

  private constructor(dns: number, web: number) {
    this.dns = dns
    this.web = web
    // upstreams are found by their names
    for (const [face, address] of Object.entries(faces))
      this.#zone.set(`${face}.mx.internet.test`, [{ type: 'A', data: address }])
  }

  /** Names that are added later are known at once. Policies are served for `policyDomains`. */
  static async open(scope: AsyncDisposableStack, certificate: PairPem): Promise<World> {
    const [dns, web] = [await freePort(), await freePort()]
    const world = new World(dns, web)
    scope.use(await startNameServer({ port: dns, zone: world.#zone as Zone }))
    const server = createServer(certificate, (request, response) => {
      const policy = world.#policies.get(`${request.headers.host}`.replace(/^mta-sts\.|:\d+$/g, ''))
      const isPath = request.url === '/.well-known/mta-sts.txt'
      response.writeHead(policy && isPath ? 200 : 404, { 'content-type': 'text/plain' })
      response.end(policy && policyText(policy))
    })
    server.listen(web, '127.0.0.1')
    await eventually('the policies are served', () => server.listening)
    scope.defer(() => {
      server.closeAllConnections()
      server.close()
    })
    return world
  }

  /** A domain whose mail goes to this address, or to these in order. */
  domain(name: string, address: string | readonly string[], policy?: Policy): string {
    const domain = `${name}.internet.test`
    const hosts = [address].flat().map((at, order) => ({ at, order, host: hostOf(domain, order) }))
    this.#zone.set(
      domain,
      hosts.map(({ host, order }) => ({ type: 'MX', preference: 10 + order, exchange: host })),
    )
    for (const { host, at } of hosts) this.#zone.set(host, [{ type: 'A', data: at }])
    if (!policy) return domain
    this.#policies.set(domain, { mx: '*.mx.internet.test', ...policy })
    this.#zone.set(`_mta-sts.${domain}`, [{ type: 'TXT', data: 'v=STSv1; id=1;' }])
    this.#zone.set(`mta-sts.${domain}`, [{ type: 'A', data: '127.0.0.1' }])
    return domain
  }

  /** An address for one more proxy */
  proxyAddress(): string {
    return `127.0.2.${++this.#proxies}`
  }
}

function policyText({ mode, mx }: Policy): string {
  return `version: STSv1\r\nmode: ${mode}\r\nmx: ${mx}\r\nmax_age: 86400\r\n`
}

export type Certificates = {
  readonly ca: string
  /** Files without `.crt` and `.key` */
  readonly good: string
  readonly expired: string
  readonly misnamed: string
  /** The key is another's */
  readonly keyless: string
  readonly web: PairPem
}

export async function certificatesIn(folder: string): Promise<Certificates> {
  const lastYear = { now: () => Date.now() - 400 * 24 * 3600_000, monotonic: () => performance.now() }
  // the authority is as old as the oldest that it has certified
  const before = await openLocalCa(folder, { clock: lastYear, label: 'Hikyaku interop' })
  const ca = await openLocalCa(folder)
  const names = ['*.mx.internet.test', 'mail.home.test', 'localhost', '127.0.0.1']
  const save = async (name: string, pair: PairPem) => {
    await writePair({ cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) }, pair)
    return join(folder, name)
  }
  const good = await ca.issueServer(names)
  const other = await ca.issueServer(names)
  const keyless = join(folder, 'keyless')
  writeFileSync(`${keyless}.crt`, good.cert)
  writeFileSync(`${keyless}.key`, other.key, { mode: 0o600 })
  return {
    ca: ca.certificatePath,
    good: await save('good', good),
    expired: await save('expired', await before.issueServer(names, { days: 30 })),
    misnamed: await save('misnamed', await ca.issueServer(['mx.elsewhere.test'])),
    keyless,
    web: await ca.issueServer(['*.internet.test', ...policyHosts]),
  }
}

/** A wildcard stands for one label alone. RFC 6125 §6.4.3 */
const policyHosts = [
  'good',
  'expired',
  'misnamed',
  'keyless',
  'stripped',
  'text',
  'unlisted',
  'testing',
  'none',
  'requiretls',
  'second',
].map(name => `mta-sts.sts-${name}.internet.test`)
