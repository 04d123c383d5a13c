import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { silentLog, type Log } from '#base/log.ts'
import { accountId, delivery, largeLetter, withAccounts } from './accounts.testbed.ts'
import { keepScrubbed } from './scrub.ts'

const signal = new AbortController().signal

test('a message whose octets have changed on the disk is told of, in every round, and the others go on', async () => {
  await withAccounts(async (accounts, folder) => {
    const [bad, good] = [accountId(1), accountId(2)]
    for (const id of [bad, good]) {
      await accounts.createAccount(id, 'en')
      await accounts.deliver(delivery(id, { message: largeLetter(200_000) }), signal)
    }
    const messages = join(folder, bad, 'messages')
    const path = join(messages, (await readdir(messages))[0] ?? '')
    const bytes = await readFile(path)
    bytes[100_000] = (bytes[100_000] ?? 0) ^ 1
    await writeFile(path, bytes)
    const told: string[] = []
    const enough = Promise.withResolvers<void>()
    const note = (sentence: string, fields?: object) => {
      const { account, checked } = fields as { account: string; checked: number }
      told.push(`${sentence} ${account === bad ? 'bad' : 'good'} ${checked}`)
      if (told.length === 4) enough.resolve()
    }
    const log: Log = { ...silentLog, error: note, debug: note }
    await using _scrub = keepScrubbed({ accounts, log, firstAfterMs: 1, betweenRoundsMs: 1, pauseMs: 1 })
    await enough.promise
    const round = ['Stored messages are damaged bad 1', 'Stored messages are well good 1']
    assert.deepEqual(told.slice(0, 4).sort(), [...round, ...round].sort())
  })
})

test('it ends while it waits', { timeout: 5_000 }, async () => {
  await withAccounts(async accounts => {
    await using _scrub = keepScrubbed({ accounts, log: silentLog })
  })
})
