/** Hosts in links: whom a name belongs to, and whether it imitates another. */
import { domainToASCII, domainToUnicode } from 'node:url'
import { isIPv4, isIPv6 } from 'node:net'
import { remember } from '#base/remember.ts'

/**
 * The part of a name that its owner bought, near enough to compare two names: the last two labels, three below `co.jp` and its
 * like. A full list of public suffixes would differ for hosting providers only.
 */
export function ownedName(host: string): string {
  const labels = host.split('.')
  if (labels.length <= 2) return host
  const [second = '', top = ''] = labels.slice(-2)
  const isRegistry = top.length === 2 && (second.length <= 3 || registryLabels.has(second))
  return labels.slice(isRegistry ? -3 : -2).join('.')
}
const registryLabels = new Set(['info', 'gouv', 'name', 'asso', 'tokyo', 'osaka', 'kyoto', 'aichi', 'hokkaido'])

/** Lower case, A-labels, no final dot, no port; undefined where none can be made out. */
export function hostOf(link: string): string | undefined {
  const found =
    /^[a-z][a-z0-9+.-]{0,20}:[\\/]{2}(?:[^\s/\\?#]{0,256}@)?(\[[0-9a-f:.]{2,45}\]|[^\s/\\?#:@]{1,255})/i.exec(link)?.[1]
  return found === undefined ? undefined : hostName(found)
}

export const hostName = remember((name: string): string | undefined => {
  const plain = name.replace(/\.$/, '').toLowerCase()
  if (/^[a-z0-9_.-]+$/.test(plain)) return plain
  if (plain.startsWith('[')) return plain
  return domainToASCII(plain) || undefined
})

/** `http://192.0.2.1/`, `http://3221225985/`, `http://[2001:db8::1]/` */
export function isNumberHost(host: string): boolean {
  return isIPv4(host) || /^(?:0x[0-9a-f]+|[0-9]+)$/.test(host) || (host.startsWith('[') && isIPv6(host.slice(1, -1)))
}

/** Letters of several scripts in one label, or one written in Cyrillic that reads as Latin (UTS #39 §5, as far as mail needs it). */
export function isLookalike(host: string): boolean {
  if (!host.includes('xn--')) return false
  return domainToUnicode(host).split('.').some(isLookalikeLabel)
}

function isLookalikeLabel(label: string): boolean {
  const latin = /\p{Script=Latin}/u.test(label)
  const cyrillic = /\p{Script=Cyrillic}/u.test(label)
  const greek = /\p{Script=Greek}/u.test(label)
  if ([latin, cyrillic, greek].filter(Boolean).length > 1) return true
  return cyrillic && /^[аеорсухіјѕԁһӏѵԛԝ0-9-]+$/u.test(label)
}
