// What the walk takes for the truth must not depend on when it learns what a command was about.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Auditor } from './audit.ts'
import { Notified } from './check-notified.ts'
import { Client, type Pending } from './client.ts'
import { View } from './client-view.ts'
import type { Command } from './command.ts'
import { bury, marksOf, type Message, Model, writeFlag } from './model.ts'
import { honestProxy } from './proxy.ts'
import { endRound } from './round.ts'
import { writeLetter } from './letter.ts'
import { seededRandom } from '../support/random.ts'

const flagsOfWalk = ['\\flagged', 'walk']

/** STORE by this client, answered OK, as number `order` of its round. */
function stored(view: View, order: number, uids: readonly number[], value: boolean): Pending {
  const command: Command = {
    name: 'UID STORE',
    parts: [`UID STORE ${value ? '$ +' : '23 -'}FLAGS (\\Flagged walk)`],
    fresh: new Set(uids),
    resolve(outcome) {
      for (const uid of uids) {
        const message = outcome.model.mailbox(view.mailbox).messages.get(uid)
        if (message) for (const name of flagsOfWalk) writeFlag(message, name, outcome, value, true)
      }
    },
  }
  const tagged = { kind: 'tagged', tag: `c${order}`, status: 'OK', code: { name: 'none' }, text: '' } as unknown
  const nothing = { untagged: [], fetched: new Map(), left: [], sentAt: 0, answeredAt: 0 }
  return { command, tag: `c${order}`, order, view, ...nothing, tagged: tagged as NonNullable<Pending['tagged']> }
}

async function flagsAfter(expungedIsInResult: boolean): Promise<ReadonlySet<string> | undefined> {
  const model = new Model()
  const [source, other] = [model.create('Four'), model.create('one/deep')]
  const letter = writeLetter('m1', seededRandom(1))
  const internalDate = { from: 0, to: Date.now() }
  const add = (mailbox: typeof source, uid: number, marks = marksOf(['\\Seen'])): Message =>
    model.add(mailbox, { uid, letter, internalDate, marks })
  bury(source, add(source, 17), 1n)
  const { common } = add(source, 23)
  const copy = add(other, 15, { ...marksOf([]), common })
  model.beginRound()
  const client = new Client('c', { proxy: honestProxy, onFault: error => assert.fail(error) })
  client.view = new View('Four', false, false)
  // $ may still name what has been expunged since
  const inResult = expungedIsInResult ? [17, 23] : [23]
  const acted = [stored(client.view, 0, inResult, true), stored(client.view, 1, [23], false)]
  await endRound({
    model,
    clients: [client],
    auditor: new Auditor(),
    notified: new Notified(),
    acted: acted.map(pending => ({ client, pending })),
    isUndisturbed: true,
    isFull: false,
  })
  return copy.settledFlags
}

for (const expungedIsInResult of [false, true])
  test(`two STOREs of one client count in its order, $ ${expungedIsInResult ? 'with' : 'without'} one that has gone`, async () => {
    assert.deepEqual(await flagsAfter(expungedIsInResult), new Set(['\\seen']))
  })
