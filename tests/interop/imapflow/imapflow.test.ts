// imapflow with all extensions it knows, over TLS verified against the demo's CA. See README.md.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test, { after, before, describe } from 'node:test'
import { eventually } from '../../support/peers.ts'
import { startInteropDemo } from '../demo.ts'
import { japaneseLetter, largeLetter, smallLetter, type TestLetter } from '../letters.ts'
import type { MailboxAt } from '../mailbox.ts'
import { type FlowSession, openFlow } from './session.ts'

describe('imapflow', { timeout: 120_000 }, () => {
  const scope = new AsyncDisposableStack()
  let mailbox: MailboxAt
  let here: FlowSession
  let there: FlowSession

  before(async () => {
    const at = await startInteropDemo(scope)
    mailbox = await at.addUser('kaori')
    here = await openFlow(scope, mailbox)
    there = await openFlow(scope, mailbox)
  })
  after(() => scope.disposeAsync())

  const byUid = { uid: true } as const

  async function append(name: string, letter: TestLetter, flags: string[] = []): Promise<string> {
    const done = await here.client.append(name, letter.bytes, flags, new Date('2026-01-06T00:30:00Z'))
    assert.ok(done && done.uid, 'APPENDUID')
    return String(done.uid)
  }

  test('it puts on compression, CONDSTORE and QRESYNC, and knows who we are', () => {
    const { client, sent } = here
    assert.ok(sent.includes('COMPRESS DEFLATE'), sent.join('\n'))
    assert.ok(client.enabled.has('CONDSTORE'))
    assert.ok(client.enabled.has('QRESYNC'))
    assert.equal(client.serverInfo?.['name'], 'Hikyaku')
  })

  test('mailboxes: made below each other, subscribed, listed with uses and counts, renamed, deleted', async () => {
    const { client } = here
    const made = await client.mailboxCreate(['写真', '夏 2026'])
    assert.equal(made.path, '写真/夏 2026')
    assert.equal(made.created, true)
    assert.ok(made.mailboxId)
    await client.mailboxSubscribe(made.path)
    await append(made.path, smallLetter(), ['\\Seen'])
    await append(made.path, smallLetter())
    const listed = await client.list({ statusQuery: { messages: true, unseen: true, uidNext: true } })
    const found = listed.find(({ path }) => path === made.path)
    assert.equal(found?.subscribed, true)
    assert.deepEqual([found.status?.messages, found.status?.unseen, found.status?.uidNext], [2, 1, 3])
    const uses = listed.map(({ specialUse }) => specialUse ?? '').filter(use => use !== '')
    assert.deepEqual(uses.sort(), ['\\Archive', '\\Drafts', '\\Inbox', '\\Junk', '\\Sent', '\\Trash'])
    await client.mailboxRename(made.path, '写真/夏')
    const status = await client.status('写真/夏', { messages: true, highestModseq: true })
    assert.ok(status && status.messages === 2 && (status.highestModseq ?? 0n) > 0n)
    await client.mailboxDelete('写真/夏')
    assert.ok(!(await client.list()).some(({ path }) => path.startsWith('写真/夏')))
  })

  test('what was appended comes back: octets, envelope, structure, dates, ids', async () => {
    const { client } = here
    const letter = japaneseLetter()
    const uid = await append('INBOX', letter, ['\\Flagged', '$Work'])
    await client.mailboxOpen('INBOX')
    const query = {
      source: true,
      envelope: true,
      bodyStructure: true,
      flags: true,
      internalDate: true,
      size: true,
      threadId: true,
    } as const
    const message = await client.fetchOne(uid, { ...query, headers: ['subject'] }, byUid)
    assert.ok(message)
    assert.deepEqual(message.source, letter.bytes)
    assert.equal(message.envelope?.subject, letter.mark)
    assert.equal(message.envelope.from?.[0]?.address, 'stranger@stranger.test')
    assert.equal(message.bodyStructure?.type, 'text/plain')
    assert.equal(message.bodyStructure.parameters?.['charset'], 'utf-8')
    assert.equal(message.size, letter.bytes.length)
    assert.deepEqual([...(message.flags ?? [])].sort(), ['$Work', '\\Flagged'])
    assert.equal(new Date(message.internalDate ?? 0).toISOString(), '2026-01-06T00:30:00.000Z')
    assert.match(message.headers?.toString() ?? '', new RegExp(`^Subject: ${letter.mark}\\r\\n`))
    assert.ok(message.emailId && message.threadId && message.modseq)
    const { content, meta } = await client.download(uid, '1', byUid)
    assert.equal(meta?.charset, 'utf-8')
    assert.match((await octetsOf(content)).toString('utf8'), /拝啓 花子様\r\n/)
  })

  test('a letter of 10 MB is downloaded in pieces, whole', async () => {
    const letter = largeLetter(10_000_000)
    const uid = await append('INBOX', letter)
    const { content, meta } = await here.client.download(uid, undefined, byUid)
    const got = await octetsOf(content)
    assert.equal(meta?.expectedSize, letter.bytes.length)
    assert.equal(sha256(got), sha256(letter.bytes))
    const pieces = here.sent.filter(line => line.startsWith(`UID FETCH ${uid}`) && line.includes('<'))
    assert.ok(pieces.length > 10, `${pieces.length} pieces`)
    const part = await here.client.download(uid, '1', byUid)
    const decoded = Buffer.from(letter.bytes.toString('latin1').split('\r\n\r\n')[1] ?? '', 'base64')
    assert.equal(sha256(await octetsOf(part.content)), sha256(decoded))
  })

  test('searches, by words and marks of all kinds', async () => {
    const { client } = here
    const [seen, japanese, plain] = [smallLetter(), japaneseLetter(), smallLetter()]
    await client.mailboxCreate('探す')
    const uids = [
      await append('探す', seen, ['\\Seen', '\\Answered']),
      await append('探す', japanese, ['$Label1']),
      await append('探す', plain),
    ].map(Number)
    await client.mailboxOpen('探す')
    const find = (query: Parameters<typeof client.search>[0]) => client.search(query, byUid)
    assert.deepEqual(await find({ all: true }), uids)
    assert.deepEqual(await find({ body: '波ダッシュ' }), [uids[1]])
    assert.deepEqual(await find({ seen: false }), [uids[1], uids[2]])
    assert.deepEqual(await find({ keyword: '$Label1' }), [uids[1]])
    assert.deepEqual(await find({ or: [{ header: { 'message-id': plain.mark } }, { answered: true }] }), [
      uids[0],
      uids[2],
    ])
    assert.deepEqual(await find({ not: { subject: seen.mark }, sentSince: '2026-01-06' }), [uids[1], uids[2]])
    assert.deepEqual(await find({ from: 'stranger', smaller: japanese.bytes.length }), [uids[0], uids[2]])
    assert.deepEqual(await find({ before: '2026-01-06' }), [])
    const newest = await client.fetchOne(String(uids[2]), { flags: true }, byUid)
    assert.ok(newest && newest.modseq)
    assert.deepEqual(await find({ modseq: newest.modseq }), [uids[2]])
  })

  test('copies and moves tell the new UIDs; what one session sets the other sees', async () => {
    const { client } = here
    const uids = [await append('INBOX', smallLetter()), await append('INBOX', smallLetter())]
    await client.mailboxCreate('保管')
    await client.mailboxOpen('INBOX')
    const copied = await client.messageCopy(uids.join(','), '保管', byUid)
    assert.ok(copied && copied.uidMap)
    assert.deepEqual(
      [...copied.uidMap],
      [
        [Number(uids[0]), 1],
        [Number(uids[1]), 2],
      ],
    )
    const moved = await client.messageMove(uids[0] ?? '', '保管', byUid)
    assert.ok(moved && moved.uidMap)
    assert.deepEqual([...moved.uidMap], [[Number(uids[0]), 3]])
    assert.deepEqual(await client.search({ uid: uids.join(',') }, byUid), [Number(uids[1])])
    // imapflow 2.1 puts UNCHANGEDSINCE behind the flags, where RFC 7162 §7 has it before them: refused, and nothing is changed
    const conditional = { uid: true, unchangedSince: 1n }
    assert.equal(await client.messageFlagsAdd(uids[1] ?? '', ['\\Flagged'], conditional), false)
    await there.client.mailboxOpen('INBOX')
    await there.client.messageFlagsAdd(uids[1] ?? '', ['\\Answered'], byUid)
    await client.noop()
    const now = await client.fetchOne(uids[1] ?? '', { flags: true }, byUid)
    assert.deepEqual([...((now || undefined)?.flags ?? [])], ['\\Answered'])
  })

  test('while it idles it hears of new letters, flags and deletions elsewhere', async () => {
    const { client } = there
    await client.mailboxOpen('INBOX')
    const idle = client.idle()
    await eventually('it idles', () => there.sent.at(-1)?.startsWith('IDLE'))
    const uid = await append('INBOX', smallLetter())
    await eventually('EXISTS', () => there.exists.at(-1)?.path === 'INBOX')
    await here.client.mailboxOpen('INBOX')
    await here.client.messageFlagsAdd(uid, ['\\Flagged'], byUid)
    await eventually('FETCH', () =>
      there.flags.some(event => event.uid === Number(uid) && event.flags.has('\\Flagged')),
    )
    await here.client.messageDelete(uid, byUid)
    await eventually('VANISHED', () => there.expunged.some(event => event.uid === Number(uid) && event.vanished))
    await client.noop()
    await idle
  })

  test('who comes back learns what changed and what vanished, by SELECT and by FETCH', async () => {
    const uids = [
      await append('INBOX', smallLetter()),
      await append('INBOX', smallLetter()),
      await append('INBOX', smallLetter()),
    ]
    const left = await there.client.mailboxOpen('INBOX')
    assert.ok(left.highestModseq)
    await there.client.mailboxClose()
    await here.client.mailboxOpen('INBOX')
    await here.client.messageFlagsAdd(uids[0] ?? '', ['\\Answered'], byUid)
    await here.client.messageDelete(uids[1] ?? '', byUid)
    const [vanishedBefore, flagsBefore] = [there.expunged.length, there.flags.length]
    const resync = { readOnly: false, changedSince: left.highestModseq, uidValidity: left.uidValidity }
    await there.client.mailboxOpen('INBOX', resync)
    assert.ok(
      there.sent.some(line => /^SELECT INBOX \(QRESYNC \(\d+ \d+/.test(line)),
      there.sent.slice(-3).join('\n'),
    )
    const vanished = there.expunged.slice(vanishedBefore)
    assert.deepEqual(
      vanished.map(({ uid, earlier }) => [uid, earlier]),
      [[Number(uids[1]), true]],
    )
    assert.deepEqual(
      there.flags.slice(flagsBefore).map(({ uid }) => uid),
      [Number(uids[0])],
    )
    await here.client.messageDelete(uids[2] ?? '', byUid)
    const changed = await there.client.fetchAll('1:*', { flags: true }, { uid: true, changedSince: left.highestModseq })
    assert.deepEqual(
      changed.map(({ uid }) => uid),
      [Number(uids[0])],
    )
    await eventually('the other has vanished too', () => there.expunged.some(({ uid }) => uid === Number(uids[2])))
  })

  test('the quota, and an orderly end', async () => {
    const quota = await here.client.getQuota('INBOX')
    assert.deepEqual(quota, { path: 'INBOX' }, 'no limit, no root')
    assert.equal(here.client.usable, true)
    await here.client.logout()
    assert.equal(here.client.usable, false)
  })
})

async function octetsOf(content: AsyncIterable<Buffer> | undefined): Promise<Buffer> {
  assert.ok(content)
  const chunks: Buffer[] = []
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
