/** The OpenSPF suites. `result` may be a list of answers that are all right. */
import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import { domainOf } from '#formats/address/address.ts'
import type { NameAnswer, Names } from '#mail/authenticity/names.ts'
import { checkHost } from '#mail/authenticity/spf/check-host.ts'
import { type CaseResult, check, corpus, type Suite } from './suite.ts'

type ZoneEntry = 'TIMEOUT' | Readonly<Record<string, unknown>>

type Scenario = {
  readonly description: string
  readonly tests: Readonly<Record<string, SpfCase>>
  readonly zonedata: Readonly<Record<string, readonly ZoneEntry[]>>
}

type SpfCase = {
  readonly helo: string
  readonly host: string
  readonly mailfrom: string
  readonly result: string | readonly string[]
  readonly explanation?: string
}

export const spf: readonly Suite[] = [
  suite('spf rfc7208', 'spf/test/rfc7208-tests.yml'),
  suite('spf rfc4408', 'spf/test/rfc4408-tests.yml'),
]

function suite(name: string, path: string): Suite {
  return {
    name,
    async run() {
      const documents = parseAllDocuments(readFileSync(new URL(path, corpus), 'utf8'))
      const scenarios = documents.map(document => document.toJS() as Scenario)
      const results: CaseResult[] = []
      for (const scenario of scenarios)
        for (const [id, one] of Object.entries(scenario.tests)) results.push(await run(`${name} ${id}`, one, scenario))
      return results
    },
  }
}

async function run(name: string, one: SpfCase, { zonedata }: Scenario): Promise<CaseResult> {
  const helo = one.helo
  const sender = one.mailfrom === '' ? `postmaster@${helo}` : one.mailfrom
  const domain = sender.slice(sender.lastIndexOf('@') + 1)
  const question = {
    clientAddress: one.host,
    domain: domainOf(sender) ?? domain,
    sender: sender.includes('@') ? sender.replace(/^@/, 'postmaster@') : `postmaster@${sender}`,
    helo,
    hostname: 'unknown',
    now: 0,
    explain: true,
  }
  const { result, explanation } = await checkHost(question, zoneNames(zonedata))
  return check(name, differs => {
    const right = [one.result].flat()
    differs('result', right.includes(result) ? right : result, right)
    if (one.explanation !== undefined && right.includes(result))
      differs('explanation', explanation ?? 'DEFAULT', one.explanation)
  })
}

/** Answers out of a scenario's zone, which has SPF records stand for TXT where there are none of these. */
function zoneNames(zone: Scenario['zonedata']): Names {
  const entries = new Map(Object.entries(zone).map(([name, list]) => [name.toLowerCase(), list]))
  const ask = (type: string, name: string, hops = 0): Promise<NameAnswer<readonly string[]>> => {
    const list = entries.get(name.toLowerCase().replace(/\.$/, ''))
    const records = (list ?? []).flatMap(entry => (typeof entry === 'object' ? Object.entries(entry) : []))
    const cname = records.find(([key]) => key === 'CNAME')
    if (cname && typeof cname[1] === 'string' && type !== 'CNAME')
      return hops < 10 ? ask(type, cname[1], hops + 1) : Promise.resolve({ kind: 'temporary', reason: 'ELOOP' })
    const of = (key: string) => records.filter(([one]) => one === key).map(([, value]) => value)
    const own = type === 'TXT' && of('TXT').length === 0 ? of('SPF') : of(type)
    const values = own.filter(value => value !== 'NONE').map(text)
    if (values.length > 0) return Promise.resolve({ kind: 'found', value: values })
    if (list?.includes('TIMEOUT')) return Promise.resolve({ kind: 'temporary', reason: 'ETIMEOUT' })
    return Promise.resolve({ kind: 'none', exists: list !== undefined })
  }
  return {
    txt: name => ask('TXT', name),
    a: name => ask('A', name),
    aaaa: name => ask('AAAA', name),
    mx: name => ask('MX', name),
    ptr: address => ask('PTR', reverseName(address)),
  }
}

/** Parts of a TXT record are joined; of an MX record the host counts. */
function text(value: unknown): string {
  if (!Array.isArray(value)) return String(value)
  return typeof value[0] === 'number' ? String(value[1]) : value.join('')
}

function reverseName(address: string): string {
  if (!address.includes(':')) return `${address.split('.').toReversed().join('.')}.in-addr.arpa`
  const [head = '', tail = ''] = address.split('::')
  const left = head.split(':').filter(Boolean)
  const right = tail.split(':').filter(Boolean)
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
  const nibbles = groups.map(group => group.padStart(4, '0')).join('')
  return `${nibbles.split('').toReversed().join('.')}.ip6.arpa`
}
