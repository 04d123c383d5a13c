import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { utf8 } from '#base/bytes.ts'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { memorySource } from '#formats/message-source.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import { silentEvents } from '../events.ts'
import type { AccountId, DeliveryId } from '../ids.ts'
import { openQueue } from '../queue/open-queue.ts'
import { Counts, type SendingLimits } from './counts.ts'
import { pauseNotice } from './notice.ts'
import { openSendingWatch } from './watch.ts'

const { simpleParser } = (await import('mailparser' as string)) as {
  simpleParser: (text: string) => Promise<{ readonly subject?: string; readonly text?: string }>
}

const hour = 3600_000
const hanako = { account: 'a1' as AccountId, address: 'hanako@home.test' }
const unlimited: SendingLimits = {
  messagesPerHour: 0,
  messagesPerDay: 0,
  recipientsPerHour: 0,
  recipientsPerDay: 0,
  newRecipientsPerDay: 0,
  failuresPerDay: 0,
  scriptedPerHour: 0,
  scriptedPerDay: 0,
}

test('counts of an hour and a day slide; whom one knows is not new; the oldest is forgotten', () => {
  const counts = new Counts()
  const start = 1_000_000 * hour
  counts.add('messages', 10, start + hour / 2)
  assert.equal(counts.within('messages', 1, start + hour / 2), 10)
  assert.equal(counts.within('messages', 1, start + hour * 1.5), 5, 'half of that hour lies within')
  assert.equal(counts.within('messages', 1, start + hour * 2.5), 0)
  assert.equal(counts.within('messages', 24, start + hour * 20), 10)
  assert.equal(counts.within('messages', 24, start + hour * 26), 0)
  assert.equal(counts.meet(['x', 'y', 'x']), 2)
  assert.equal(counts.meet(['y', 'z']), 1)
  const again = new Counts(JSON.parse(JSON.stringify(counts.state())) as ReturnType<Counts['state']>)
  assert.equal(again.meet(['x', 'y', 'z']), 0)
  assert.equal(again.within('messages', 24, start + hour * 20), 10)
  assert.equal(counts.passed({ ...unlimited, messagesPerHour: 9 }, start + hour / 2), 'messagesPerHour')
  assert.equal(counts.passed({ ...unlimited, messagesPerHour: 10 }, start + hour / 2), undefined)
  counts.forgive()
  assert.equal(counts.passed({ ...unlimited, messagesPerDay: 1 }, start + hour), undefined)
})

test('a clock that is turned, over midnight and back: nothing is lost of the counts, and nothing counts for longer than its hour', () => {
  const counts = new Counts()
  const midnight = Date.UTC(2026, 10, 28)
  counts.add('messages', 10, midnight - hour / 4)
  assert.equal(counts.within('messages', 1, midnight + hour / 4), 10 * 0.75, 'midnight is an hour like others')
  // wrong by twenty hours for a while, and then set right
  counts.add('messages', 5, midnight + 20 * hour)
  assert.equal(counts.within('messages', 24, midnight + 20 * hour), 15)
  const right = midnight + hour / 2
  assert.equal(counts.within('messages', 24, right), 15)
  assert.equal(counts.within('messages', 1, right), 10 * 0.5 + 5)
  assert.equal(counts.within('messages', 1, right + 3 * hour), 0, 'it does not count as new until that day comes')
  assert.equal(counts.within('messages', 24, right + 3 * hour), 15)
  // by a year: a machine without a battery
  counts.add('messages', 1, right - 365 * 24 * hour)
  assert.equal(counts.within('messages', 24, right - 365 * 24 * hour), 16)
  assert.equal(counts.within('messages', 24, right + 30 * hour), 0)
})

async function bed(t: TestContext, limits: Partial<SendingLimits>) {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-watch-'))
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }))
  const sent: { to: string[]; text: string }[] = []
  const queue = await openQueue({
    file: join(folder, 'queue.db'),
    spoolFolder: join(folder, 'spool'),
    name: 'outbound',
    destinationOf: () => 'd',
    transportFor: () => async (envelope, message) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of message.open()) chunks.push(chunk)
      sent.push({ to: envelope.recipients.map(({ address }) => address), text: Buffer.concat(chunks).toString() })
      return envelope.recipients.map(() => ({ status: 'delivered' as const, reply: smtpReply(250, '2.0.0', 'OK') }))
    },
    clock: systemClock,
    log: silentLog,
    events: silentEvents,
    diskReserveBytes: 0,
  })
  t.after(() => queue[Symbol.asyncDispose]())
  const errors: string[] = []
  const open = () =>
    openSendingWatch({
      folder: join(folder, 'sending'),
      limits: () => ({ ...unlimited, ...limits }),
      queue: () => queue,
      tell: async given => {
        await queue.add(
          pauseNotice(given, { hostname: 'mail.home.test', languages: ['ja', 'en'], now: Date.now(), isOwner: false }),
        )
      },
      key: new Uint8Array(32),
      clock: systemClock,
      log: { ...silentLog, error: line => void errors.push(line) },
    })
  let number = 0
  const submit = async (watch: Awaited<ReturnType<typeof open>>, ...to: string[]) => {
    const go = await watch.submitted(hanako, to)
    await queue.add({
      id: `home-out.1.${++number}` as DeliveryId,
      envelope: {
        reversePath: hanako.address,
        recipients: to.map(address => ({ address })),
        body: '7BIT',
        smtpUtf8: false,
      },
      trace: new Uint8Array(0),
      message: memorySource(utf8(`Subject: ${number}\r\n\r\n`)),
      facts: '{}',
      fingerprint: new Uint8Array(32),
      receivedAt: Date.now(),
      expiresAt: Date.now() + 1e9,
      submitter: hanako.address,
      ...(go === 'hold' && { held: true }),
    })
    return go
  }
  const settled = async (depth: number) => {
    for (let tries = 0; queue.depth !== depth && tries < 300; tries++) await pause(10)
    assert.equal(queue.depth, depth)
  }
  return { errors, folder, queue, open, submit, sent, settled }
}

test('too many messages: held and not lost, user and owner told once, resumed by hand, also after a restart', async t => {
  const { queue, open, submit, sent, settled } = await bed(t, { messagesPerHour: 3 })
  {
    await using watch = await open()
    for (let n = 0; n < 3; n++) assert.equal(await submit(watch, `r${n}@internet.test`), 'go')
    await settled(0)
    assert.equal(await submit(watch, 'r3@internet.test'), 'hold')
    assert.equal(await submit(watch, 'r4@internet.test'), 'hold')
    await settled(2)
    assert.deepEqual(
      watch.paused().map(({ address, reason }) => `${address} ${reason}`),
      ['hanako@home.test messagesPerHour'],
    )
  }
  const notices = sent.filter(({ text }) => text.includes('hikyaku user resume'))
  assert.equal(notices.length, 1)
  assert.deepEqual(notices[0]?.to, ['hanako@home.test', 'postmaster@home.test'])
  const mail = await simpleParser(notices[0]?.text ?? '')
  assert.match(mail.subject ?? '', /^送信メールを一時停止しました \/ Outgoing mail is paused$/)
  assert.match(mail.text ?? '', /1時間に非常に多くのメール[^]*very many messages within an hour/)
  const states = async () => (await queue.list()).flatMap(({ recipients }) => recipients.map(({ state }) => state))
  assert.deepEqual(await states(), ['held', 'held'])

  await using watch = await open()
  assert.equal(await submit(watch, 'r5@internet.test'), 'hold', 'the pause outlives a restart')
  assert.equal(await watch.resume('a2' as AccountId), undefined)
  assert.equal(await watch.resume(hanako.account), 3)
  await settled(0)
  assert.equal(await submit(watch, 'r6@internet.test'), 'go')
  await settled(0)
  assert.equal(sent.length, 8, 'each once, and the notice')
  const letters = sent.filter(({ text }) => !text.includes('hikyaku user resume')).map(({ to }) => to[0])
  assert.deepEqual(new Set(letters), new Set([0, 1, 2, 3, 4, 5, 6].map(n => `r${n}@internet.test`)))
  assert.deepEqual(watch.paused(), [])
})

test('sudden strangers pause, old friends do not; many refusals pause', async t => {
  const { open, submit } = await bed(t, { newRecipientsPerDay: 5, failuresPerDay: 10 })
  await using watch = await open()
  const friends = ['a@internet.test', 'b@internet.test', 'c@internet.test']
  for (let n = 0; n < 20; n++) assert.equal(await submit(watch, ...friends), 'go')
  assert.equal(await submit(watch, 'A@INTERNET.test', 'd@internet.test', 'e@internet.test'), 'go')
  assert.equal(await submit(watch, 'f@internet.test'), 'hold')
  assert.equal(watch.paused()[0]?.reason, 'newRecipientsPerDay')
  await watch.resume(hanako.account)
  await watch.failed(hanako.account, hanako.address, 10)
  assert.deepEqual(watch.paused(), [])
  await watch.failed(hanako.account, hanako.address, 1)
  assert.equal(watch.paused()[0]?.reason, 'failuresPerDay')
})

test('by hand; and what waits already is held too', async t => {
  const { queue, open, submit } = await bed(t, {})
  await using watch = await open()
  await queue.add({
    id: 'home-out.9.9' as DeliveryId,
    envelope: {
      reversePath: hanako.address,
      recipients: [{ address: 'x@internet.test' }],
      body: '7BIT',
      smtpUtf8: false,
    },
    trace: new Uint8Array(0),
    message: memorySource(utf8('Subject: later\r\n\r\n')),
    facts: '{}',
    fingerprint: new Uint8Array(32),
    receivedAt: Date.now(),
    expiresAt: Date.now() + 1e9,
    submitter: hanako.address,
    releaseAt: Date.now() + hour,
  })
  assert.equal(await watch.pause(hanako.account, hanako.address), true)
  assert.equal(await watch.pause(hanako.account, hanako.address), false)
  assert.equal((await queue.show('home-out.9.9'))?.recipients[0]?.state, 'held')
  assert.equal(await submit(watch, 'y@internet.test'), 'hold')
  assert.equal(await watch.resume(hanako.account), 2)
  const later = await queue.show('home-out.9.9')
  assert.equal(later?.recipients[0]?.state, 'waiting')
  await pause(100)
  assert.equal((await queue.show('home-out.9.9'))?.recipients[0]?.attempts, 0, 'it still waits for its time')
})

test('a resumption that is cut off is made again: nothing stays held', async t => {
  const { queue, open, submit, sent, settled } = await bed(t, {})
  {
    await using watch = await open()
    await watch.pause(hanako.account, hanako.address)
    await submit(watch, 'x@internet.test')
    const release = queue.releaseFrom.bind(queue)
    queue.releaseFrom = () => Promise.reject(new Error('planted'))
    await assert.rejects(watch.resume(hanako.account), /planted/)
    assert.equal(watch.isPaused(hanako.account), true)
    queue.releaseFrom = release
  }
  await using watch = await open()
  assert.equal(watch.isPaused(hanako.account), true, 'also after a restart')
  assert.equal(await watch.resume(hanako.account), 1)
  await settled(0)
  assert.equal(sent.filter(({ to }) => to.includes('x@internet.test')).length, 1)
})

// A crash there let everything go out that a stolen password had queued, and nobody heard of the pause for a minute.
test('a pause that is cut off between its file and the queue is carried out after the restart', async t => {
  const { queue, open, submit, sent, settled } = await bed(t, { messagesPerHour: 1 })
  const later = Date.now() + hour
  await queue.add({
    id: 'home-out.9.9' as DeliveryId,
    envelope: {
      reversePath: hanako.address,
      recipients: [{ address: 'x@internet.test' }],
      body: '7BIT',
      smtpUtf8: false,
    },
    trace: new Uint8Array(0),
    message: memorySource(utf8('Subject: later\r\n\r\n')),
    facts: '{}',
    fingerprint: new Uint8Array(32),
    receivedAt: Date.now(),
    expiresAt: later + hour,
    submitter: hanako.address,
    releaseAt: later,
  })
  const holdFrom = queue.holdFrom.bind(queue)
  {
    await using watch = await open()
    queue.holdFrom = () => Promise.reject(new Error('planted'))
    assert.equal(await submit(watch, 'a@internet.test'), 'go')
    await assert.rejects(submit(watch, 'b@internet.test'), /planted/)
    assert.equal(await submit(watch, 'c@internet.test'), 'hold', 'whatever fails, it is paused')
  }
  queue.holdFrom = holdFrom
  assert.equal((await queue.show('home-out.9.9'))?.recipients[0]?.state, 'waiting')
  await using watch = await open()
  await watch.settle()
  assert.equal((await queue.show('home-out.9.9'))?.recipients[0]?.state, 'held')
  await settled(2)
  assert.equal(sent.filter(({ text }) => text.includes('hikyaku user resume')).length, 1)
})

test('a pause whose file cannot be read keeps nobody from starting, and the user paused', async t => {
  const { errors, folder, open, submit, sent, settled } = await bed(t, {})
  {
    await using watch = await open()
    await watch.pause(hanako.account, hanako.address)
    await submit(watch, 'a@internet.test')
  }
  for (const text of ['', '{"account":', 'null', '{}']) {
    await writeFile(join(folder, 'sending', 'a1.pause.json'), text)
    await using watch = await open()
    assert.equal(watch.isPaused(hanako.account), true)
    assert.match(errors.pop() ?? '', /^SEND-PAUSE-FILE: a pause cannot be read/)
  }
  await using watch = await open()
  assert.equal(await watch.resume(hanako.account, hanako.address), 1)
  await settled(0)
  assert.equal(sent.filter(({ to }) => to.includes('a@internet.test')).length, 1)
  await using again = await open()
  assert.equal(again.isPaused(hanako.account), false)
})

test('what a script sends counts by limits of its own, and is held with the rest', async t => {
  const { queue, open, submit, settled } = await bed(t, { scriptedPerHour: 2, messagesPerHour: 1 })
  await using watch = await open()
  await watch.scripted(hanako.account, hanako.address, 2)
  assert.equal(await submit(watch, 'r0@internet.test'), 'go', 'letters and what scripts send are counted apart')
  await settled(0)
  await watch.scripted(hanako.account, hanako.address, 1)
  assert.deepEqual(
    watch.paused().map(({ reason }) => reason),
    ['scriptedPerHour'],
  )
  assert.equal(await submit(watch, 'r1@internet.test'), 'hold')
  await settled(1)
  assert.equal(await watch.resume(hanako.account), 1)
  await settled(0)
  assert.equal(queue.depth, 0)
})

test('a letter that was counted and not taken in counts no more', async t => {
  const { open } = await bed(t, { messagesPerHour: 3, recipientsPerHour: 6 })
  await using watch = await open()
  for (let times = 0; times < 10; times++) {
    assert.equal(await watch.submitted(hanako, ['a@internet.test', 'b@internet.test']), 'go')
    await watch.withdrawn(hanako.account, 2)
  }
  assert.deepEqual(watch.paused(), [])
})

test('whoever is user and postmaster at once gets one letter of a pause', () => {
  const pause = { account: hanako.account, address: hanako.address, since: 1, reason: 'by-hand' } as const
  const notice = (isOwner: boolean) =>
    pauseNotice(pause, { hostname: 'mail.home.test', languages: ['en'], now: 1, isOwner }).envelope.recipients
  assert.deepEqual(notice(true), [{ address: 'hanako@home.test' }])
  assert.deepEqual(notice(false), [{ address: 'hanako@home.test' }, { address: 'postmaster@home.test' }])
})
