import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { looksLikeProxyHeader, readProxyHeader } from './proxy-header.ts'
import { proxyLine, proxyBlock, tlv } from './proxy-header.testbed.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const kindOf = (text: string) => readProxyHeader(bytes(text)).kind

test('version 1: both families, and UNKNOWN whatever follows it', () => {
  assert.deepEqual(readProxyHeader(bytes('PROXY TCP4 192.0.2.1 198.51.100.1 56324 25\r\nEHLO')), {
    kind: 'header',
    length: 44,
    source: { address: '192.0.2.1', port: 56324 },
  })
  assert.deepEqual(readProxyHeader(bytes('PROXY TCP6 2001:db8:0:0::1 2001:DB8::2 1 65535\r\n')), {
    kind: 'header',
    length: 48,
    source: { address: '2001:db8::1', port: 1 },
  })
  const unknown = { kind: 'header', source: undefined }
  assert.deepEqual(readProxyHeader(bytes('PROXY UNKNOWN\r\n')), { ...unknown, length: 15 })
  assert.deepEqual(readProxyHeader(bytes('PROXY UNKNOWN ffff:f f 1 anything\r\nX')), { ...unknown, length: 35 })
})

test('an IPv4 address written as IPv6 is the IPv4 address, in both versions', () => {
  const mapped = readProxyHeader(proxyLine('::ffff:192.0.2.1', '::ffff:192.0.2.2'))
  assert.ok(mapped.kind === 'header' && mapped.source?.address === '192.0.2.1')
  const block = readProxyHeader(proxyBlock('::ffff:c000:201', '::1'))
  assert.ok(block.kind === 'header' && block.source?.address === '192.0.2.1')
})

test('version 1: what is not written as it must be is wrong', () => {
  for (const line of [
    'EHLO client.example\r\n',
    'proxy TCP4 192.0.2.1 198.51.100.1 1 2\r\n',
    'PROXY  TCP4 192.0.2.1 198.51.100.1 1 2\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 1\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 1 2 3\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 1 2 \r\n',
    'PROXY TCP4 192.0.2.256 198.51.100.1 1 2\r\n',
    'PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n',
    'PROXY TCP6 192.0.2.1 198.51.100.1 1 2\r\n',
    'PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 65536 2\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 01 2\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 -1 2\r\n',
    'PROXY UDP4 192.0.2.1 198.51.100.1 1 2\r\n',
    'PROXY UNKNOWNS\r\n',
    `PROXY UNKNOWN ${'x'.repeat(100)}\r\n`,
    'PROXY TCP4 192.0.2.1 198.51.100.1 1 2\n'.padEnd(107, 'x'),
  ])
    assert.equal(kindOf(line), 'wrong', line)
})

test('version 2: TCP over both families with TLVs behind, LOCAL, unspecified, unix', () => {
  const four = proxyBlock('192.0.2.1', '198.51.100.1', { port: 4321, tail: tlv(0x04, Buffer.alloc(20)) })
  assert.deepEqual(readProxyHeader(Buffer.concat([four, bytes('EHLO x\r\n')])), {
    kind: 'header',
    length: 16 + 12 + 23,
    source: { address: '192.0.2.1', port: 4321 },
  })
  const six = readProxyHeader(proxyBlock('2001:db8::1', '2001:db8::2', { port: 99 }))
  assert.deepEqual(six, { kind: 'header', length: 52, source: { address: '2001:db8::1', port: 99 } })
  for (const header of [
    proxyBlock('192.0.2.1', '198.51.100.1', { command: 0 }),
    proxyBlock('192.0.2.1', '198.51.100.1', { command: 0, family: 0x77 }),
    proxyBlock('192.0.2.1', '198.51.100.1', { family: 0 }),
    proxyBlock('192.0.2.1', '198.51.100.1', { family: 0x31, tail: Buffer.alloc(204) }),
  ])
    assert.deepEqual(readProxyHeader(header), { kind: 'header', length: header.length, source: undefined })
})

test('version 2: another version, command, family or too few octets is wrong', () => {
  for (const header of [
    proxyBlock('192.0.2.1', '198.51.100.1', { version: 1 }),
    proxyBlock('192.0.2.1', '198.51.100.1', { version: 3 }),
    proxyBlock('192.0.2.1', '198.51.100.1', { command: 2 }),
    proxyBlock('192.0.2.1', '198.51.100.1', { family: 0x12 }),
    proxyBlock('192.0.2.1', '198.51.100.1', { family: 0x21 }),
    proxyBlock('192.0.2.1', '198.51.100.1', { family: 0x31 }),
  ])
    assert.equal(readProxyHeader(header).kind, 'wrong', header.toString('hex'))
})

test('octet by octet a header is asked for to its end, and never taken for one before', () => {
  for (const header of [
    proxyLine('192.0.2.1', '198.51.100.1'),
    proxyBlock('192.0.2.1', '198.51.100.1', { tail: tlv(1, Buffer.from('h2')) }),
    bytes('PROXY UNKNOWN\r\n'),
  ]) {
    for (let length = 0; length < header.length; length++)
      assert.deepEqual(readProxyHeader(header.subarray(0, length)), { kind: 'more' })
    assert.equal(readProxyHeader(header).kind, 'header')
  }
})

test('the longest block is waited for; a megabyte behind its beginning does not make it longer', () => {
  const longest = proxyBlock('192.0.2.1', '198.51.100.1', { tail: Buffer.alloc(65_535 - 12) })
  assert.equal(readProxyHeader(longest.subarray(0, -1)).kind, 'more')
  const read = readProxyHeader(Buffer.concat([longest, Buffer.alloc(1_000_000)]))
  assert.ok(read.kind === 'header' && read.length === 16 + 65_535)
})

test('any octets give an answer, and a header is never longer than what is there', () => {
  const starts = fc.constantFrom(
    bytes(''),
    bytes('PROXY '),
    bytes('PROXY TCP4 '),
    proxyBlock('192.0.2.1', '::1').subarray(0, 12),
  )
  fc.assert(
    fc.property(starts, fc.uint8Array({ maxLength: 300 }), (start, rest) => {
      const all = Buffer.concat([start, rest])
      const read = readProxyHeader(all)
      if (read.kind === 'header') assert.ok(read.length <= all.length)
      if (read.kind === 'more') assert.ok(all.length < 16 + 65_535)
    }),
  )
})

test('a header is known by its beginning where none is wanted', () => {
  assert.ok(looksLikeProxyHeader(proxyLine('192.0.2.1', '198.51.100.1')))
  assert.ok(looksLikeProxyHeader(proxyBlock('192.0.2.1', '198.51.100.1')))
  assert.ok(looksLikeProxyHeader(bytes('PROXY UNKNOWN\r\n')))
  for (const other of ['', 'EHLO x\r\n', 'PROXY\r\n', 'PROXY me\r\n', '\r\n\r\n'])
    assert.ok(!looksLikeProxyHeader(bytes(other)))
})
