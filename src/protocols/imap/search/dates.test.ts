// SEARCH by the day of saving counts days as FETCH prints them. RFC 8514 §4.3
import assert from 'node:assert/strict'
import test from 'node:test'
import { memorySource } from '#formats/message-source.ts'
import { isRefusal } from '#mail/account.ts'
import { utf8 } from '#base/bytes.ts'
import { testAccount, testAddress, testPassword, withImap } from '../imap.testbed.ts'
import { LineClient } from '../line-client.testbed.ts'
import { parseDateTime, printDate } from '../syntax/date.ts'
import { compileKey, type KeyScope } from './key.ts'

test('a message is saved on the day that FETCH SAVEDATE names, not before and not after', () =>
  withImap(async bed => {
    const account = await bed.accounts.account(testAccount)
    const inbox = (await account.mailboxNamed('INBOX'))?.id ?? assert.fail('no inbox')
    const message = memorySource(utf8('Subject: x\r\n\r\n'))
    const flags = { mode: 'add', system: 0, keywords: [] } as const
    assert.ok(!isRefusal(await account.append(inbox, [{ message, flags, internalDate: 0 }])))
    using client = new LineClient(bed.connect())
    await client.line()
    await client.command('a', `LOGIN ${testAddress} ${testPassword}`)
    await client.command('b', 'SELECT INBOX')
    const [fetched = ''] = await client.command('c', 'FETCH 1 SAVEDATE')
    const time = parseDateTime(/SAVEDATE "(.*)"/.exec(fetched)?.[1] ?? '') ?? assert.fail(fetched)
    const day = Math.floor(time / 86_400_000)
    const found = async (key: string, offset: number) => {
      const [answer] = await client.command('d', `SEARCH ${key} ${printDate(day + offset)}`)
      return answer === '* SEARCH 1'
    }
    const answers: Record<string, readonly boolean[]> = {}
    for (const key of ['SAVEDBEFORE', 'SAVEDON', 'SAVEDSINCE'])
      answers[key] = [await found(key, -1), await found(key, 0), await found(key, 1)]
    assert.deepEqual(answers, {
      SAVEDBEFORE: [false, false, true],
      SAVEDON: [false, true, false],
      SAVEDSINCE: [true, true, false],
    })
  }))

test('OLDER and YOUNGER both find a message that is so many seconds old', t => {
  // the clock stands, in the middle of a second
  t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_060_700 })
  const age = (key: 'OLDER' | 'YOUNGER', seconds: number) => {
    const scope = { terms: [], threads: new Map(), decode: String } as unknown as KeyScope
    const compiled = compileKey({ key, seconds }, scope)
    return compiled.kind === 'arrived' ? compiled : assert.fail(compiled.kind)
  }
  const finds = (key: 'OLDER' | 'YOUNGER', seconds: number, timeMs: number) => {
    const { from, to } = age(key, seconds)
    return timeMs >= from && timeMs < to
  }
  for (const timeMs of [1_700_000_000_000, 1_700_000_000_300, 1_700_000_000_999])
    assert.deepEqual(
      [59, 60, 61].map(seconds => [finds('OLDER', seconds, timeMs), finds('YOUNGER', seconds, timeMs)]),
      [
        [true, false],
        [true, true],
        [false, true],
      ],
    )
})
