// The connection stage on a real box with a real name server: strangers come through a load balancer's PROXY header, or an XCLIENT proxy.
// One box for all tests, which set it anew by SIGHUP; each has a network of its own, 10 in it has a name that leads back.
import assert from 'node:assert/strict'
import test, { before, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startNameServer } from '../../src/demo/internet/name-server.ts'
import type { ZoneRecord } from '../../src/demo/internet/zone.ts'
import { hanako, letterFrom, password } from './boxes.ts'
import { folderOf, freePort, type Running, serve, until } from './running.ts'
import { withUser } from '../support/administer.ts'
import { Wire } from './wire.ts'

const a = (data: string): ZoneRecord => ({ type: 'A', data })
const name: readonly ZoneRecord[] = [{ type: 'PTR', data: 'mx.internet.test' }]
const spf: readonly ZoneRecord[] = [{ type: 'TXT', data: 'v=spf1 +all' }]
const good = [
  '192.0.2.10',
  '198.51.100.10',
  '198.51.101.10',
  '198.51.102.10',
  '198.51.103.10',
  '198.51.104.10',
  '198.51.105.10',
  '198.51.106.10',
  '198.51.107.10',
]
const zone = new Map<string, readonly ZoneRecord[]>([
  ['mx.internet.test', good.map(a)],
  ...good.map(address => [`${address.split('.').toReversed().join('.')}.in-addr.arpa`, name] as const),
  ...['internet.test', 'docomo.test'].map(domain => [domain, spf] as const),
  ['2.0.0.127.bl.test', [a('127.0.0.2')]],
  [
    '10.100.51.198.bl.test',
    [a('127.0.0.4'), { type: 'TXT', data: 'Listed for junk, see https://bl.test/?198.51.100.10' }],
  ],
  ['1.0.0.127.sold.test', [a('203.0.113.7')]],
  ['2.0.0.127.sold.test', [a('203.0.113.7')]],
  ['10.101.51.198.sold.test', [a('203.0.113.7')]],
  ['50.113.0.203.wl.test', [a('127.0.5.1')]],
])

let running: Running
let stopNames: () => Promise<void>
let configuration: (checks: string) => string
const usual = 'greetingDelay: 0s, greylistDelay: 1s'
const deny = (zoneName: string, action: string) => `denyLists: [{ zone: ${zoneName}, action: ${action} }]`

before(async t => {
  const around = t as TestContext
  const folder = await folderOf(around)
  const dnsPort = await freePort()
  const names = await startNameServer({ port: dnsPort, zone })
  let stopped: Promise<void> | undefined
  stopNames = () => (stopped ??= Promise.resolve(names[Symbol.asyncDispose]()))
  around.after(stopNames)
  configuration = checks => `role: both
hostname: mx.home.test
data: ./data
listen:
  - { service: mx, address: 127.0.0.1, port: 0, proxy: [127.0.0.1] }
  - { service: mx, address: 127.0.0.2, port: 0 }
  - { service: admin, port: 0 }
dns: { servers: ['127.0.0.1:${dnsPort}'] }
gateway:
  recipientsFile: ./data/recipients.json
  checks: { ${checks} }
home: { recipientsFile: ./data/recipients.json }
`
  const prepare = (file: string) => withUser(file, hanako, password)
  running = await serve(around, { folder, yaml: configuration(usual), before: prepare })
})

async function set(checks: string): Promise<void> {
  await running.reread(configuration(checks))
}

/** Comes from that address, by a header on a line of its own */
async function come(address: string): Promise<Wire> {
  const wire = await Wire.open(running.port('mx', '127.0.0.1'))
  wire.send(`PROXY TCP4 ${address} 203.0.113.1 4321 25`)
  return wire
}

let letters = 0

async function letter(address: string, { from = 'aki@internet.test', to = hanako } = {}) {
  await using wire = await come(address)
  return await letterFrom(wire, { from, to, messageId: `c${++letters}@internet.test` })
}

async function greetedAfter(address: string): Promise<number> {
  const since = performance.now()
  await using wire = await come(address)
  assert.match(await wire.reply(), /^220 /)
  return performance.now() - since
}

test('a stranger with a name of its own delivers, from an old docomo address too; the true address is what counts', async () => {
  assert.match((await letter('192.0.2.10')).data ?? '', /^250 /)
  const docomo = await letter('192.0.2.10', { from: '.abc..def.@docomo.test' })
  assert.match(docomo.data ?? '', /^250 /)
  const trace = await until('the trace tells it', async () => {
    const { out } = await running.command('trace', '.abc..def.@docomo.test', '--json')
    return out.includes('192.0.2.10') && out
  })
  assert.doesNotMatch(trace, /"client": ?"127\.0\.0\.1"/)
  assert.doesNotMatch(running.log(), /PROXY-/)
})

test('no reverse name: asked to come again, welcome when it does, and known from then on', async () => {
  const first = await letter('203.0.115.20')
  assert.match(first.recipient, /^451 4\.7\.1 .* try again in 1 seconds/)
  assert.match((await letter('203.0.115.20', { to: 'postmaster@home.test' })).recipient, /^250 /, 'never postmaster')
  await sleep(1_100)
  // another machine of the same network
  assert.match((await letter('203.0.115.21')).data ?? '', /^250 /)
  const again = () => letter('203.0.115.20', { from: 'other@internet.test' })
  await until('it is known', async () => (await again()).recipient.startsWith('250 '))
  const { out } = await running.command('trace', hanako)
  assert.match(out, /greylist/)
  const metrics = await (await fetch(`http://127.0.0.1:${running.port('admin')}/metrics`)).text()
  assert.match(metrics, /hikyaku_connection_checks_total\{check="greylist",verdict="deferred"\} \d/)
  assert.match(metrics, /hikyaku_connection_checks_total\{check="greylist",verdict="passed"\} 1/)
  assert.match(metrics, /hikyaku_connection_check_entries\{table="networks"\} \d/)
})

test('no SPF record, and not known: asked to come again; by setting only nobody, or everybody', async () => {
  const unproved = () => letter('198.51.106.10', { from: 'aki@unproved.test' })
  assert.match((await unproved()).recipient, /^451 4\.7\.1 /)
  assert.match((await letter('198.51.107.10')).recipient, /^250 /)
  await set(`${usual}, greylist: off`)
  assert.match((await unproved()).recipient, /^250 /)
  await set(`${usual}, greylist: unknown`)
  assert.match((await letter('198.51.105.10')).recipient, /^451 4\.7\.1 /)
})

test('a deny list refuses at RCPT in its own words, postmaster apart; SIGHUP makes it a mere remark', async () => {
  await set(`${usual}, ${deny('bl.test', 'reject')}`)
  const refused = await letter('198.51.100.10')
  assert.match(refused.recipient, /^554 5\.7\.1 198\.51\.100\.10 is on the list bl\.test: Listed for junk, see https:/)
  assert.match((await letter('198.51.100.10', { to: 'postmaster@home.test' })).data ?? '', /^250 /)
  await set(`${usual}, greylist: off, ${deny('bl.test', 'score')}`)
  assert.match((await letter('198.51.100.10')).data ?? '', /^250 /)
})

test('a list whose domain was sold lists nobody, and the status says so', async () => {
  await set(`${usual}, ${deny('sold.test', 'reject')}`)
  assert.match((await letter('198.51.101.10')).data ?? '', /^250 /)
  const { out } = await running.command('status')
  assert.match(out, /sold\.test lists 127\.0\.0\.1/)
  const warned = running.said('DNSBL-IGNORED: a list does not answer as a list does, and is not asked until it does')
  assert.equal(warned.length, 1)
})

test('an unknown network waits for its greeting; one on an allow list and one that is known do not', async () => {
  await set('greetingDelay: 1500ms, allowLists: [{ zone: wl.test }]')
  assert.ok((await greetedAfter('198.51.102.10')) >= 1_450)
  assert.ok((await greetedAfter('203.0.113.50')) < 1_200, 'allow list')
  assert.match((await letter('198.51.102.10')).data ?? '', /^250 /)
  await until('it is known', async () => (await greetedAfter('198.51.102.11')) < 1_000)
})

test('early talkers: greeted and remarked, or sent away; behind a PROXY header in the same packet as well', async () => {
  await set('greetingDelay: 1500ms')
  const hasty = async () => {
    const wire = await come('198.51.103.10')
    wire.send('EHLO mx.internet.test')
    return wire
  }
  const since = performance.now()
  {
    await using wire = await hasty()
    assert.match(await wire.reply(), /^220 /)
    assert.match(await wire.reply(), /^250-mx\.home\.test/)
    assert.ok(performance.now() - since < 1_400, 'there is nothing left to wait for')
  }
  await set('greetingDelay: 1500ms, earlyTalkers: reject')
  await using wire = await hasty()
  assert.match(await wire.reply(), /^554 5\.5\.1 /)
  await until('it is closed', () => !wire.isOpen)
})

test('a network that connects too often is told so; others come in', async () => {
  await set(`${usual}, connectionsPerMinute: 3`)
  for (const host of ['1', '2', '3']) await greetedAfter(`203.0.116.${host}`)
  await using wire = await come('203.0.116.4')
  assert.match(await wire.reply(), /^421 4\.7\.0 Too many connections from 203\.0\.116\.0\/24/)
  await greetedAfter('203.0.117.4')
})

test('whoever tries names is slowed down and sent away', async () => {
  await set(`${usual}, unknownRecipients: 1`)
  await using wire = await come('198.51.104.10')
  await wire.reply()
  await wire.say('EHLO mx.internet.test')
  await wire.say('MAIL FROM:<aki@internet.test>')
  const times: number[] = []
  const replies: string[] = []
  for (let round = 0; round < 2; round++) {
    const since = performance.now()
    replies.push(await wire.say(`RCPT TO:<nobody${round}@home.test>`))
    times.push(performance.now() - since)
  }
  assert.deepEqual(
    replies.map(reply => reply.slice(0, 9)),
    ['550 5.1.1', '421 4.7.0'],
  )
  assert.ok((times[0] ?? 0) >= 950 && (times[1] ?? 0) >= 1_950, times.join(' '))
})

test('a load balancer that is not named gets no mail through, loses none, and is told of in the log', async () => {
  await using wire = await Wire.open(running.port('mx', '127.0.0.2'), '127.0.0.2')
  assert.match(await wire.reply(), /^220 /)
  assert.match(await wire.say('PROXY TCP4 192.0.2.10 198.51.100.1 4321 25'), /^421 4\.3\.2 /)
  const sentence = 'PROXY-PEER: a PROXY header came from a peer that listen[].proxy does not name'
  await until('it is told of', () => running.said(sentence).length === 1)
})

test('XCLIENT: whom a named proxy brings is judged, not the proxy', async () => {
  await set(usual)
  const port = running.port('mx', '127.0.0.2')
  // by its own address, also where the machine has given 127.0.0.2 to the loopback interface
  const asProxy = () => Wire.open(port, '127.0.0.2', '127.0.0.1')
  {
    await using wire = await asProxy()
    await wire.reply()
    assert.doesNotMatch(await wire.say('EHLO proxy.home.test'), /XCLIENT/)
  }
  await set(`${usual}, xclientFrom: [127.0.0.1], ${deny('bl.test', 'reject')}`)
  await using wire = await asProxy()
  await wire.reply()
  assert.match(await wire.say('EHLO proxy.home.test'), /XCLIENT NAME ADDR PORT PROTO HELO REVERSE_NAME/)
  for (const [address, wanted] of [
    ['198.51.100.10', /^554 5\.7\.1 198\.51\.100\.10 is on the list bl\.test/],
    ['192.0.2.10', /^250 /],
  ] as const) {
    assert.match(await wire.say(`XCLIENT ADDR=${address}`), /^220 /)
    await wire.say('EHLO mx.internet.test')
    await wire.say('MAIL FROM:<aki@internet.test>')
    assert.match(await wire.say(`RCPT TO:<${hanako}>`), wanted)
    await wire.say('RSET')
  }
})

test('DNS is down: greetings come at once, mail is taken within the time set, nobody is suspicious for it', async () => {
  await set(`greetingDelay: 0s, dnsTimeout: 500ms, ${deny('bl.test', 'reject')}`)
  await stopNames()
  const since = performance.now()
  assert.ok((await greetedAfter('203.0.118.30')) < 400)
  const taken = await letter('203.0.118.20')
  assert.match(taken.data ?? taken.recipient, /^250 /)
  assert.ok(performance.now() - since < 5_000)
})
