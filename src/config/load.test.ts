import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { diffConfig } from './diff.ts'
import { type Loaded, loadConfig, parseConfig } from './load.ts'
import { printProblem } from './problem.ts'
import { mask, printConfig } from './show.ts'

const folder = mkdtempSync(join(tmpdir(), 'hikyaku-config-'))
test.after(() => rmSync(folder, { recursive: true }))

const head = 'role: home\nhostname: mail.home.test\ndata: ./data\n'
const env = { HOME_HOST: 'home.test', PORT_HERE: '2525', EMPTY: '' }

function load(text: string): Loaded {
  return parseConfig(text, { path: join(folder, 'hikyaku.yaml'), env })
}

/** `line:column: code key: sentence` of each error. */
function errors(text: string): readonly string[] {
  const loaded = load(text)
  const problems = 'problems' in loaded ? loaded.problems : []
  return problems
    .filter(problem => problem.severity === 'error')
    .map(problem => printProblem({ ...problem, file: '' }, 'en').slice(1))
}

function config(text: string) {
  const loaded = load(text)
  assert.ok('config' in loaded, 'problems' in loaded ? JSON.stringify(loaded.problems) : '')
  return loaded.config
}

/** What stands after `head` (so line 4 is its first), and the errors it gives. */
const faults: readonly (readonly [name: string, text: string, ...expected: readonly string[]])[] = [
  ['unknown key, misspelt', 'hostnmae: x', '4:1: CONF-PARSE hostnmae: unknown key; did you mean hostname?'],
  [
    'unknown key of another program',
    'ssl_min_protocol: TLSv1.2',
    '4:1: CONF-PARSE ssl_min_protocol: unknown key; here this is tls.policy',
  ],
  [
    'known key in the wrong place',
    'messageSize: 50MB',
    '4:1: CONF-PARSE messageSize: unknown key here; it belongs at limits.messageSize',
  ],
  [
    'swapped letters inside a list',
    'listen:\n  - service: imaps\n    prot: 993\ntls: {localCa: true}',
    '6:5: CONF-PARSE listen.0.prot: unknown key; did you mean port?',
  ],
  [
    'service that does not exist',
    'listen:\n  - service: imapss\ntls: {localCa: true}',
    '5:14: CONF-PARSE listen.0.service: "imapss" is not one of mx, lmtp, relay, submission, submissions, imap, imaps, pop3, pop3s, managesieve, http, https, admin; did you mean imaps?',
  ],
  [
    'networks that are none',
    'listen:\n  - { service: imaps }\n  - { service: pop3s, proxy: [10.0.0.5/8, lb.home.test] }\ntls: {localCa: true}',
    '6:31: CONF-PARSE listen.1.proxy.0: the address has bits beyond its prefix: for one address write it without /…, for a network its first address',
    '6:43: CONF-PARSE listen.1.proxy.1: an IP address or network is wanted, such as 192.0.2.10, 10.0.0.0/8 or 2001:db8::/32',
  ],
  [
    'everybody as a proxy',
    'listen:\n  - { service: imaps, proxy: [10.0.0.5, 0.0.0.0/0] }\ntls: {localCa: true}',
    '5:41: CONF-CONFLICT listen.0.proxy.1: 0.0.0.0/0 is everybody: each stranger could choose an address; name the proxies',
  ],
  [
    'XCLIENT for everybody',
    "gateway: { checks: { xclientFrom: ['::/0'] } }",
    '4:36: CONF-CONFLICT gateway.checks.xclientFrom.0: ::/0 is everybody: each stranger could choose an address; name the proxies',
  ],
  [
    'a deny list whose answers are outside of loopback',
    'gateway: { checks: { denyLists: [{ zone: bl.test, answers: [192.0.2.2] }] } }',
    '4:61: CONF-PARSE gateway.checks.denyLists.0.answers.0: a list answers with addresses in 127.0.0.0/8, such as 127.0.0.2 or 127.0.0.8/29',
  ],
  [
    'a mailbox name with a wildcard',
    'home:\n  pop3: {mailbox: 50%}',
    '5:19: CONF-PARSE home.pop3.mailbox: a mailbox name is wanted, such as INBOX or Work/Reports (no % and *)',
  ],
  [
    'port too large',
    'listen:\n  - {service: admin, port: 70000}',
    '5:28: CONF-PARSE listen.0.port: 70000 is too much: at most 65535',
  ],
  [
    'port as text',
    'listen:\n  - {service: admin, port: abc}',
    '5:28: CONF-PARSE listen.0.port: a number is wanted, not "abc"',
  ],
  [
    'size without unit',
    'limits:\n  messageSize: 50',
    '5:16: CONF-PARSE limits.messageSize: a size with its unit is wanted, such as 512KB, 50MB or 2GB',
  ],
  [
    'time without unit',
    'gateway: {hold: 30}',
    '4:17: CONF-PARSE gateway.hold: a time with its unit is wanted, such as 500ms, 10s, 15m, 4h or 30d',
  ],
  [
    'environment variable that is not set',
    'language: ${env:HOME_HOTS}',
    '4:11: CONF-MISSING language: the environment variable HOME_HOTS is not set; HOME_HOST is set',
  ],
  [
    'shell variable in the middle of a text',
    'gateway:\n  home: {url: "lmtp://$MAGICDNS_NAME:2525"}',
    '5:23: CONF-UNEXPANDED gateway.home.url: $MAGICDNS_NAME is not expanded by anyone; for an environment variable write ${env:MAGICDNS_NAME}, for a file ${file:PATH}',
  ],
  [
    'shell variable in braces',
    'dns:\n  servers: ["${DNS}"]',
    '5:14: CONF-UNEXPANDED dns.servers.0: ${DNS} is not expanded by anyone; for an environment variable write ${env:DNS}, for a file ${file:PATH}',
  ],
  [
    'template',
    "dns:\n  servers:\n    - '{{ DNS_SERVER }}'",
    '6:8: CONF-UNEXPANDED dns.servers.0: {{ DNS_SERVER }} is not expanded by anyone; for an environment variable write ${env:DNS_SERVER}, for a file ${file:PATH}',
  ],
  [
    'file that is not there',
    'tls:\n  certificates:\n    - {cert: ./no.crt, key: ./no.key}',
    `6:14: CONF-UNREADABLE tls.certificates.0.cert: ${folder}/no.crt does not exist`,
    `6:29: CONF-UNREADABLE tls.certificates.0.key: ${folder}/no.key does not exist`,
  ],
  [
    'TLS service without a certificate',
    'listen: [{service: imaps}]',
    '1:1: CONF-MISSING tls.certificates: a certificate is needed for imaps: name its files here, or set localCa: true',
  ],
  [
    'LMTP open to the network',
    'listen:\n  - service: lmtp\n    address: 192.0.2.1\n    unauthenticated: true\ntls: {localCa: true}',
    '7:22: LMTP-EXPOSED listen.0.unauthenticated: LMTP would be open to the network at 192.0.2.1: without login it may listen on 127.0.0.1, ::1 or a unix socket only',
  ],
  [
    'LMTP nowhere',
    'listen: [{service: lmtp}]\ntls: {localCa: true}',
    '4:10: CONF-MISSING listen.0: exactly one of address and path is wanted',
  ],
  [
    'service of the other role',
    'listen: [{service: mx}]',
    '4:20: CONF-CONFLICT listen.0.service: mx does not belong to the role home: users and mailboxes are at home, the internet at the gateway',
  ],
  [
    'SMTP where LMTP is spoken',
    'gateway: {home: {url: "smtp://home.test:2525"}}',
    '4:23: LMTP-PROTO gateway.home.url: home speaks LMTP, not SMTP: write lmtp://… (mail sent by SMTP to an LMTP port bounces)',
  ],
  [
    'secret in the file',
    'outbound:\n  upstreams:\n    - {name: relay, host: smtp.internet.test, username: u, password: hunter22}',
    '6:70: SECRET-LITERAL outbound.upstreams.0.password: a secret does not stand in the configuration: use ${file:PATH} or ${env:NAME}',
  ],
  [
    'upstream without TLS',
    'outbound:\n  upstreams:\n    - {name: relay, host: smtp.internet.test, tls: none-on-loopback-only}',
    '6:7: CONF-CONFLICT outbound.upstreams.0: without TLS only 127.0.0.1, ::1 and localhost can be used',
  ],
  [
    'an upstream under the name of our gateway',
    'outbound:\n  upstreams: [{name: gateway, host: smtp.internet.test}]',
    '5:22: CONF-CONFLICT outbound.upstreams.0.name: gateway is the name of our own gateway (outbound.gateway); give the upstream another',
  ],
  [
    'a way to the gateway that proves nothing',
    'outbound:\n  gateway: {url: "lmtps://gateway.home.test"}',
    '5:3: CONF-MISSING outbound.gateway: nothing proves home to the gateway: name clientCertificate or sasl',
  ],
  [
    'a relay at home',
    'listen: [{service: relay, address: 127.0.0.1}]\ntls: {localCa: true}',
    '4:20: CONF-CONFLICT listen.0.service: relay does not belong to the role home: users and mailboxes are at home, the internet at the gateway',
  ],
  [
    'route to nobody',
    'outbound:\n  routes: [{via: [sendgird]}]',
    '5:19: CONF-CONFLICT outbound.routes.0.via.0: no upstream is called sendgird',
  ],
  [
    'gateway that proves nothing',
    'home:\n  gateways:\n    - name: tokyo',
    '6:7: CONF-MISSING home.gateways.0: nothing proves this gateway: name clientCertificate, clientCertificateFile or saslPasswordFile',
  ],
  [
    'two services on one port',
    'listen: [{service: admin, port: 80}, {service: http, port: 80}]',
    '4:38: CONF-CONFLICT listen.1: port 80 is already taken by admin',
  ],
  ['text where a block belongs', 'tls: yes please', '4:6: CONF-PARSE tls: a block of keys is wanted, not "yes please"'],
  [
    'alias',
    'dns: &a {servers: []}\nlog: *a',
    '5:6: CONF-PARSE aliases (*name) are not used here: write the value again',
  ],
]

for (const [name, text, ...expected] of faults)
  test(`fault: ${name}`, () => assert.deepEqual(errors(head + text), expected))

test('all problems come at once, in the order of the file, in both languages', () => {
  const found = errors('role: hoem\ndata: $DATA\nlimits: {messageSize: big}\n')
  assert.deepEqual(
    found.map(line => line.split(' ').slice(0, 3).join(' ')),
    [
      '1:1: CONF-MISSING hostname:',
      '1:7: CONF-PARSE role:',
      '2:7: CONF-UNEXPANDED data:',
      '3:23: CONF-PARSE limits.messageSize:',
    ],
  )
  assert.match(found[1] ?? '', /"hoem" is not one of gateway, home, both; did you mean home\?/)
  const loaded = load('role: hoem\n')
  assert.ok('problems' in loaded)
  for (const problem of loaded.problems) assert.match(printProblem(problem, 'ja'), /[ぁ-んァ-ン一-龠]/)
})

test('broken YAML names its line', () => {
  const loaded = load(`${head}listen:\n  - {service: imaps\n`)
  assert.ok('problems' in loaded)
  assert.equal(loaded.problems[0]?.code, 'CONF-PARSE')
  assert.ok((loaded.problems[0]?.line ?? 0) >= 5)
  const twice = load(`${head}role: home\n`)
  assert.ok('problems' in twice && twice.problems[0]?.line === 4)
})

test('a missing file is an error, never a run on defaults', () => {
  const loaded = loadConfig(join(folder, 'nowhere.yaml'), {})
  assert.ok('problems' in loaded)
  assert.equal(loaded.problems[0]?.code, 'CONF-DEFAULT')
})

test('expansions: environment, file without its line end, numbers, inside a text', () => {
  writeFileSync(join(folder, 'relay.key'), 'p$ss{{word}}\r\n', { mode: 0o600 })
  const loaded = config(
    `${head}listen: [{service: admin, port: "\${env:PORT_HERE}"}]
outbound: {upstreams: [{name: relay, host: "smtp.\${env:HOME_HOST}", username: u, password: "\${file:./relay.key}"}]}
`,
  )
  assert.equal(loaded.listen[0]?.port, 2525)
  const upstream = loaded.outbound.upstreams[0]
  assert.deepEqual([upstream?.host, upstream?.port, upstream?.password], ['smtp.home.test', 587, 'p$ss{{word}}'])
  const shown = printConfig(loaded)
  assert.ok(!shown.includes('p$ss') && shown.includes(mask))
  assert.match(shown, /messageSize: 50MB/)
  assert.match(shown, /hold: 30d/)
})

test('what config show prints is itself a configuration with the same meaning', () => {
  const first = config(`${head}tls: {localCa: true}\nlisten: [{service: lmtp, path: ./l.sock}, {service: imaps}]\n`)
  const second = config(printConfig(first))
  assert.deepEqual(diffConfig(first, second), [])
})

test('relative paths start at the configuration file; the result is frozen', () => {
  const loaded = config(head)
  assert.equal(loaded.data, join(folder, 'data'))
  assert.match(loaded.source.sha256, /^[0-9a-f]{64}$/)
  assert.throws(() => Object.assign(loaded.limits, { recipients: 1 }), TypeError)
})

test('an unreadable secret and one open to others are told apart', () => {
  const secret = join(folder, 'open.key')
  writeFileSync(secret, 'x')
  chmodSync(secret, 0o644)
  const loaded = load(`${head}home: {gateways: [{name: tokyo, saslPasswordFile: ./open.key}]}\n`)
  assert.ok('config' in loaded)
  const warning = loaded.warnings.find(problem => problem.code === 'SECRET-PERM')
  assert.match(warning?.text.en ?? '', /mode 0644/)
  assert.equal(warning?.line, 4)
})

test('diff tells a reload from a restart', () => {
  const before = config(head)
  const after = config(`${head}limits: {messageSize: 10MB}\nlanguage: ja\ndns: {servers: [127.0.0.1]}\n`)
  assert.deepEqual(
    diffConfig(before, after).map(change => [change.key, change.from, change.to, change.needs]),
    [
      ['language', 'en', 'ja', 'reload'],
      ['dns.servers', [], ['127.0.0.1'], 'restart'],
      ['limits.messageSize', '50MB', '10MB', 'reload'],
    ],
  )
})
