import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { parseStsPolicy, stsAllows, stsRecordId } from './mta-sts.ts'

test('the record: one, of this version, with an id', () => {
  assert.equal(stsRecordId(['v=STSv1; id=20160831085700Z;']), '20160831085700Z') // RFC 8461 §3.1
  assert.equal(stsRecordId(['v=spf1 -all', 'v=STSv1;id=a1']), 'a1')
  assert.equal(stsRecordId(['v=STSv1; x=y; id=a1; z=1']), 'a1')
  for (const bad of [
    [],
    ['v=STSv1; id=a', 'v=STSv1; id=b'],
    ['v=STSv2; id=a'],
    ['v=STSv1;'],
    ['v=STSv1; id=a-b'],
    ['id=a; v=STSv1;'],
  ])
    assert.equal(stsRecordId(bad), undefined, bad.join(' | '))
  assert.equal(stsRecordId([`v=STSv1; id=${'a'.repeat(33)};`]), undefined)
})

test('the policy of RFC 8461 §3.2', () => {
  const text =
    'version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmx: backupmx.example.com\r\nmax_age: 604800\r\n'
  const policy = parseStsPolicy(text)
  const mx = ['mail.example.com', '*.example.net', 'backupmx.example.com']
  assert.deepEqual(policy, { mode: 'enforce', mx, maxAge: 604_800 })
  assert.deepEqual(parseStsPolicy(text.replaceAll('\r\n', '\n')), policy)
  assert.deepEqual(
    parseStsPolicy(`${text}mode: none\r\nfuture: yes\r\n`),
    policy,
    'the first counts, the unknown does not',
  )
})

test('what is no policy', () => {
  const lines = ['version: STSv1', 'mode: enforce', 'mx: a.test', 'max_age: 1']
  for (const [at] of lines.entries())
    assert.equal(parseStsPolicy(lines.filter((_, index) => index !== at).join('\n')), undefined, `without ${lines[at]}`)
  const change = (at: number, line: string) => parseStsPolicy(lines.with(at, line).join('\n'))
  assert.equal(change(0, 'version: STSv2'), undefined)
  assert.equal(change(1, 'mode: Enforce'), undefined)
  assert.equal(change(2, 'mx: a b'), undefined)
  assert.equal(change(3, 'max_age: -1'), undefined)
  assert.equal(change(3, 'max_age: 99999999999'), undefined)
  assert.equal(change(3, 'max_age: 9999999999')?.maxAge, 31_557_600)
  assert.deepEqual(parseStsPolicy('version: STSv1\nmode: none\nmax_age: 0'), { mode: 'none', mx: [], maxAge: 0 })
})

test('a star is one whole label, the first. RFC 8461 §4.1', () => {
  const policy = { mx: ['mail.example.com', '*.example.net'] }
  for (const host of ['mail.example.com', 'MAIL.example.com.', 'a.example.net'])
    assert.ok(stsAllows(policy, host), host)
  for (const host of ['example.net', 'a.b.example.net', 'xexample.net', 'mail.example.com.evil.test', 'net', ''])
    assert.ok(!stsAllows(policy, host), host)
})

test('whatever a web server sends is read without harm', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => void parseStsPolicy(text)))
})
