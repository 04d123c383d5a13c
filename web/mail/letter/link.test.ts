import assert from 'node:assert/strict'
import test from 'node:test'
import { readLink } from './link.ts'
import { spansOf } from './links-in-text.ts'

test('only links to the web, to mail and to telephones lead anywhere', () => {
  for (const href of [
    'javascript:alert(1)',
    ' \u0001JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:msgbox(1)',
    'blob:https://home.test/1',
    'file:///etc/passwd',
    'about:blank',
    'view-source:https://home.test',
    'filesystem:https://home.test/x',
    'ms-msdt:/id',
    'search-ms:query=x',
    'intent://x#Intent;end',
    '/session',
    'session',
    '//evil.example/',
    '?x',
    '',
    'https://',
    'http:',
    'tel:*#06#<script>',
    `https://example.org/${'x'.repeat(9_000)}`,
  ])
    assert.equal(readLink(href), undefined, href.slice(0, 60))
  assert.deepEqual(readLink(' https://Example.org/a b\n'), { href: 'https://example.org/a%20b', kind: 'web' })
  assert.deepEqual(readLink('mailto:hanako@home.test?subject=x'), {
    href: 'mailto:hanako@home.test?subject=x',
    kind: 'mail',
  })
  assert.deepEqual(readLink('tel:+81-3-1234-5678'), { href: 'tel:+81-3-1234-5678', kind: 'phone' })
})

test('a text that names another host than the link is given the lie', () => {
  const lies: readonly (readonly [href: string, text: string, host: string])[] = [
    ['https://evil.example/login', 'https://bank.example/login', 'evil.example'],
    ['https://evil.example/', 'www.bank.example', 'evil.example'],
    ['https://evil.example/', ' bank.example ', 'evil.example'],
    ['https://evil.example/', 'ba\u200bnk.example', 'evil.example'],
    ['https://evil.example/', 'ｂａｎｋ．example', 'evil.example'],
    ['https://bank.example.evil.example/', 'bank.example', 'bank.example.evil.example'],
    ['https://bank.example@evil.example/', 'click here', 'evil.example'],
    ['https://xn--bnk-5cd.example/', 'bank.example', 'xn--bnk-5cd.example'],
    ['https://evil.example:8443/', 'https://bank.example', 'evil.example:8443'],
    ['https://evilbank.example/', 'bank.example', 'evilbank.example'],
    ['https://evil.example/', '「https://bank.example/」', 'evil.example'],
  ]
  for (const [href, text, host] of lies) assert.equal(readLink(href, text)?.trueHost, host, text)
  for (const [href, text] of [
    ['https://www.bank.example/login', 'bank.example'],
    ['https://bank.example/', 'https://www.bank.example/a'],
    ['https://login.bank.example/', 'Bank.example'],
    ['https://evil.example/', 'Click here'],
    ['https://evil.example/', 'report.pdf'],
    ['https://evil.example/', 'version 1.2.3'],
    ['https://evil.example/', 'hanako@home.test'],
    ['https://evil.example/', 'Node.js'],
    ['https://xn--wgv71a119e.example/', '日本語.example'],
  ] as const)
    assert.equal(readLink(href, text)?.trueHost, undefined, text)
})

test('addresses in plain text end where the sentence goes on', () => {
  const found = (line: string) => spansOf(line).flatMap(({ text, link }) => (link ? [[text, link.href]] : []))
  assert.deepEqual(found('See https://example.org/a(b)?c=1. And (http://example.net/x), www.example.com!'), [
    ['https://example.org/a(b)?c=1', 'https://example.org/a(b)?c=1'],
    ['http://example.net/x', 'http://example.net/x'],
    ['www.example.com', 'https://www.example.com/'],
  ])
  assert.deepEqual(found('詳細はhttps://example.jp/案内をご覧ください。'), [
    ['https://example.jp/', 'https://example.jp/'],
  ])
  assert.deepEqual(found('連絡先：hanako@home.testまで'), [['hanako@home.test', 'mailto:hanako@home.test']])
  assert.deepEqual(found('<https://example.org/> javascript:alert(1) "><script>'), [
    ['https://example.org/', 'https://example.org/'],
  ])
  for (const line of ['', 'nothing @ all', 'https://', 'a@b', '<script>alert(1)</script>'])
    assert.equal(
      spansOf(line)
        .map(({ text }) => text)
        .join(''),
      line,
    )
})

test('a long line of almost addresses takes no time', () => {
  const begun = performance.now()
  for (const part of ['a.', 'a@', 'www.', 'http://', '@a-', 'a%']) spansOf(part.repeat(30_000).slice(0, 90_000))
  assert.ok(performance.now() - begun < 2_000)
})
