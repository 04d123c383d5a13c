/** TLS with a real server, as it should be and as it fails: by opportunity, under MTA-STS (RFC 8461), with REQUIRETLS (RFC 8689). */
import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually } from '../../support/peers.ts'
import { smallLetter } from '../letters.ts'
import type { Bench } from './bench.ts'
import type { Sent } from './sender.ts'
import { faces, type Face } from './world.ts'

/** How the server says in its trace field that a letter came through TLS */
const throughTls = /by mx\.internet\.test (?:\(\w+\) )?with \w*smtps\b/i

const brokenHandshakes = ['text instead of TLS', 'nothing instead of TLS', 'reset instead of TLS'] as const

export function tlsSuite(bench: () => Bench): void {
  for (const face of ['expired', 'misnamed'] as const)
    test(`by opportunity: a certificate that is ${face} is better than none`, async () => {
      const { world, sender, arrives } = bench()
      assert.match(await arrives(await sender.send(`aki@${world.domain(`may-${face}`, faces[face])}`)), throughTls)
    })

  test('by opportunity: where TLS is refused, cut out or breaks, the letter goes without it', async () => {
    const { world, sender, arrives } = bench()
    const { domain: stripped, proxy } = await bench().proxied('may-stripped', 'mx', { strips: true })
    const to = [world.domain('may-keyless', faces.keyless), stripped]
    for (const [at, how] of brokenHandshakes.entries()) {
      const fault = { at: 'STARTTLS', how } as const
      to.push((await bench().proxied(`may-broken-${at}`, 'mx', { fault, always: true })).domain)
    }
    const all = await Promise.all(to.map(domain => sender.send(`aki@${domain}`)))
    for (const mail of await Promise.all(all.map(arrives))) assert.doesNotMatch(mail, throughTls)
    assert.ok(proxy.heard.some(command => command.startsWith('MAIL')))
  })

  test('enforce: the host that the policy names, through verified TLS', async () => {
    const domain = bench().world.domain('sts-good', faces.mx, { mode: 'enforce' })
    assert.match(await bench().arrives(await bench().sender.send(`aki@${domain}`)), throughTls)
  })

  for (const [face, reason] of [
    ['expired', /MTA-STS: TLS with \S+ failed: certificate has expired/],
    ['misnamed', /MTA-STS: TLS with \S+ failed: Hostname\/IP does not match/],
    ['keyless', /MTA-STS: \S+ answers STARTTLS with 454/],
  ] as const satisfies readonly (readonly [Face, RegExp])[])
    test(`enforce: ${face}: held with the reason, and nothing of it is said`, async () => {
      const { world, sender } = bench()
      const domain = world.domain(`sts-${face}`, faces[face], { mode: 'enforce' })
      await neverSaid(bench(), await sender.send(`aki@${domain}`), reason)
    })

  test('enforce: another host than the policy names: held', async () => {
    const { world, sender } = bench()
    const domain = world.domain('sts-unlisted', faces.mx, { mode: 'enforce', mx: 'mx.elsewhere.test' })
    await neverSaid(bench(), await sender.send(`aki@${domain}`), /MTA-STS: the policy of \S+ names none of its mail/)
  })

  test('enforce: STARTTLS cut out on the way, or answered with plain text: held, never sent plain; through TLS when it is back', async () => {
    const { sender, arrives } = bench()
    const fault = { at: 'STARTTLS', how: 'text instead of TLS' } as const
    const policy = { mode: 'enforce' } as const
    const cut = await bench().proxied('sts-stripped', 'mx', { strips: true }, policy)
    const text = await bench().proxied('sts-text', 'mx', { fault }, policy)
    const sent = await Promise.all([cut, text].map(({ domain }) => sender.send(`aki@${domain}`)))
    for (const [at, reason] of [/MTA-STS: \S+ offers no STARTTLS/, /MTA-STS: TLS with \S+ failed/].entries())
      await neverSaid(bench(), sent[at] as Sent, reason)
    for (const { proxy } of [cut, text])
      assert.ok(proxy.heard.every(command => /^(?:EHLO|STARTTLS|QUIT)/.test(command)))
    cut.proxy.strips = false
    for (const one of sent) {
      await sender.retry(one)
      assert.match(await arrives(one), throughTls)
    }
  })

  test('enforce: a first host without STARTTLS is passed over, and hears nothing; the second, verified, takes it', async () => {
    const policy = { mode: 'enforce' } as const
    const { domain, proxy } = await bench().proxied('sts-second', 'mx', { strips: true }, policy, 'mx')
    assert.match(await bench().arrives(await bench().sender.send(`aki@${domain}`)), throughTls)
    assert.ok(proxy.heard.length > 0 && proxy.heard.every(command => /^(?:EHLO|QUIT)/.test(command)))
  })

  test('testing: sent all the same, and told; none: as without a policy', async () => {
    const { world, sender, arrives } = bench()
    const testing = world.domain('sts-testing', faces.expired, { mode: 'testing', mx: 'mx.elsewhere.test' })
    const none = await bench().proxied('sts-none', 'mx', { strips: true }, { mode: 'none' })
    assert.match(await arrives(await sender.send(`aki@${testing}`)), throughTls)
    assert.doesNotMatch(await arrives(await sender.send(`aki@${none.domain}`)), throughTls)
    const isTold = () => /"domain":"sts-testing[^\n]*a host does not keep its domain’s policy/.test(sender.home.log())
    await eventually('it is told', isTold)
  })

  test('REQUIRETLS: no server of Debian’s promises it, so it comes back: 5.7.30, with a policy and without', async () => {
    const { world, sender, comesBack } = bench()
    const proven = world.domain('sts-requiretls', faces.mx, { mode: 'enforce' })
    const unproven = world.domain('requiretls', faces.mx)
    for (const [domain, words] of [
      [proven, /does not offer REQUIRETLS/],
      [unproven, /nothing proves which hosts serve/],
    ] as const) {
      const sent = await sender.send(`aki@${domain}`, { letter: smallLetter(), envelope: { requireTls: true } })
      await comesBack(sent, /^Status: 5\.7\.30\r$/m, words)
    }
  })
}

/** It waits for this reason, and the server was told no sender and no recipient of it. */
async function neverSaid({ sender, heardOf, copies }: Bench, sent: Sent, reason: RegExp): Promise<void> {
  await sender.waits(sent, reason)
  assert.deepEqual(heardOf(sent), [])
  assert.equal(copies(sent).length, 0)
}
