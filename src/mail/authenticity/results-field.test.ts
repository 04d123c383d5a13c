import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { asciiText, utf8 } from '#base/bytes.ts'
import { parseHeader } from '#formats/message/header.ts'
import { forgedResults } from '#formats/message/forged.ts'
import type { AuthenticationResult, Authenticity, Verdicts } from '../verdicts.ts'
import { isVerdicts } from '../verdicts-shape.ts'
import { methodResult } from './arc/results.ts'
import { authenticationResults } from './results-field.ts'

const authenticity: Authenticity = {
  fromDomain: 'example.org',
  spf: { result: 'fail', scope: 'mailfrom', domain: 'bounces.example.org', reason: 'bounces.example.org: -all' },
  dkim: [
    { result: 'pass', domain: 'example.org', selector: 's1', algorithm: 'rsa-sha256' },
    {
      result: 'policy',
      domain: 'list.test',
      selector: 's2',
      algorithm: 'ed25519-sha256',
      reason: 'header is too long',
    },
  ],
  dmarc: { result: 'pass', domain: 'example.org', policy: 'reject', alignedBy: ['dkim'], disposition: 'none' },
  arc: { result: 'fail', sealers: ['list.test'], reason: 'seal 1 is wrong' },
}

function printed(verdicts: Verdicts, reversePath = 'b+1@bounces.example.org'): string {
  return asciiText(authenticationResults('mx.home.test', { reversePath, clientAddress: '192.0.2.1' }, verdicts))
}

test('one field with all that was found out', () => {
  assert.equal(
    printed({ authenticity }).replace(/\r\n\t/g, ' '),
    'Authentication-Results: mx.home.test;' +
      ' spf=fail reason="bounces.example.org: -all" smtp.mailfrom=b+1@bounces.example.org;' +
      ' dkim=pass header.d=example.org header.s=s1 header.a=rsa-sha256;' +
      ' dkim=policy reason="header is too long" header.d=list.test header.s=s2 header.a=ed25519-sha256;' +
      ' dmarc=pass (p=reject dis=none) header.from=example.org;' +
      ' arc=fail reason="seal 1 is wrong"\r\n',
  )
  assert.ok(
    printed({ authenticity })
      .split('\r\n')
      .every(line => line.length <= 100),
  )
})

test('nothing found out is said too; a null path shows HELO; a connection shows its name', () => {
  assert.equal(printed({}), 'Authentication-Results: mx.home.test; none\r\n')
  const byHelo: Authenticity = {
    ...authenticity,
    spf: { result: 'pass', scope: 'helo', domain: 'mail.example.org' },
    dkim: [],
  }
  assert.match(printed({ authenticity: byHelo }, ''), /spf=pass smtp\.helo=mail\.example\.org;\s+dkim=none;/)
  const connection = { reverse: { result: 'pass' as const, name: 'mail.example.org' }, lists: [], remarks: [] }
  assert.match(
    printed({ connection }),
    /mx\.home\.test; iprev=pass policy\.iprev=192\.0\.2\.1\s+\(mail\.example\.org\)/,
  )
})

test('whatever strangers put into names and reasons, it stays one field of ours, and no entry of theirs appears', () => {
  const text = fc.string({ unit: 'binary', maxLength: 80 })
  const nasty = fc.constantFrom(
    'x\r\nSubject: y',
    '"; dmarc=pass',
    '\\"; dmarc=pass (',
    ') ; dmarc=pass',
    '(((',
    'a;dmarc=pass',
    '\u0000\u2028',
  )
  const any = fc.oneof(text, nasty)
  fc.assert(
    fc.property(any, any, any, any, any, (from, domain, selector, reason, path) => {
      const verdicts: Verdicts = {
        connection: { reverse: { result: 'fail', name: domain }, lists: [], remarks: [] },
        authenticity: {
          fromDomain: from.toWellFormed(),
          spf: { result: 'fail', scope: 'helo', domain: domain.toWellFormed(), reason: reason.toWellFormed() },
          dkim: [
            {
              result: 'fail',
              domain: domain.toWellFormed(),
              selector: selector.toWellFormed(),
              algorithm: selector.toWellFormed(),
              reason: reason.toWellFormed(),
            },
          ],
          dmarc: {
            result: 'fail',
            domain: undefined,
            policy: 'reject',
            alignedBy: [],
            disposition: 'reject',
            reason: reason.toWellFormed(),
          },
          arc: { result: 'none', sealers: [] },
        },
      }
      const field = authenticationResults('mx.home.test', { reversePath: path, clientAddress: path }, verdicts)
      const fields = parseHeader(new Uint8Array([...field, ...utf8('X: y\r\n')]))
      assert.deepEqual(
        fields.map(({ key }) => key),
        ['authentication-results', 'x'],
      )
      assert.equal(methodResult(asciiText(field).slice('Authentication-Results:'.length), 'dmarc'), 'fail')
      assert.equal(forgedResults(field, 'mx.home.test').length, 1)
    }),
  )
})

test('verdicts out of JSON: what was written is read, what is of another shape or too long is not', () => {
  const verdicts: Verdicts = {
    authenticity,
    connection: { reverse: { result: 'none' }, lists: [], remarks: ['early-talker'] },
  }
  assert.ok(isVerdicts(JSON.parse(JSON.stringify(verdicts))))
  assert.ok(isVerdicts({}))
  const results: AuthenticationResult[] = ['pass']
  for (const broken of [
    null,
    [],
    { authenticity: {} },
    { authenticity: { ...authenticity, spf: { ...authenticity.spf, result: 'great' } } },
    { authenticity: { ...authenticity, dkim: results } },
    { authenticity: { ...authenticity, dkim: Array(9).fill(authenticity.dkim[0]) } },
    { authenticity: { ...authenticity, dmarc: { ...authenticity.dmarc, disposition: 'delete' } } },
    { authenticity: { ...authenticity, fromDomain: 'x'.repeat(2_000) } },
    { authenticity: { ...authenticity, arc: { result: 'pass', sealers: [1] } } },
    { connection: { reverse: { result: 'pass' }, lists: [], remarks: [7] } },
  ])
    assert.equal(isVerdicts(broken), false, JSON.stringify(broken)?.slice(0, 80))
})
