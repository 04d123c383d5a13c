import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import test from 'node:test'
import dnsPacket from 'dns-packet'
import { createResolver } from './dns.ts'

/** A name server with one zone; `broken.` names are SERVFAIL, `silent.` ones get no answer. */
async function nameServer() {
  const socket = createSocket('udp4')
  socket.on('message', (message, from) => {
    const query = dnsPacket.decode(message)
    const question = query.questions?.[0]
    if (!question || question.name.startsWith('silent')) return
    const answers = zone.filter(record => record.name === question.name && record.type === question.type)
    const known = zone.some(record => record.name === question.name)
    const code = question.name.startsWith('broken') ? 2 : known ? 0 : 3
    const reply = dnsPacket.encode({
      type: 'response',
      id: query.id ?? 0,
      flags: 0x8180 | code,
      questions: [question],
      answers,
    })
    socket.send(reply, from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { server: `127.0.0.1:${socket.address().port}`, [Symbol.dispose]: () => void socket.close() }
}

const zone: dnsPacket.Answer[] = [
  { type: 'MX', name: 'home.test', data: { exchange: 'b.home.test', preference: 20 } },
  { type: 'MX', name: 'home.test', data: { exchange: 'a.home.test', preference: 10 } },
  { type: 'A', name: 'a.home.test', data: '192.0.2.1' },
  { type: 'AAAA', name: 'a.home.test', data: '2001:db8::1' },
  { type: 'TXT', name: 'home.test', data: ['v=spf1 ', '-all'] },
  {
    type: 'PTR',
    name: '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
    data: 'six.home.test',
  },
  { type: 'PTR', name: '1.2.0.192.in-addr.arpa', data: 'a.home.test' },
  ...Array.from(
    { length: 400 },
    (_, at): dnsPacket.Answer => ({ type: 'A', name: 'many.test', data: `198.51.100.${at % 250}` }),
  ),
]

test('found, none and temporary are told apart', async () => {
  using names = await nameServer()
  const resolver = createResolver({ servers: [names.server], timeoutMs: 100 })
  assert.deepEqual(await resolver.mx('home.test'), {
    kind: 'found',
    value: [
      { exchange: 'a.home.test', priority: 10 },
      { exchange: 'b.home.test', priority: 20 },
    ],
  })
  assert.deepEqual(await resolver.addresses('a.home.test'), { kind: 'found', value: ['2001:db8::1', '192.0.2.1'] })
  assert.deepEqual(await resolver.a('a.home.test'), { kind: 'found', value: ['192.0.2.1'] })
  assert.deepEqual(await resolver.aaaa('a.home.test'), { kind: 'found', value: ['2001:db8::1'] })
  assert.deepEqual(await resolver.aaaa('home.test'), { kind: 'none' })
  assert.deepEqual(await resolver.txt('home.test'), { kind: 'found', value: ['v=spf1 -all'] })
  assert.deepEqual(await resolver.ptr('192.0.2.1'), { kind: 'found', value: ['a.home.test'] })
  assert.deepEqual(await resolver.mx('nowhere.test'), { kind: 'none', exists: false })
  assert.deepEqual(await resolver.mx('a.home.test'), { kind: 'none' })
  assert.deepEqual(await resolver.addresses('127.0.0.9'), { kind: 'found', value: ['127.0.0.9'] })
  assert.equal((await resolver.mx('broken.test')).kind, 'temporary')
  assert.equal((await resolver.addresses('silent.test')).kind, 'temporary')
})

test('an address has its names from the DNS alone, and a server that is down is no answer', async () => {
  using names = await nameServer()
  const resolver = createResolver({ servers: [names.server], timeoutMs: 100 })
  assert.deepEqual(await resolver.ptr('2001:db8::1'), { kind: 'found', value: ['six.home.test'] })
  assert.equal((await resolver.ptr('192.0.2.2')).kind, 'none')
  assert.equal((await resolver.ptr('127.0.0.1')).kind, 'none', 'the hosts file is not asked')
  assert.equal((await resolver.ptr('not an address')).kind, 'none')
  const down = createResolver({ servers: ['127.0.0.1:1'], timeoutMs: 100 })
  assert.equal((await down.ptr('192.0.2.1')).kind, 'temporary')
})

// Names that lead to thousands of addresses each held the main thread for seconds, when two hundred visitors had them.
test('of an answer with very many records the first are given on', async () => {
  using names = await nameServer()
  const resolver = createResolver({ servers: [names.server], timeoutMs: 1_000 })
  for (const answer of [await resolver.a('many.test'), await resolver.addresses('many.test')])
    assert.equal(answer.kind === 'found' && answer.value.length, 250)
})
