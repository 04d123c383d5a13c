import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import fc from 'fast-check'
import {
  asciiAddress,
  canonicalAddress,
  domainOf,
  needsSmtpUtf8,
  parseAddress,
  printAddress,
  printStrictAddress,
  splitSubaddress,
} from './address.ts'
import { canonicalDomain, literalAddress } from './domain.ts'

function rows(name: string): string[] {
  const text = readFileSync(new URL(name, import.meta.url), 'utf8')
  return text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
}

for (const row of rows('addresses-valid.txt')) {
  const [written = '', canonical = ''] = row.split('\t')
  test(`valid: ${written}`, () => {
    assert.ok(parseAddress(written))
    assert.equal(canonicalAddress(written), canonical)
    assert.equal(canonicalAddress(canonical), canonical)
  })
}

for (const row of rows('addresses-invalid.txt'))
  test(`invalid: ${row}`, () => {
    const written = row.replace(/\\u([0-9a-f]{4})|\\([rnt\\])/g, (_, hex: string | undefined, letter: string) =>
      hex ? String.fromCharCode(parseInt(hex, 16)) : { r: '\r', n: '\n', t: '\t', '\\': '\\' }[letter]!,
    )
    assert.equal(parseAddress(written), undefined)
    assert.equal(canonicalAddress(written), undefined)
  })

test('limits', () => {
  assert.ok(parseAddress(`${'a'.repeat(150)}@example.org`))
  assert.equal(parseAddress(`${'a'.repeat(243)}@example.org`), undefined)
  assert.ok(parseAddress(`${'a'.repeat(242)}@example.org`))
  assert.equal(parseAddress('a'.repeat(1_000_000)), undefined)
  assert.equal(parseAddress(`${'あ'.repeat(85)}@example.org`), undefined, 'octets count, not characters')
})

const quoted = fc.string({ unit: fc.constantFrom(...Array.from('ab Z.."\\@<>(),;:+é山😀')), maxLength: 20 })
const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/)
const domain = fc.oneof(
  fc.array(label, { minLength: 1, maxLength: 4 }).map(labels => labels.join('.')),
  fc.ipV4().map(ip => `[${ip}]`),
  fc.ipV6().map(ip => `[IPv6:${ip}]`),
)

test('parse(print(x)) is x, and canonical forms are stable', () => {
  fc.assert(
    fc.property(fc.record({ localpart: quoted, domain }, { noNullPrototype: true }), address => {
      assert.deepEqual(parseAddress(printAddress(address)), address)
      assert.deepEqual(parseAddress(printStrictAddress(address)), address)
      const canonical = canonicalAddress(printAddress(address))
      assert.ok(canonical)
      assert.equal(canonicalAddress(canonical), canonical)
    }),
    { numRuns: 500 },
  )
})

test('any text is read or refused, and what is read prints back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), text => {
      const address = parseAddress(text) ?? parseAddress(`${text}@example.org`)
      if (address) assert.deepEqual(parseAddress(printAddress(address)), address)
    }),
    { numRuns: 2000 },
  )
})

test('a strict peer gets quotes around stray dots', () => {
  const address = parseAddress('a..b.@docomo.ne.jp')
  assert.ok(address)
  assert.equal(printAddress(address), 'a..b.@docomo.ne.jp')
  assert.equal(printStrictAddress(address), '"a..b."@docomo.ne.jp')
})

test('sub-addresses', () => {
  assert.deepEqual(splitSubaddress('user+a+b', '+'), { user: 'user', detail: 'a+b' })
  assert.deepEqual(splitSubaddress('user-a', '+-'), { user: 'user', detail: 'a' })
  assert.deepEqual(splitSubaddress('user+', '+'), { user: 'user', detail: '' })
  assert.deepEqual(splitSubaddress('+user', '+'), { user: '+user', detail: undefined })
  assert.deepEqual(splitSubaddress('user+a', ''), { user: 'user+a', detail: undefined })
})

test('domains', () => {
  assert.equal(domainOf('User@例え.Example.'), 'xn--r8jz45g.example')
  assert.equal(domainOf('nobody'), undefined)
  assert.equal(canonicalDomain('EXAMPLE.org.'), 'example.org')
  assert.equal(canonicalDomain('exa mple.org'), undefined)
  assert.equal(canonicalDomain(`${'a.'.repeat(128)}a`), undefined)
  assert.equal(literalAddress('[IPv6:2001:db8::1]'), '2001:db8::1')
  assert.equal(literalAddress('example.org'), undefined)
})

test('what SMTPUTF8 is needed for', () => {
  const domainOnly = parseAddress('user@例え.example')
  const both = parseAddress('山田@例え.example')
  assert.ok(domainOnly && both)
  assert.equal(needsSmtpUtf8(domainOnly), false)
  assert.deepEqual(asciiAddress(domainOnly), { localpart: 'user', domain: 'xn--r8jz45g.example' })
  assert.equal(needsSmtpUtf8(both), true)
  assert.equal(asciiAddress(both), undefined)
})
