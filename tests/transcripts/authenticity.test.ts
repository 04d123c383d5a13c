// The dialogues in src/mail/authenticity/transcripts/: a real SMTP session with the gateway's receiver, home behind it, and a name server over
// UDP that answers for the domains below.
//
//     @policy spfFail reject               a setting of gateway.checks.authenticity, from here on
//     @stored Junk 1 /pattern/             so many messages are there, and the header of the last one, unfolded, matches
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import test, { type TestContext } from 'node:test'
import { systemClock } from '#base/clock.ts'
import { startNameServer } from '#demo/internet/name-server.ts'
import type { ZoneRecord } from '#demo/internet/zone.ts'
import { createAuthenticityJudge } from '#mail/authenticity/judge.ts'
import { namesOf } from '#mail/authenticity/names.ts'
import { type AuthenticityPolicy, createAuthenticityCheck } from '#mail/authenticity/policy.ts'
import { createResolver } from '#net/dns.ts'
import { nameServerOf } from '#roles/name-server.ts'
import { type Flow, startFlow, storedText } from '../../src/mail/receive/mail-flow.testbed.ts'
import { smtpBench } from '../../src/protocols/smtp/smtp.testbed.ts'
import { freePort } from '../support/peers.ts'
import { runTranscript } from '../support/transcript.ts'

const hanako = 'hanako@home.test'

/** The keys of RFC 8463 Appendix A; the peer is 192.0.2.1. */
const texts: Readonly<Record<string, string>> = {
  'brisbane._domainkey.football.example.com': 'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
  'test._domainkey.football.example.com':
    'v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB',
  '_dmarc.football.example.com': 'v=DMARC1; p=reject; rua=mailto:d@football.example.com',
  'bank.example': 'v=spf1 ip4:192.0.2.1 -all',
  '_dmarc.bank.example': 'v=DMARC1; p=reject',
  'shop.example': 'v=spf1 a:mail.shop.example -all exp=why.shop.example',
  'why.shop.example': '%{i} is none of our hosts',
  '_dmarc.shop.example': 'v=DMARC1; p=quarantine',
}
const zone = new Map<string, readonly ZoneRecord[]>([
  ...Object.entries(texts).map(([name, data]): [string, ZoneRecord[]] => [name, [{ type: 'TXT', data }]]),
  ['mail.shop.example', [{ type: 'A', data: '192.0.2.99' }]],
])

async function startGateway(t: TestContext, policy: AuthenticityPolicy): Promise<Flow> {
  const port = await freePort()
  const names = await startNameServer({ port, zone })
  t.after(() => names[Symbol.asyncDispose]())
  const resolver = createResolver({ servers: [`127.0.0.1:${port}`] })
  const judge = createAuthenticityJudge({
    names: namesOf(nameServerOf(resolver)),
    clock: systemClock,
    hostname: 'mx.home.test',
    explain: true,
  })
  return await startFlow(t, { gateway: { authenticity: createAuthenticityCheck(judge, () => policy) } })
}

async function assertStored(flow: Flow, words: readonly string[]): Promise<void> {
  const [mailbox = '', count = '', ...pattern] = words
  assert.equal(await flow.count(hanako, mailbox), Number(count))
  if (pattern.length === 0) return
  const text = await storedText(flow, hanako, Number(count) - 1, mailbox)
  const [header = ''] = text.split('\r\n\r\n')
  assert.match(
    header.replace(/\r\n[ \t]/g, ' ').replace(/\r\n/g, '\n'),
    new RegExp(pattern.join(' ').slice(1, -1), 'm'),
  )
}

for (const file of globSync(path.join(import.meta.dirname, '../../src/mail/authenticity/transcripts/*.txt')))
  test(path.basename(file), { timeout: 30_000 }, async t => {
    const policy = { dmarcReject: 'reject', spfFail: 'accept', trustedSealers: [] } satisfies AuthenticityPolicy
    const flow = await startGateway(t, policy)
    await using bench = await smtpBench('mx', { receiver: flow.gateway })
    await runTranscript(readFileSync(file, 'utf8'), {
      connect: () => bench.session().client,
      async prepare([word, ...words]) {
        if (word === 'policy') Object.assign(policy, { [words[0] ?? '']: words[1] })
        else if (word === 'stored') await assertStored(flow, words)
        else throw new Error(`@${word} is not known`)
      },
    })
  })
