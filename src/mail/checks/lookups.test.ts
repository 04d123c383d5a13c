// Reverse names, HELO and lists in the DNS: what each finds, and what a liar, a broken zone or a silent one makes of it.
import assert from 'node:assert/strict'
import test from 'node:test'
import { type Log, silentLog } from '#base/log.ts'
import { movedClock, type Names, tableNameServer } from './checks.testbed.ts'
import { type DnsListSettings, openDnsLists, queryName } from './dns-lists.ts'
import { heloRemark } from './helo.ts'
import { maxReverseNames, zoneCheckMs } from './limits.ts'
import { Remembered } from './remembered.ts'
import { reverseName } from './reverse-name.ts'

const never = new AbortController().signal

test('iprev: pass, fail, no PTR, and what could not be found out', async () => {
  const names = tableNameServer({
    'PTR 192.0.2.1': ['MX.Internet.test.'],
    'A mx.internet.test': ['192.0.2.9', '192.0.2.1'],
    'PTR 192.0.2.2': ['mx.internet.test'],
    'PTR 192.0.2.3': 'broken',
    'PTR 192.0.2.4': ['elsewhere.test', 'half.test'],
    'A elsewhere.test': ['192.0.2.99'],
    'A half.test': 'broken',
    'PTR 192.0.2.6': ['gone.test'],
    'PTR 2001:db8::5': ['six.test'],
    'AAAA six.test': ['2001:0db8:0:0::5'],
    'A six.test': ['192.0.2.5'],
    'PTR 192.0.2.7': ['x\r\nBcc: everybody', '..'],
  })
  const look = (address: string) => reverseName(address, names, 1_000, never)
  assert.deepEqual(await look('192.0.2.1'), { result: 'pass', name: 'mx.internet.test' })
  assert.deepEqual(await look('192.0.2.2'), { result: 'fail', name: 'mx.internet.test' })
  assert.deepEqual(await look('192.0.2.3'), { result: 'temperror' })
  assert.deepEqual(await look('192.0.2.4'), { result: 'temperror', name: 'elsewhere.test' })
  assert.deepEqual(await look('192.0.2.5'), { result: 'permerror' })
  assert.deepEqual(await look('192.0.2.6'), { result: 'fail', name: 'gone.test' })
  assert.deepEqual(await look('2001:db8::5'), { result: 'pass', name: 'six.test' })
  assert.deepEqual(
    await look('192.0.2.7'),
    { result: 'permerror' },
    'a name that cannot stand in a header field is none',
  )
})

test('iprev: an address with a thousand names costs ten questions, a silent server only time', async () => {
  const many = Array.from({ length: 1000 }, (_, index) => `n${index}.test`)
  const names = tableNameServer({
    'PTR 192.0.2.1': many,
    'PTR 192.0.2.2': 'silent',
    'PTR 192.0.2.3': ['slow.test'],
    'A slow.test': 'silent',
  })
  assert.equal((await reverseName('192.0.2.1', names, 1_000, never)).result, 'fail')
  assert.equal(names.asked.filter(question => question.startsWith('A ')).length, maxReverseNames)
  const since = performance.now()
  assert.deepEqual(await reverseName('192.0.2.2', names, 30, never), { result: 'temperror' })
  assert.deepEqual(await reverseName('192.0.2.3', names, 30, never), { result: 'temperror', name: 'slow.test' })
  assert.ok(performance.now() - since < 1_000)
})

test('HELO: what no mail server of others is called', () => {
  const ours = (name: string) => ['mx.home.test', 'home.test'].includes(name)
  const remark = (helo: string, address = '192.0.2.1') => heloRemark(helo, address, ours)
  for (const good of [
    'mx.internet.test',
    'MX.Internet.Test.',
    'a_b.internet.test',
    '[192.0.2.1]',
    'xn--wgv71a119e.test',
    '日本語.test',
    '3com.test',
  ])
    assert.equal(remark(good), undefined, good)
  assert.equal(remark('[IPv6:2001:db8::1]', '2001:db8:0::1'), undefined)
  assert.equal(remark('[::ffff:192.0.2.1]'), undefined)
  for (const us of ['mx.home.test', 'MX.HOME.TEST.', 'home.test']) assert.equal(remark(us), 'helo-is-us', us)
  for (const bare of ['192.0.2.1', '2001:db8::1']) assert.equal(remark(bare), 'helo-bare-address', bare)
  for (const wrong of ['[192.0.2.2]', '[IPv6:2001:db8::2]', '[]', '[mx.internet.test]', '[192.0.2.1'])
    assert.equal(remark(wrong), 'helo-wrong-address', wrong)
  for (const nonsense of [
    'localhost',
    'friend',
    'localhost.localdomain',
    'a..b',
    'ex ample.test',
    '-x.test',
    'a.1',
    `${'x'.repeat(64)}.test`,
    '',
    '.',
    'User-PC',
  ])
    assert.equal(remark(nonsense), 'helo-not-a-name', nonsense)
})

test('a name is asked for by reversed octets, or nibbles', () => {
  assert.equal(queryName('192.0.2.99', 'bad.example.com'), '99.2.0.192.bad.example.com')
  assert.equal(
    queryName('2001:db8:1:2:3:4:567:89ab', 'ugly.example.com'),
    'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ugly.example.com', // RFC 5782 §2.4
  )
  assert.equal(queryName('::ffff:192.0.2.99', 'bad.example.com'), '99.2.0.192.bad.example.com')
})

const sound = { 'A 2.0.0.127.bl.test': ['127.0.0.2'] }
const deny: DnsListSettings = { zone: 'bl.test', kind: 'deny', action: 'reject', points: 3, answers: [] }
const allow: DnsListSettings = { zone: 'wl.test', kind: 'allow', action: 'score', points: -2, answers: [] }

function bench(table: Names) {
  const names = tableNameServer(table)
  const clock = movedClock()
  const warnings: string[] = []
  const log: Log = {
    ...silentLog,
    warn: (sentence, fields) => void warnings.push(`${sentence} ${JSON.stringify(fields)}`),
  }
  const lists = openDnsLists(names, clock, log)
  const look = (address: string, wanted: readonly DnsListSettings[] = [deny], timeoutMs = 1_000) =>
    lists.look(address, wanted, timeoutMs, never)
  return { names, clock, warnings, lists, look }
}

test('a listed address is found with the list’s words; another is not, and both are remembered', async () => {
  const { look, names, clock } = bench({
    ...sound,
    'A 1.2.0.192.bl.test': ['127.0.0.4', '127.0.0.2'],
    'TXT 1.2.0.192.bl.test': ['See https://bl.test/192.0.2.1\r\n250 OK \u65e5', 'second'],
  })
  for (let round = 0; round < 3; round++) {
    const [listed] = await look('192.0.2.1')
    assert.deepEqual(listed?.answers, ['127.0.0.2', '127.0.0.4'])
    assert.equal(listed?.reason, 'See https://bl.test/192.0.2.1 250 OK', 'words never end our line')
    assert.deepEqual(await look('192.0.2.2'), [])
  }
  assert.equal(names.asked.filter(question => question === 'A 1.2.0.192.bl.test').length, 1)
  assert.equal(names.asked.filter(question => question === 'A 2.2.0.192.bl.test').length, 1)
  assert.equal(names.asked.filter(question => question === 'A 1.0.0.127.bl.test').length, 1)
  clock.passMs += zoneCheckMs + 1
  await look('192.0.2.1')
  assert.equal(names.asked.filter(question => question === 'A 1.2.0.192.bl.test').length, 2)
  assert.equal(names.asked.filter(question => question === 'A 1.0.0.127.bl.test').length, 2)
})

test('IPv6 by nibbles, several lists side by side, only the answers that count', async () => {
  const address = '2001:db8::1'
  const { look } = bench({
    ...sound,
    [`A ${queryName(address, 'bl.test')}`]: ['127.0.0.10'],
    [`A ${queryName(address, 'wl.test')}`]: ['127.0.5.1'],
  })
  const counted = { ...deny, answers: ['127.0.0.8/29'] }
  const other = { ...deny, answers: ['127.0.0.2/32', '127.0.0.4/30'] }
  const found = await look(address, [counted, other, allow])
  assert.deepEqual(
    found.map(({ list, answers }) => [list.zone, list.answers.length, answers]),
    [
      ['bl.test', 1, ['127.0.0.10']],
      ['wl.test', 0, ['127.0.5.1']],
    ],
  )
})

for (const [name, table, state] of [
  ['lists 127.0.0.1', { ...sound, 'A 1.0.0.127.bl.test': ['127.0.0.2'] }, 'lists-everything'],
  ['does not list 127.0.0.2', {}, 'lists-nothing'],
  ['cannot be asked', { 'A 2.0.0.127.bl.test': 'broken' }, 'silent'],
] as const)
  test(`a list that ${name} is ignored, and named`, async () => {
    const { look, lists, warnings, names } = bench({ ...(table as Names), 'A 1.2.0.192.bl.test': ['127.0.0.2'] })
    assert.deepEqual(await look('192.0.2.1'), [])
    assert.deepEqual(lists.troubled, [{ zone: 'bl.test', state }])
    assert.match(warnings.join('\n'), /^DNSBL-IGNORED/)
    await look('192.0.2.7')
    assert.ok(!names.asked.includes('A 7.2.0.192.bl.test'), 'it is not asked about anybody')
    assert.equal(warnings.length, 1)
  })

test('a list that comes to itself is believed again', async () => {
  const { look, lists, names, clock } = bench({
    ...sound,
    'A 1.0.0.127.bl.test': ['127.0.0.2'],
    'A 1.2.0.192.bl.test': ['127.0.0.2'],
  })
  assert.deepEqual(await look('192.0.2.1'), [])
  delete names.table['A 1.0.0.127.bl.test']
  assert.deepEqual(await look('192.0.2.1'), [])
  clock.passMs += zoneCheckMs + 1
  await look('192.0.2.1') // the answer of the test decides from here on
  assert.equal((await look('192.0.2.1')).length, 1)
  assert.deepEqual(lists.troubled, [])
})

for (const answer of ['203.0.113.1', '127.255.255.254', '127.0.0.1'])
  test(`an answer that is none (${answer}) lists nobody, and is warned of`, async () => {
    const { look, lists, warnings } = bench({
      ...sound,
      'A 1.2.0.192.bl.test': [answer],
      'A 2.2.0.192.bl.test': ['127.0.0.2'],
    })
    assert.deepEqual(await look('192.0.2.1'), [])
    assert.deepEqual(lists.troubled, [{ zone: 'bl.test', state: 'complains' }])
    assert.match(warnings[0] ?? '', /DNSBL-ANSWER/)
    assert.deepEqual(await look('192.0.2.2'), [], 'what such a list says is not believed for a while')
  })

test('an allow list needs no test entry, but must not list everybody', async () => {
  const { look } = bench({ 'A 1.2.0.192.wl.test': ['127.0.10.1'] })
  assert.equal((await look('192.0.2.1', [allow])).length, 1)
  const everybody = bench({ 'A 1.2.0.192.wl.test': ['127.0.10.1'], 'A 1.0.0.127.wl.test': ['127.0.10.1'] })
  assert.deepEqual(await everybody.look('192.0.2.1', [allow]), [])
})

test('a silent list holds nobody up, and does not silence the others', async () => {
  const { look } = bench({
    ...sound,
    'A 1.2.0.192.bl.test': ['127.0.0.2'],
    'A 1.0.0.127.slow.test': 'silent',
    'A 1.2.0.192.slow.test': 'silent',
  })
  const since = performance.now()
  const found = await look('192.0.2.1', [{ ...deny, zone: 'slow.test' }, deny], 50)
  assert.ok(performance.now() - since < 1_000)
  assert.deepEqual(
    found.map(({ list }) => list.zone),
    ['bl.test'],
  )
})

test('what is remembered is bounded, and one question at a time is asked of the same', async () => {
  const clock = movedClock()
  const remembered = new Remembered<number>(clock, () => 1_000, 100)
  let questions = 0
  const ask = async () => ++questions
  assert.deepEqual(await Promise.all([remembered.ask('a', ask), remembered.ask('a', ask)]), [1, 1])
  clock.passMs = 999
  assert.equal(await remembered.ask('a', ask), 1)
  clock.passMs = 1_001
  assert.equal(await remembered.ask('a', ask), 2)
  await assert.rejects(remembered.ask('wrong', () => Promise.reject(new Error('planted'))))
  assert.equal(await remembered.ask('wrong', async () => 7), 7)
  for (let index = 0; index < 1_000; index++) await remembered.ask(`k${index}`, ask)
  assert.ok(remembered.size <= 100)
  assert.equal(await remembered.ask('k999', ask), 1002)
})
