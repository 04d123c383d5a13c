// A small storm: faults on the link, lost replies and restarts of both boxes by a seeded die. Each message its sender has a yes
// for is in each mailbox exactly once at the end.
import assert from 'node:assert/strict'
import test from 'node:test'
import { again, letter, type LinkFault, send, startFlow } from './receive/mail-flow.testbed.ts'

const hanako = 'hanako@home.test'
const taro = 'taro@home.test'
const faults: readonly LinkFault[] = ['none', 'none', 'none', 'away', 'answer-lost', 'message-lost', 'stuck']
const messages = 40

for (const seed of [1, 2])
  test(`storm ${seed}`, async t => {
    const random = die(seed)
    const flow = await startFlow(t, { gateway: { slowAfterMs: 60 } })
    const history: string[] = []
    for (let count = 0; count < messages; count++) {
      const message = letter(`Storm ${count}`)
      const recipients = random() < 0.5 ? [hanako, taro] : random() < 0.5 ? [taro, hanako] : ['both@home.test']
      for (let tries = 0; ; tries++) {
        assert.ok(tries < 50, 'the sender gets through at last')
        const fault = faults[Math.floor(random() * faults.length)] ?? 'none'
        flow.link.fault = fault
        const sent = await send(flow.gateway, recipients, again(message))
        const lost = random()
        const outcome = lost < 0.3 ? 'gone' : lost < 0.4 ? 'killed' : 'confirmed'
        history.push(`${count} ${fault} ${sent.reply.slice(0, 3)} ${outcome}`)
        if (outcome === 'killed') await flow.restartGateway()
        else sent.transaction.settle(outcome)
        if (random() < 0.1) await flow.restartHome()
        if (random() < 0.5) await flow.link.unstick()
        if (outcome === 'confirmed' && sent.reply.startsWith('2')) break
      }
    }
    flow.link.fault = 'none'
    await flow.link.unstick()
    await flow.drain()
    const counts = [await flow.count(hanako), await flow.count(taro)]
    assert.deepEqual(counts, [messages, messages], `seed ${seed}:\n${history.join('\n')}`)
  })

/** Numerical Recipes' linear congruence: the same throws for the same seed. */
function die(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
