// News that come in the very moment in which the last ones have been told must begin another telling.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { MailboxView, ViewNews } from '#mail/account-view.ts'
import type { Peer } from './peer.ts'
import type { Selected } from './session.ts'
import { Teller } from './teller.ts'

/** A view whose only news is that it has some. */
function newsOnly() {
  let listener: (() => void) | undefined
  let has = false
  const nothing: ViewNews = {
    expunged: { ranges: [], uids: new Uint32Array(0) },
    added: 0,
    changed: [],
    mailboxGone: false,
  }
  const view = {
    length: 0,
    uidNext: 1,
    gone: false,
    get hasNews() {
      return has
    },
    onNews: (given: (() => void) | undefined) => (listener = given),
    allFlags: () => 0,
    advance() {
      has = false
      return nothing
    },
  } as unknown as MailboxView
  const happen = () => {
    has = true
    listener?.()
  }
  return { view, happen, isWaiting: () => has }
}

async function isTold(turns: number): Promise<boolean> {
  const { view, happen, isWaiting } = newsOnly()
  const selected = { view, contexts: new Map(), learnKeywords: () => Promise.resolve(), mailbox: { id: 1 } }
  const session = { kind: 'selected', selected } as unknown as Selected
  const peer = {
    output: { write: () => undefined, isFull: false },
    enabled: {},
    signal: new AbortController().signal,
    flush: () => Promise.resolve(),
  } as unknown as Peer
  const teller = new Teller(session, peer, { expunges: true })
  happen()
  for (let turn = 0; turn < turns; turn++) await Promise.resolve()
  happen()
  await setImmediate()
  await teller.stop()
  return !isWaiting()
}

test('news are told, however many microtasks they come behind the last ones', async () => {
  const untold: number[] = []
  for (let turns = 0; turns < 24; turns++) if (!(await isTold(turns))) untold.push(turns)
  assert.deepEqual(untold, [])
})
