import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { concatBytes, utf8 } from '#base/bytes.ts'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { memorySource } from '#formats/message-source.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import { collect } from './accounts.testbed.ts'
import { type Bench, crlf, letterFrom, owner, withContent } from './content/content.testbed.ts'
import type { RefusedMessage } from './deliver/options.ts'
import type { DeliveryId } from './ids.ts'
import { openRefusedMail, type RefusedMail, type RefusedLimits } from './refused.ts'

const trace = utf8('Return-Path: <aki@internet.test>\r\n')
const week: RefusedLimits = { keepForMs: 7 * 24 * 3600 * 1000, maxBytes: 1_000_000 }

function refusedAs(text: string, more: Partial<RefusedMessage> = {}): RefusedMessage {
  return {
    account: owner,
    recipient: 'hanako@home.test',
    deliveryId: 'gateway.1.1' as DeliveryId,
    envelope: { reversePath: 'aki@internet.test', recipients: [], body: '8BITMIME', smtpUtf8: false },
    trace,
    message: memorySource(crlf(text)),
    content: {
      verdict: 'reject',
      score: 20,
      junkFrom: 5,
      reasons: [{ code: 'like-junk', points: 8 }],
      spamtest: 10,
      virustest: 0,
    },
    reply: smtpReply(550, '5.7.1', 'This message looks like junk and was not accepted'),
    at: Date.now(),
    ...more,
  }
}

async function withRefused(
  act: (refused: RefusedMail, bench: Bench, folder: string, open: () => Promise<RefusedMail>) => Promise<void>,
  limits: () => RefusedLimits = () => week,
): Promise<void> {
  await withContent(async bench => {
    const folder = join(bench.folder, 'refused')
    const open = () =>
      openRefusedMail({
        folder,
        key: new Uint8Array(32).fill(5),
        limits,
        deliveries: () => bench.accounts,
        know: (account, address) => bench.content.learning.know(account, address),
        clock: systemClock,
        log: silentLog,
      })
    await using refused = await open()
    await act(refused, bench, folder, open)
  })
}

const inbox = async ({ account }: Bench) => (await account.mailboxNamed('INBOX'))?.messages

test('kept sealed; delivered into the inbox once, as it came; the sender is known from then on', () =>
  withRefused(async (refused, bench, folder) => {
    const text = letterFrom('Aki <aki@internet.test>', '会議の件', 'secret words')
    await refused.keep(refusedAs(text))
    const [kept] = await refused.list(10)
    assert.deepEqual(
      [kept?.sender, kept?.subject, kept?.times, kept?.reply.slice(0, 9)],
      ['aki@internet.test', '会議の件', 1, '550 5.7.1'],
    )
    const [file] = (await readdir(folder)).filter(name => name.endsWith('.sealed'))
    const onDisk = await readFile(join(folder, file ?? ''))
    assert.ok(!onDisk.includes('secret words') && !onDisk.includes('internet.test'))
    const id = kept?.id ?? ''
    assert.deepEqual(await refused.deliver(id, { virus: false }), { kind: 'delivered', again: false })
    assert.deepEqual(await refused.deliver(id, { virus: false }), { kind: 'delivered', again: true })
    assert.equal(await inbox(bench), 1)
    const email = await bench.account.emailAt((await bench.account.mailboxNamed('INBOX'))?.id ?? (0 as never), 1)
    const message = email && (await bench.account.message(email))
    assert.ok(message)
    assert.deepEqual(Buffer.from(await collect(message)), Buffer.from(concatBytes([trace, crlf(text)])))
    const { reasons } = await bench.judge(letterFrom('aki@internet.test', 'Again', 'Hello'))
    assert.ok(reasons.some(({ code }) => code === 'correspondent'))
    assert.equal((await readdir(folder)).filter(name => name.endsWith('.sealed')).length, 0)
  }))

test('a crash between the delivery and its note: delivered again on demand, and stored once', () =>
  withRefused(async (refused, bench) => {
    await refused.keep(refusedAs(letterFrom('a@b.test', 'x', 'y')))
    const [kept] = await refused.list(1)
    // the first try gets as far as the account, and the box dies
    let died = false
    const folder = join(bench.folder, 'refused')
    await using dying = await openRefusedMail({
      folder,
      key: new Uint8Array(32).fill(5),
      limits: () => week,
      deliveries: () => bench.accounts,
      know: () => {
        died = true
        return Promise.reject(new Error('died'))
      },
      clock: systemClock,
      log: silentLog,
    })
    await assert.rejects(() => dying.deliver(kept?.id ?? '', { virus: false }))
    assert.ok(died)
    assert.deepEqual(await refused.deliver(kept?.id ?? '', { virus: false }), { kind: 'delivered', again: false })
    assert.equal(await inbox(bench), 1)
  }))

test('the same message again is counted, not kept twice; to another recipient it is', () =>
  withRefused(async refused => {
    const text = letterFrom('a@b.test', 'x', 'y')
    await refused.keep(refusedAs(text))
    await refused.keep(refusedAs(text, { deliveryId: 'gateway.1.2' as DeliveryId }))
    await refused.keep(refusedAs(text, { recipient: 'info@home.test' }))
    assert.deepEqual(
      (await refused.list(10)).map(({ times }) => times).toSorted((a, b) => a - b),
      [1, 2],
    )
  }))

test('what is refused again is kept anew for as long: its sender may have told nobody the first time', () =>
  withRefused(async refused => {
    const text = letterFrom('a@b.test', 'x', 'y')
    const dayMs = 24 * 3600 * 1000
    await refused.keep(refusedAs(text, { at: Date.now() - 6.9 * dayMs }))
    await refused.keep(refusedAs(text))
    const [kept] = await refused.list(10)
    assert.ok(Date.now() - (kept?.refusedAt ?? 0) < dayMs)
  }))

test('a virus is given out only when asked for by name; a damaged file not at all; what is dropped is gone', () =>
  withRefused(async (refused, bench, folder) => {
    const content = { ...refusedAs('x').content, virus: 'Eicar' }
    await refused.keep(refusedAs(letterFrom('a@b.test', 'x', 'y'), { content }))
    const id = (await refused.list(1))[0]?.id ?? ''
    assert.equal((await refused.deliver(id, { virus: false })).kind, 'carries-a-virus')
    const file = join(folder, `${id}.sealed`)
    const bytes = await readFile(file)
    await writeFile(
      file,
      Buffer.concat([bytes.subarray(0, 40), Buffer.from([1 ^ (bytes[40] ?? 0)]), bytes.subarray(41)]),
    )
    assert.equal((await refused.deliver(id, { virus: true })).kind, 'damaged')
    await writeFile(file, bytes)
    assert.equal((await refused.deliver(id, { virus: true })).kind, 'delivered')
    await refused.keep(refusedAs(letterFrom('a@b.test', 'z', 'y')))
    const other = (await refused.list(1))[0]?.id ?? ''
    assert.deepEqual([await refused.drop(other), await refused.drop(other)], [true, false])
    assert.equal((await refused.deliver(other, { virus: false })).kind, 'no-such-message')
    assert.equal(await inbox(bench), 1)
  }))

test('bounds: old ones go, the oldest beyond the size, and one that is larger than all is not kept; files without a row go at the start', async () => {
  let limits: RefusedLimits = { keepForMs: 3600_000, maxBytes: 10_000 }
  await withRefused(
    async (refused, _bench, folder, open) => {
      const letter = (name: string) => letterFrom('a@b.test', name, 'x'.repeat(3500))
      await refused.keep(refusedAs(letter('old'), { at: Date.now() - 3700_000 }))
      assert.equal((await refused.list(10)).length, 0)
      for (const name of ['one', 'two', 'three']) await refused.keep(refusedAs(letter(name)))
      assert.deepEqual(
        (await refused.list(10)).map(({ subject }) => subject),
        ['three', 'two'],
      )
      await refused.keep(refusedAs(letterFrom('a@b.test', 'large', 'x'.repeat(20_000))))
      assert.equal((await refused.list(10)).length, 2)
      limits = { keepForMs: 0, maxBytes: 10_000 }
      await refused.keep(refusedAs(letter('four')))
      await refused.sweep()
      assert.equal((await refused.list(10)).length, 0)
      await writeFile(join(folder, 'left.sealed'), 'x')
      await using _again = await open()
      assert.deepEqual(
        (await readdir(folder)).filter(name => name.endsWith('.sealed')),
        [],
      )
    },
    () => limits,
  )
})
