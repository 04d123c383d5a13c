/** The senders of the bench, as their own names tell of them: who signs, who may send, who stands on which list. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ZoneRecord } from '#demo/internet/zone.ts'

/** Domains of senders, each with a key of its own: `d00.bench.test` … */
export const domainCount = 50
export const selector = 'bench'
/** Clients come from 198.18.0.7, 198.18.1.7 …, a network each (RFC 2544 gives these to benchmarks); told by the PROXY protocol */
const clients = 250

export const domainAt = (index: number) => `d${String(index).padStart(2, '0')}.bench.test`

/** RSA with 2048 bits, made once for a folder. */
export function keyOf(folder: string, domain: string): KeyObject {
  const file = join(folder, `${domain}.pem`)
  if (existsSync(file)) return createPrivateKey(readFileSync(file))
  mkdirSync(folder, { recursive: true })
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return privateKey
}

export function recordsOf(keys: string): ReadonlyMap<string, readonly ZoneRecord[]> {
  return new Map([...senders(keys), ...connecting(), ...lists()])
}

function* senders(keys: string): Iterable<[string, readonly ZoneRecord[]]> {
  yield ['_spf.bench.test', [txt('v=spf1 ip4:198.18.0.0/16 -all')]]
  for (let index = 0; index < domainCount; index++) {
    const domain = domainAt(index)
    const spki = createPublicKey(keyOf(keys, domain)).export({ format: 'der', type: 'spki' })
    yield [domain, [txt('v=spf1 include:_spf.bench.test -all'), mx(`mx.${domain}`)]]
    yield [`mx.${domain}`, [{ type: 'A', data: '198.18.0.7' }]]
    yield [`_dmarc.${domain}`, [txt('v=DMARC1; p=reject; adkim=s; aspf=s')]]
    yield [`${selector}._domainkey.${domain}`, [txt(`v=DKIM1; k=rsa; p=${spki.toString('base64')}`)]]
  }
}

function* connecting(): Iterable<[string, readonly ZoneRecord[]]> {
  for (let client = 0; client < clients; client++) {
    const name = `client${client}.bench.test`
    yield [`7.${client}.18.198.in-addr.arpa`, [{ type: 'PTR', data: name }]]
    yield [name, [{ type: 'A', data: `198.18.${client}.7` }]]
  }
}

/** Their test entries alone (RFC 5782 §5): nobody stands on them, so every client is looked for in each. */
function lists(): [string, readonly ZoneRecord[]][] {
  return listZones.map(zone => [`2.0.0.127.${zone}`, [{ type: 'A', data: '127.0.0.2' }]])
}

export const listZones = ['bl1.bench.test', 'bl2.bench.test', 'wl.bench.test'] as const

/** What a question was about, for the count of questions. */
export function aboutOf(name: string): string {
  if (name.includes('._domainkey.')) return 'dkim'
  if (name.startsWith('_dmarc.')) return 'dmarc'
  if (name.endsWith('.in-addr.arpa')) return 'ptr'
  if (name.startsWith('client')) return 'forward'
  const zone = listZones.find(one => name.endsWith(`.${one}`))
  if (zone !== undefined) return zone.startsWith('wl') ? 'allow-list' : 'deny-list'
  return name === '_spf.bench.test' || /^d\d\d\.bench\.test$/.test(name) ? 'spf' : 'other'
}

function txt(data: string): ZoneRecord {
  return { type: 'TXT', data }
}

function mx(exchange: string): ZoneRecord {
  return { type: 'MX', preference: 10, exchange }
}
