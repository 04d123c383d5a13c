// RFC 9585: a client that waits is told how far its command is; one that need not wait is told nothing.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import type { Account, Accounts } from '#mail/account.ts'
import { testAccount, testAddress, testPassword, withImap, type Testbed } from './imap.testbed.ts'
import { progressMs, searchSlice } from './limits.ts'
import { LineClient } from './line-client.testbed.ts'
import { Progress } from './progress.ts'

/** A clock that stands until a test moves it. */
function handClock() {
  const waiting = new Set<() => void>()
  return {
    ticks(everyMs: number, tick: () => void): Disposable {
      assert.equal(everyMs, progressMs)
      waiting.add(tick)
      return { [Symbol.dispose]: () => void waiting.delete(tick) }
    },
    tick: () => waiting.forEach(tick => tick()),
    get running() {
      return waiting.size
    },
  }
}

/** Accounts whose method `name` waits before it begins until the test lets it. */
function held(accounts: Accounts, name: 'internalDates' | 'copy' | 'emailParts') {
  const gates: { open(): void }[] = []
  let arrived = Promise.withResolvers<void>()
  const hold = async () => {
    const gate = Promise.withResolvers<void>()
    gates.push({ open: gate.resolve })
    arrived.resolve()
    // a test that fails leaves no session waiting
    await Promise.race([gate.promise, delay(3000)])
  }
  const holding = (account: Account): Account => {
    const copy = async (...args: Parameters<Account['copy']>) => (await hold(), await account.copy(...args))
    const emailParts = async (...[ids, parts]: Parameters<Account['emailParts']>) => {
      await hold()
      return await account.emailParts(ids, parts)
    }
    const internalDates = async (...args: Parameters<Account['internalDates']>) => {
      await hold()
      return await account.internalDates(...args)
    }
    const slow: Record<string, unknown> = {
      copy,
      emailParts,
      internalDates,
      as: (id: string) => holding(account.as(id)),
    }
    return new Proxy(account, {
      get(target, property) {
        if (property === name || property === 'as') return slow[property]
        const value: unknown = Reflect.get(target, property)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
  }
  return {
    accounts: {
      account: async (id: Parameters<Accounts['account']>[0]) => holding(await accounts.account(id)),
    },
    /** Resolves when the method is waiting. */
    async next(): Promise<{ open(): void }> {
      if (gates.length === 0) await Promise.race([arrived.promise, delay(4000)])
      arrived = Promise.withResolvers()
      return gates.shift() ?? assert.fail(`${name} was not called`)
    },
  }
}

async function selected(bed: Testbed, options: Parameters<Testbed['connect']>[0]): Promise<LineClient> {
  const client = new LineClient(bed.connect(options))
  await client.line()
  await client.command('l', `LOGIN ${testAddress} ${testPassword}`)
  await client.command('s', 'SELECT INBOX')
  return client
}

async function fill({ accounts }: Testbed, count: number): Promise<void> {
  const account = await accounts.account(testAccount)
  const inbox = (await account.mailboxNamed('INBOX'))?.id ?? assert.fail('no inbox')
  const message = memorySource(utf8('Subject: x\r\n\r\nletter\r\n'))
  const flags = { mode: 'add', system: 0, keywords: [] } as const
  await account.append(
    inbox,
    Array.from({ length: count }, () => ({ message, flags, internalDate: 0 })),
  )
}

test('SEARCH tells how many messages are decided, and nothing when it is quick', () =>
  withImap(async bed => {
    const count = searchSlice + 8
    await fill(bed, count)
    const clock = handClock()
    const { accounts, next } = held(bed.accounts, 'internalDates')
    using client = await selected(bed, { accounts, ticks: clock.ticks })
    assert.deepEqual(await client.command('a0', 'SEARCH RETURN (COUNT) UNSEEN'), [
      `* ESEARCH (TAG "a0") COUNT ${count}`,
      'a0 OK SEARCH completed',
    ])
    client.send('A001 SEARCH RETURN (COUNT) UID 5:* OLDER 60')
    const first = await next()
    clock.tick()
    assert.equal(await client.line(), `* OK [INPROGRESS ("A001" 4 ${count})] Still working on this`)
    first.open()
    const second = await next()
    clock.tick()
    clock.tick()
    const later = `* OK [INPROGRESS ("A001" ${searchSlice + 4} ${count})] Still working on this`
    assert.deepEqual([await client.line(), await client.line()], [later, later])
    second.open()
    assert.equal(await client.line(), `* ESEARCH (TAG "A001") COUNT ${count - 4}`)
    assert.equal(await client.line(), 'A001 OK SEARCH completed')
    assert.equal(clock.running, 0)
  }))

test('SORT counts the search as half of its work', () =>
  withImap(async bed => {
    await fill(bed, 10)
    const clock = handClock()
    const { accounts, next } = held(bed.accounts, 'emailParts')
    using client = await selected(bed, { accounts, ticks: clock.ticks })
    client.send('A002 SORT (FROM) UTF-8 ALL')
    const rows = await next()
    clock.tick()
    assert.equal(await client.line(), '* OK [INPROGRESS ("A002" 5 10)] Still working on this')
    rows.open()
    assert.match(await client.line(), /^\* SORT 1 2/)
  }))

test('COPY has no count; a tag with ] is not said; other connections hear nothing', () =>
  withImap(async bed => {
    await fill(bed, 2)
    const clock = handClock()
    const { accounts, next } = held(bed.accounts, 'copy')
    using client = await selected(bed, { accounts, ticks: clock.ticks })
    using other = await selected(bed, { ticks: clock.ticks })
    client.send('A]1 COPY 1:2 Trash')
    const copying = await next()
    other.send('b1 UID SEARCH SEEN')
    assert.equal(await other.line(), '* SEARCH')
    clock.tick()
    assert.equal(await client.line(), '* OK [INPROGRESS (NIL NIL NIL)] Still working on this')
    copying.open()
    assert.match(await client.line(), /^A\]1 OK \[COPYUID/)
    assert.equal(await other.line(), 'b1 OK SEARCH completed')
    assert.deepEqual([other.waiting, clock.running], [[], 0])
  }))

test('the goal is never reached before the end, nothing goes back, and a failure ends the telling', async () => {
  const lines: string[] = []
  const clock = handClock()
  const output = { write: (text: string) => void lines.push(/\((.*)\)/.exec(text)?.[1] ?? text) }
  const peer = { output, flush: () => Promise.reject(new Error('gone')) } as unknown as ConstructorParameters<
    typeof Progress
  >[0]
  const progress = new Progress(peer, progressMs, clock.ticks)
  await assert.rejects(
    progress.during({ tag: 'a', goal: 10, phases: 2 }, async () => {
      for (const [done, of] of [
        [0, 4],
        [2, 4],
        [1, 4],
        [4, 4],
      ] as const) {
        progress.reach(done, of)
        clock.tick()
      }
      progress.nextPhase()
      progress.reach(9, 4)
      clock.tick()
      throw new Error('enough')
    }),
    /enough/,
  )
  assert.deepEqual(lines, ['"a" 0 10', '"a" 2 10', '"a" 2 10', '"a" 5 10', '"a" 9 10'])
  assert.equal(clock.running, 0)
})
