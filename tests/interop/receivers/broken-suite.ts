/** A real server behind a line, or a proxy, that fails at each place of a session: the letter waits with a reason and arrives at the next try. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually } from '../../support/peers.ts'
import type { Bench } from './bench.ts'
import type { Fault } from './faulty-proxy.ts'
import { type Face, faces } from './world.ts'

const manners = [
  'close',
  'reset',
  'half',
  'no line end',
  'garble',
  'long line',
  'never the last line',
  'going down',
] as const satisfies readonly Fault['how'][]

/** By what the server can do: pipelined and in chunks, or one command at a time and by DATA. What comes before MAIL is alike. */
const stages = {
  plain: ['greeting', 'EHLO', 'MAIL', 'RCPT', 'body', 'end'],
  old: ['MAIL', 'RCPT', 'DATA', 'body', 'end'],
} as const satisfies Partial<Record<Face, readonly Fault['at'][]>>

/** In a short run each place has a few of the manners, and each manner a few places; RECEIVERS=all: everything everywhere. */
const isWhole = process.env['RECEIVERS'] === 'all'
const shortRun = 3

function mannersAt(at: Fault['at'], order: number): readonly Fault['how'][] {
  // where a letter is under way there is no reply to spoil
  if (at === 'body') return isWhole ? ['close', 'reset', 'going down'] : ['reset']
  if (isWhole) return manners
  return Array.from({ length: shortRun }, (_, turn) => manners[(order * shortRun + turn) % manners.length] ?? 'close')
}

export function brokenSuite(bench: () => Bench): void {
  let order = 0
  for (const face of ['plain', 'old'] as const)
    for (const at of stages[face]) {
      const hows = mannersAt(at, order++)
      test(`it fails at ${at} (${face}): ${hows.join(', ')}`, async () => {
        await Promise.all(hows.map(how => failsOnce(bench(), face, { at, how })))
      })
    }

  // half a minute is the patience for a host that does not let us begin
  for (const at of isWhole ? (['greeting', 'EHLO'] as const) : [])
    test(`it says nothing at ${at}: given up, and named`, async () => {
      const { domain } = await bench().proxied(`silent-${at.toLowerCase()}`, 'plain', { fault: { at, how: 'silence' } })
      const sent = await bench().sender.send(`aki@${domain}`)
      await bench().sender.waits(sent, /took too long to get ready/, 60_000)
      await bench().sender.retry(sent)
      await bench().arrives(sent)
    })

  for (const [at, how] of [
    ['greeting', 'reset'],
    ['EHLO', 'garble'],
    ['MAIL', 'going down'],
  ] as const)
    test(`the first host of a domain fails at ${at} (${how}): the second takes it at once`, async () => {
      const spoilt = { fault: { at, how }, always: true } as const
      const { domain, proxy } = await bench().proxied(`second-${at.toLowerCase()}`, 'plain', spoilt, undefined, 'mx')
      await bench().arrives(await bench().sender.send(`aki@${domain}`))
      assert.equal(proxy.failures, 1)
    })

  for (const [way, domainOf] of [
    ['straight', () => bench().world.domain('leaves', faces.mx)],
    ['by an upstream', () => 'via-mx.test'],
  ] as const)
    test(`the process behind a connection that is kept dies (${way}): the next letter goes over a new one, once`, async () => {
      const { sender, heardOf, arrives } = bench()
      const domain = domainOf()
      const first = await sender.send(`first.dies@${domain}`)
      await arrives(first)
      const { pid } = heardOf(first)[0] ?? { pid: 0 }
      assert.ok(pid > 1)
      process.kill(pid, 'SIGKILL')
      const next = await sender.send(`next.dies@${domain}`)
      await arrives(next)
      assert.ok(heardOf(next).every(one => one.pid !== pid))
    })

  test('the process that takes it is killed before it answers: nothing has arrived, and the next try arrives once', async () => {
    const { world, sender, heardOf, copies, arrives } = bench()
    const domain = world.domain('killed', faces.mx)
    const sent = await sender.send(`doze.${bench().kind.name}@${domain}`)
    const last = await eventually('it has the letter', () =>
      heardOf(sent).find(({ command }) => command.startsWith('BDAT')),
    )
    process.kill(last.pid, 'SIGKILL')
    await sender.waits(sent, /4\.4\.2.*lost after the message: it may have arrived \(unsure\)/)
    assert.equal(copies(sent).length, 0)
    await sender.retry(sent)
    await arrives(sent)
  })
}

async function failsOnce(bench: Bench, face: Face, fault: Fault): Promise<void> {
  const { sender, arrives, copies } = bench
  const name = `${face}-${fault.at}-${fault.how}`.toLowerCase().replaceAll(' ', '-')
  const { domain, proxy } = await bench.proxied(name, face, { fault })
  const sent = await sender.send(`aki@${domain}`)
  const why = await sender.waits(sent, /"code":4[25]1/)
  assert.equal(proxy.failures, 1, name)
  assert.match(why, reasonOf(fault), name)
  // the server took it, its answer was lost: RFC 5321 §4.5.3.2.6 wants it sent again
  const tookIt = fault.at === 'end'
  // all of a small letter is under way at once, so it may have arrived for all that can be known here
  const mayHaveIt = (tookIt || fault.at === 'body') && fault.how !== 'going down'
  assert.equal(/"unsure":true/.test(why), mayHaveIt, `${name}: ${why}`)
  await eventually(`${name}: what it took is there`, () => copies(sent).length === (tookIt ? 1 : 0))
  await sender.retry(sent)
  if (!tookIt) return void (await arrives(sent))
  await eventually(`${name}: the second copy`, () => copies(sent).length === 2)
  await sender.left(sent)
  assert.deepEqual(await sender.reports(sent), [])
}

/** The queue's own words for it */
function reasonOf({ at, how }: Fault): RegExp {
  if (how === 'going down') return /Going down/
  const before = at === 'greeting' || at === 'EHLO'
  if (how === 'garble' || how === 'long line' || how === 'never the last line')
    return before ? /does not speak SMTP/ : /lost (?:before|after) the message.*does not speak SMTP/
  if (before) return /closed the connection|ECONNRESET|Cannot reach/
  return at === 'end' || at === 'body'
    ? /lost after the message: it may have arrived/
    : /lost before the message was sent/
}
