/** The same server as the upstream of some domains: TLS is always demanded, and a second upstream stands in for the first. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually } from '../../support/peers.ts'
import type { Bench } from './bench.ts'
import type { Fault } from './faulty-proxy.ts'

/** Upstreams that fail once, each at another place */
export const upstreamFaults = {
  'cut-mail': { at: 'MAIL', how: 'close' },
  'cut-data': { at: 'DATA', how: 'reset' },
  'cut-end': { at: 'end', how: 'reset' },
} as const satisfies Record<string, Fault>

const badFaces = ['expired', 'misnamed', 'keyless', 'plain'] as const

/** `cut`: the ports of the proxies */
export function upstreamsYaml(
  port: number,
  ca: string,
  cut: Readonly<Record<keyof typeof upstreamFaults, number>>,
): string {
  const byName = ['mx', ...badFaces].map(
    face => `    - { name: ${face}, host: ${face}.mx.internet.test, port: ${port}, ca: ${ca} }`,
  )
  const broken = Object.entries(cut).map(
    ([name, at]) => `    - { name: ${name}, host: 127.0.0.1, port: ${at}, tls: none-on-loopback-only }`,
  )
  const alone = [...badFaces, 'mx'].map(name => `    - { toDomain: via-${name}.test, via: [${name}] }`)
  const spare = [...badFaces, ...Object.keys(upstreamFaults)].map(
    name => `    - { toDomain: spare-${name}.test, via: [${name}, mx] }`,
  )
  return ['  upstreams:', ...byName, ...broken, '  routes:', ...alone, ...spare, '    - { via: mx }', ''].join('\n')
}

export function upstreamSuite(bench: () => Bench): void {
  test('an upstream takes letters over a connection that is kept', async () => {
    const { sender, arrives, heardOf } = bench()
    const pids = new Set<number>()
    for (const name of ['aki', 'ken', 'yui']) {
      const sent = await sender.send(`${name}@via-mx.test`)
      await arrives(sent)
      for (const { pid } of heardOf(sent)) pids.add(pid)
    }
    assert.ok(pids.size < 3)
  })

  for (const [name, reason] of [
    ['expired', /certificate has expired/],
    ['misnamed', /does not match/],
    ['keyless', /answers STARTTLS with 454/],
    ['plain', /offers no STARTTLS/],
  ] as const)
    test(`an upstream whose TLS is no good (${name}): held with the reason, never sent plain; a second one takes it`, async () => {
      const { sender, arrives, heardOf } = bench()
      const alone = await sender.send(`aki@via-${name}.test`)
      await sender.waits(alone, reason)
      assert.deepEqual(heardOf(alone), [])
      await arrives(await sender.send(`aki@spare-${name}.test`))
    })

  for (const name of ['cut-mail', 'cut-data'] as const)
    test(`an upstream that breaks before it has the letter (${name}): the second takes it at once, once`, async () => {
      const { sender, arrives } = bench()
      await arrives(await sender.send(`aki@spare-${name}.test`))
    })

  test('an upstream whose answer is lost may have it: no second one is asked, and it gets it again', async () => {
    const { sender, copies } = bench()
    const sent = await sender.send('aki@spare-cut-end.test')
    assert.match(await sender.waits(sent, /it may have arrived/), /"unsure":true/)
    await eventually('it has it', () => copies(sent).length === 1)
    await sender.retry(sent)
    await sender.left(sent)
    await eventually('the second copy', () => copies(sent).length === 2)
  })
}
