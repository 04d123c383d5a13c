/** By which names and addresses mail would come back to us: RFC 5321 §5.1 has them left out of a domain's mail servers. */
import { networkInterfaces } from 'node:os'
import { canonicalDomain } from '#formats/address/domain.ts'
import type { Config } from '#config/schema.ts'

export type Interfaces = () => readonly { readonly address: string; readonly internal: boolean }[]

/**
 * Names: our own, that of the gateway we send through, and those that our gateways call themselves by (`alsoNamed`, read each time).
 * Addresses: where we listen for strangers' mail. One of loopback only with the very port that mail goes out to, since others may
 * listen there too.
 */
export function ourselves(
  { hostname, listen, outbound }: Pick<Config, 'hostname' | 'listen' | 'outbound'>,
  alsoNamed: () => Iterable<string> = () => [],
  interfaces: Interfaces = ownInterfaces,
): (nameOrAddress: string) => boolean {
  const { gateway, mxPort } = outbound
  const url = gateway?.url
  const names = [hostname, gateway?.serverName, url?.kind === 'tcp' ? url.host : undefined]
  const fixed = new Set(names.flatMap(name => (name === undefined ? [] : canonical(name))))
  const takesMail = listen.filter(({ service }) => service === 'mx') as readonly MxListener[]
  const onAll = takesMail.filter(({ address }) => everyAddress.has(address))
  return nameOrAddress => {
    if (!isAddress(nameOrAddress)) {
      const name = canonical(nameOrAddress)
      return fixed.has(name) || [...alsoNamed()].some(other => canonical(other) === name)
    }
    const address = plainAddress(nameOrAddress)
    const fits = ({ port }: MxListener) => !isInternal(address) || port === mxPort
    if (takesMail.some(one => plainAddress(one.address) === address && fits(one))) return true
    return onAll.some(fits) && (isInternal(address) || interfaces().some(own => plainAddress(own.address) === address))
  }
}

type MxListener = { readonly address: string; readonly port: number }

const everyAddress: ReadonlySet<string> = new Set(['*', '0.0.0.0', '::'])

function canonical(name: string): string {
  return canonicalDomain(name) ?? name.toLowerCase()
}

function isAddress(text: string): boolean {
  return /^[\d.]+$|:/.test(text)
}

function isInternal(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}

/** IPv4 in IPv6 is IPv4. RFC 4291 §2.5.5.2 */
function plainAddress(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '')
}

function ownInterfaces(): readonly { readonly address: string; readonly internal: boolean }[] {
  return Object.values(networkInterfaces()).flatMap(of => of ?? [])
}
