// What is done with mail teaches the filter: once each, both ways, across restarts, and never by what the filter did itself.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { sha256 } from '#base/hmac.ts'
import { ownBytes } from '#base/bytes.ts'
import { silentLog } from '#base/log.ts'
import { seenFlag } from '../account.ts'
import { silentEvents, type MailEvent } from '../events.ts'
import type { Uid } from '../ids.ts'
import { type Bench, crlf, letterFrom, messageToJudge, noSignal, owner, withContent } from './content.testbed.ts'

const prize = (number: number) =>
  letterFrom(
    `winner${number}@prize${number}.example`,
    `【重要】あなたは１億円に当選しました (${number})`,
    'おめでとうございます！手数料３，０００円をお振込みいただければ、１億円をお受け取りいただけます。至急ご返信ください。\n当選金受取手続きはこちらから。本日限り。口座番号をお知らせください。',
  )
const friend = (number: number) =>
  letterFrom(
    'aki@internet.test',
    `週末の予定 ${number}`,
    'こんにちは、秋です。土曜日のお昼は空いていますか。駅前の新しいお店に行ってみませんか。図書館の本も返しに行く予定です。\nよろしくお願いします。',
  )

async function teach(bench: Bench, junk: number, ham: number): Promise<void> {
  for (let number = 0; number < ham; number++)
    await bench.mark(await bench.bring(friend(number)), 'inbox', { system: seenFlag })
  for (let number = 0; number < junk; number++) await bench.move(await bench.bring(prize(number)), 'inbox', 'junk')
  await bench.learn()
}

const counts = async ({ content }: Bench) => {
  const { junk, ham } = await content.learning.status(owner)
  return { junk, ham }
}

test('letters moved to Junk: the next one like them is junk, with the reason; a good one is not', () =>
  withContent(async bench => {
    assert.equal((await bench.judge(prize(90))).verdict, 'clean')
    await teach(bench, 4, 5)
    const { verdict, score, reasons } = await bench.judge(prize(91))
    assert.equal(verdict, 'junk', JSON.stringify({ score, reasons }))
    assert.equal(reasons[0]?.code, 'like-junk')
    assert.match(String(reasons[0]?.detail?.['words']), /当選|億円|振込/)
    assert.equal((await bench.judge(friend(92))).verdict, 'clean')
    const stranger = letterFrom(
      'jiro@elsewhere.test',
      '見積書の件',
      '先日はありがとうございました。見積書をお送りしますのでご確認ください。',
    )
    assert.equal((await bench.judge(stranger)).verdict, 'clean')
  }))

test('moved back: taken back and learnt as good; each letter counts once however often it moves', () =>
  withContent(async bench => {
    let uid = await bench.bring(prize(1))
    for (let round = 0; round < 3; round++) {
      uid = await bench.move(uid, 'inbox', 'junk')
      await bench.learn()
      assert.deepEqual(await counts(bench), { junk: 1, ham: 0 })
      uid = await bench.move(uid, 'junk', 'inbox')
      await bench.learn()
      assert.deepEqual(await counts(bench), { junk: 0, ham: 1 })
    }
    // there and back between two looks
    uid = await bench.move(await bench.move(uid, 'inbox', 'junk'), 'junk', 'inbox')
    await bench.learn()
    assert.deepEqual(await counts(bench), { junk: 0, ham: 1 })
    await bench.learn()
    assert.deepEqual(await counts(bench), { junk: 0, ham: 1 })
  }))

test('COPY into Junk counts; the copy back with the original expunged counts back', () =>
  withContent(async bench => {
    const { account } = bench
    const byRole = new Map((await account.mailboxes()).map(mailbox => [mailbox.role, mailbox.id]))
    const [inbox, junk] = [byRole.get('inbox'), byRole.get('junk')]
    assert.ok(inbox && junk)
    const uid = await bench.bring(prize(1))
    await account.copy(inbox, [uid], junk)
    await bench.learn()
    assert.deepEqual(await counts(bench), { junk: 1, ham: 0 })
    const delivered = await bench.bring(friend(1), 'junk')
    await bench.learn()
    await account.copy(junk, [delivered], inbox)
    await account.changeFlags(junk, [delivered], { mode: 'add', system: 16, keywords: [] })
    await account.expunge(junk, [delivered])
    await bench.learn()
    assert.deepEqual(await counts(bench), { junk: 1, ham: 1 })
  }))

test('$Junk and $NotJunk count, whichever was said last, wherever the letter lies', () =>
  withContent(async bench => {
    const uid = await bench.bring(prize(1))
    await bench.mark(uid, 'inbox', { keywords: ['$Junk'] })
    await bench.learn()
    assert.deepEqual(await counts(bench), { junk: 1, ham: 0 })
    const moved = await bench.move(await bench.move(uid, 'inbox', 'junk'), 'junk', 'archive')
    await bench.learn()
    assert.deepEqual(await counts(bench), { junk: 0, ham: 1 }, 'moved out of Junk later, though $Junk is still on it')
    const other = await bench.bring(friend(1), 'junk')
    await bench.mark(other, 'junk', { keywords: ['NonJunk'] })
    await bench.learn()
    assert.deepEqual(await counts(bench), { junk: 0, ham: 2 })
    assert.ok(moved)
  }))

test('what the filter put into Junk, unread mail, drafts and trash teach nothing', () =>
  withContent(async bench => {
    await bench.bring(prize(1), 'junk')
    await bench.bring(friend(1))
    await bench.mark(await bench.bring(friend(2), 'drafts'), 'drafts', { system: seenFlag })
    const thrown = await bench.bring(friend(3))
    await bench.move(thrown, 'inbox', 'trash')
    await bench.learn()
    assert.deepEqual(await counts(bench), { junk: 0, ham: 0 })
    const read = await bench.bring(friend(4))
    await bench.mark(read, 'inbox', { system: seenFlag })
    await bench.learn()
    assert.deepEqual(await counts(bench), { junk: 0, ham: 1 })
    await bench.move(read, 'inbox', 'trash')
    await bench.learn()
    assert.deepEqual(await counts(bench), { junk: 0, ham: 0 }, 'read and thrown away says nothing after all')
  }))

test('whom the account writes to is known: Sent tells it, and a forged name does not profit', () =>
  withContent(async bench => {
    const sent = `From: hanako@home.test\nTo: Jiro <JIRO@elsewhere.test>\nSubject: Hi\n\nHello\n`
    const { learning } = bench.content
    assert.equal(await learning.knows(owner, 'jiro@elsewhere.test'), false)
    await bench.bring(sent, 'sent')
    await bench.learn()
    assert.equal(await learning.knows(owner, 'jiro@elsewhere.test'), true)
    assert.equal(await learning.knows(owner, 'taro@elsewhere.test'), false)
    const letter = letterFrom('Jiro <jiro@elsewhere.test>', 'Re: Hi', 'Hello again')
    const plain = await bench.judge(letter)
    assert.ok(plain.reasons.some(({ code, points }) => code === 'correspondent' && points === -2.5))
    const dmarc = { domain: 'elsewhere.test', policy: 'none', alignedBy: [], disposition: 'none' } as const
    const authenticity = {
      fromDomain: 'elsewhere.test',
      spf: { result: 'fail', scope: 'mailfrom', domain: 'elsewhere.test' },
      dkim: [],
      arc: { result: 'none', sealers: [] },
    } as const
    const forged = await bench.judge(letter, {
      verdicts: { authenticity: { ...authenticity, dmarc: { ...dmarc, result: 'fail' } } },
    })
    assert.ok(!forged.reasons.some(({ code }) => code === 'correspondent') && forged.score > 2)
    const proved = await bench.judge(letter, {
      verdicts: { authenticity: { ...authenticity, dmarc: { ...dmarc, result: 'pass', alignedBy: ['dkim'] } } },
    })
    assert.ok(proved.reasons.some(({ code, points }) => code === 'correspondent' && points === -5))
  }))

test('it is told: one line in the log, an event a letter; merely read mail is not', async () => {
  const lines: unknown[] = []
  const events: MailEvent[] = []
  const log = { ...silentLog, info: (message: string, fields?: object) => void lines.push({ message, ...fields }) }
  await withContent(
    async bench => {
      await teach(bench, 2, 1)
      assert.deepEqual(lines, [
        { message: 'Learnt from mail that was moved or marked', account: owner, junk: 2, notJunk: 0 },
      ])
      assert.deepEqual(
        events.map(({ kind, detail }) => [kind, detail?.['as'], detail?.['before']]),
        [
          ['learnt', 'junk', 'nothing'],
          ['learnt', 'junk', 'nothing'],
        ],
      )
      assert.match(events[0]?.messageId ?? '', /\.test@prize\d\.example$/)
    },
    { log, events: { ...silentEvents, record: event => void events.push(event) } },
  )
})

test('by itself: a commit is enough, nobody has to ask', () =>
  withContent(async bench => {
    await bench.move(await bench.bring(prize(1)), 'inbox', 'junk')
    const until = performance.now() + 5000
    while ((await counts(bench)).junk === 0 && performance.now() < until)
      await new Promise(resolve => setTimeout(resolve, 50))
    assert.deepEqual(await counts(bench), { junk: 1, ham: 0 })
  }))

test('restarts: what happened while nobody followed is learnt, and nothing twice; a lost or damaged junk.db is built anew', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-content-'))
  try {
    await withContent(bench => teach(bench, 3, 4), { in: folder })
    let uid: Uid | undefined
    await withContent(
      async bench => {
        await bench.learn()
        assert.deepEqual(await counts(bench), { junk: 3, ham: 4 })
        uid = await bench.bring(prize(7))
        await bench.move(uid, 'inbox', 'junk')
        // ends before it was learnt
      },
      { in: folder, mayWrite: () => false },
    )
    await withContent(
      async bench => {
        await bench.learn()
        assert.deepEqual(await counts(bench), { junk: 4, ham: 4 })
      },
      { in: folder },
    )
    for (const damage of ['removed', 'noise'] as const) {
      const file = join(folder, owner, 'junk.db')
      for (const suffix of ['-wal', '-shm']) await rm(`${file}${suffix}`, { force: true })
      if (damage === 'removed') await rm(file)
      else await writeFile(file, Buffer.alloc(20_000, 0x2a))
      await withContent(
        async bench => {
          await bench.learn()
          assert.deepEqual(await counts(bench), { junk: 4, ham: 4 }, damage)
          assert.equal((await bench.judge(prize(8))).verdict, 'junk')
        },
        { in: folder },
      )
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})

test('letters from files: once each, the other way round takes back; forgetting forgets, and old mail teaches nothing again', () =>
  withContent(async bench => {
    const { learning } = bench.content
    const train = (text: string, junk: boolean) => {
      const bytes = ownBytes(crlf(text))
      return learning.train(owner, { hash: sha256(bytes), junk, bytes })
    }
    const letter = prize(1)
    assert.equal(await train(letter, true), true)
    assert.equal(await train(letter, true), false)
    assert.deepEqual(await counts(bench), { junk: 1, ham: 0 })
    assert.equal(await train(letter, false), true)
    assert.deepEqual(await counts(bench), { junk: 0, ham: 1 })
    await teach(bench, 5, 5)
    assert.ok((await learning.status(owner)).tokens > 50)
    await learning.forgetLearnt(owner)
    await bench.learn()
    assert.deepEqual(await learning.status(owner), { junk: 0, ham: 0, tokens: 0, senders: 0, correspondents: 0 })
    assert.equal((await bench.judge(prize(9))).verdict, 'clean')
    await bench.move(await bench.bring(prize(10)), 'inbox', 'junk')
    await bench.learn()
    assert.deepEqual(await counts(bench), { junk: 1, ham: 0 })
  }))

test('an account is removed: its files go with it, whatever is under way', () =>
  withContent(async bench => {
    await teach(bench, 2, 2)
    await bench.judge(prize(3))
    await bench.accounts.purgeAccount(owner)
    assert.equal(existsSync(join(bench.folder, owner, 'junk.db')), false)
    assert.equal((await bench.content.judge(messageToJudge(prize(4)), noSignal)).verdict, 'clean')
  }))
