// NOTIFY where a dialogue cannot go: slow clients, many watchers, commands that come while news are written.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { isRefusal, type Account } from '#mail/account.ts'
import { testAccount, testAddress, testPassword, withImap, type Testbed } from '../imap.testbed.ts'
import { LineClient } from '../line-client.testbed.ts'

const add = { mode: 'add', system: 0, keywords: [] } as const

async function loggedIn(stream: Duplex, ...commands: readonly string[]): Promise<LineClient> {
  const client = new LineClient(stream)
  await client.line()
  for (const command of [`LOGIN ${testAddress} ${testPassword}`, ...commands]) {
    const answer = await client.command('x', command)
    assert.match(answer.at(-1) ?? '', /^x OK/)
  }
  return client
}

async function put(account: Account, name: string, text: string): Promise<void> {
  const mailbox = await account.mailboxNamed(name)
  assert.ok(mailbox)
  const message = memorySource(utf8(`Subject: ${name}\r\n\r\n${text}\r\n`))
  const placed = await account.append(mailbox.id, [{ message, flags: add, internalDate: 0 }])
  assert.ok(!isRefusal(placed))
}

test('a client that takes nothing is told that there was more, and then nothing until it asks again', () =>
  withImap(async bed => {
    const account = await bed.accounts.account(testAccount)
    const stream = bed.connect()
    const first = await loggedIn(
      stream,
      'SELECT INBOX',
      'NOTIFY SET (selected (MessageNew MessageExpunge)) (personal (MailboxName))',
    )
    first[Symbol.dispose]()
    stream.pause()
    const create = (at: number) => account.createMailbox(`${'long name '.repeat(90)}${at}`)
    for (let at = 0; at < 1300; at += 1) assert.ok(!isRefusal(await create(at)))
    using client = new LineClient(stream)
    stream.resume()
    const lines: string[] = []
    while (!/^\* OK \[NOTIFICATIONOVERFLOW\]|^</.test(lines.at(-1) ?? '')) lines.push(await client.line())
    assert.match(lines.at(-1) ?? '', /^\* OK/, `${lines.length} lines`)
    assert.ok(lines.length < 600, `${lines.length} lines were sent to one who took nothing`)
    await create(5000)
    await put(account, 'INBOX', 'Unheard')
    assert.deepEqual(await client.command('a', 'NOOP'), ['a OK NOOP completed'])
    const again = await client.command('b', 'NOTIFY SET (personal (MailboxName))')
    assert.deepEqual(again, ['* 1 EXISTS', 'b OK NOTIFY completed'])
    await create(6000)
    assert.match(await client.line(), /^\* LIST .* 6000"$/)
  }))

test('commands with literals that come while new messages are told tear nothing apart', () =>
  withImap(async bed => {
    const account = await bed.accounts.account(testAccount)
    const stream = bed.connect()
    const set = 'NOTIFY SET (selected (MessageNew (UID BODY.PEEK[]) MessageExpunge))'
    const client = await loggedIn(stream, 'SELECT INBOX', set)
    const rounds = 30
    const texts = Array.from({ length: rounds }, (_, at) => `${at} `.repeat(20_000))
    const delivering = (async () => {
      for (const text of texts) await put(account, 'INBOX', text)
    })()
    const received: string[] = []
    let continuations = 0
    let answers = 0
    const send = () => client.send(`c${answers} SETMETADATA INBOX (/private/comment {3}`)
    send()
    while (received.length < rounds || answers < rounds) {
      const line = await client.line()
      assert.doesNotMatch(line, /^</)
      if (/^\* \d+ EXISTS$/.test(line)) continue
      const literal = /^\* \d+ FETCH \(UID \d+ BODY\[\] \{(\d+)\}$/.exec(line)
      if (literal) {
        const head = [await client.line(), await client.line()]
        const text = await client.line()
        assert.deepEqual(head, ['Subject: INBOX', ''])
        assert.equal(head.join('\r\n').length + text.length + 4, Number(literal[1]))
        assert.equal(await client.line(), ')')
        received.push(text)
      } else if (line.startsWith('+ ')) {
        continuations += 1
        client.send(`abc)`)
      } else {
        assert.equal(line, `c${answers} OK SETMETADATA completed`)
        answers += 1
        if (answers < rounds) send()
      }
    }
    await delivering
    assert.equal(continuations, rounds)
    assert.deepEqual(received, texts)
    client[Symbol.dispose]()
  }))

test('HIGHESTMODSEQ after EXPUNGE does not cover flags that were withheld', () =>
  withImap(async bed => {
    const account = await bed.accounts.account(testAccount)
    for (const text of ['1', '2', '3']) await put(account, 'INBOX', text)
    const inbox = await account.mailboxNamed('INBOX')
    assert.ok(inbox)
    const set = 'NOTIFY SET (selected (MessageNew MessageExpunge))'
    using client = await loggedIn(bed.connect(), 'ENABLE QRESYNC', 'SELECT INBOX', set)
    using other = await loggedIn(bed.connect(), 'SELECT INBOX')
    await other.command('o1', 'STORE 1 +FLAGS.SILENT (\\Flagged)')
    assert.deepEqual(await client.command('a', 'NOOP'), ['a OK NOOP completed'])
    await client.command('b', 'STORE 3 +FLAGS.SILENT (\\Deleted)')
    const expunged = await client.command('c', 'EXPUNGE')
    const told = /^c OK \[HIGHESTMODSEQ (\d+)\]/.exec(expunged.at(-1) ?? '')?.[1]
    assert.ok(told, expunged.join())
    const since = await client.command('d', `UID FETCH 1:* FLAGS (CHANGEDSINCE ${told})`)
    assert.ok(
      since.some(line => line.startsWith('* 1 FETCH (UID 1 ') && line.includes('\\Flagged')),
      since.join(),
    )
  }))

test('two that watch each other hear all that the other did, and nothing of their own', () =>
  withImap(async bed => {
    const set = 'NOTIFY SET (personal (MessageNew MessageExpunge MailboxName))'
    using one = await loggedIn(bed.connect(), set)
    using two = await loggedIn(bed.connect(), set)
    const rounds = 20
    const create = async (client: LineClient, own: string) => {
      const heard: string[] = []
      for (let at = 0; at < rounds; at += 1)
        heard.push(...(await client.command(`t${at}`, `CREATE ${own}${at}`)).filter(line => line.startsWith('* ')))
      return heard
    }
    const heard = await Promise.all([create(one, 'One'), create(two, 'Two')])
    for (const [at, client] of [one, two].entries()) {
      const lines = heard[at] ?? []
      while (lines.length < rounds) lines.push(await client.line())
      const other = at === 0 ? 'Two' : 'One'
      const expected = Array.from({ length: rounds }, (_, number) => `* LIST (\\HasNoChildren) "/" ${other}${number}`)
      assert.deepEqual(lines.sort(), expected.sort())
    }
    await sleep(20)
    assert.deepEqual([one.waiting, two.waiting], [[], []])
  }))

test('a connection that breaks in the middle of the telling ends alone', () =>
  withImap(async bed => {
    const account = await bed.accounts.account(testAccount)
    const stream = bed.connect()
    const gone = await loggedIn(stream, 'NOTIFY SET (personal (MessageNew MessageExpunge))')
    using stays = await loggedIn(bed.connect(), 'NOTIFY SET (personal (MessageNew MessageExpunge))')
    gone[Symbol.dispose]()
    await put(account, 'INBOX', 'One')
    stream.destroy()
    await once(stream, 'close')
    await put(account, 'INBOX', 'Two')
    for (let line = ''; !/ \(MESSAGES 2 /.test(line); line = await stays.line()) assert.doesNotMatch(line, /^</)
    assert.deepEqual(await stays.command('a', 'NOOP'), ['a OK NOOP completed'])
  }))

test('news that cannot be read from the store end the session, so that nothing is missed', () =>
  withImap(async bed => {
    const accounts = Object.create(bed.accounts) as typeof bed.accounts
    accounts.account = async id => {
      const real = await bed.accounts.account(id)
      const own = Object.create(real, {
        mailboxes: { value: () => Promise.reject(new Error('The disk is away')) },
        subscriptions: { value: () => real.subscriptions() },
        watch: { value: (listener: Parameters<Account['watch']>[0]) => real.watch(listener) },
        as: { value: () => own },
      }) as typeof real
      return own
    }
    using client = await loggedIn(bed.connect({ accounts }), 'NOTIFY SET (personal (MailboxName))')
    await (await bed.accounts.account(testAccount)).createMailbox('New')
    assert.equal(await client.line(), '* BYE News cannot be told now: connect again')
  }))

test('the watcher of a mailbox that is selected and deleted by another is told so', () =>
  withImap(async (bed: Testbed) => {
    const account = await bed.accounts.account(testAccount)
    await account.createMailbox('Short')
    using client = await loggedIn(bed.connect(), 'SELECT Short', 'NOTIFY SET (personal (MailboxName))')
    await account.deleteMailbox('Short')
    assert.equal(await client.line(), '* BYE The mailbox is gone')
  }))

test('what was changed a moment after the last news is known to FETCH with BODY[] or CHANGEDSINCE', () =>
  withImap(async bed => {
    const account = await bed.accounts.account(testAccount)
    await put(account, 'INBOX', 'text')
    const set = 'NOTIFY SET (selected (MessageNew MessageExpunge FlagChange))'
    const watcher = await loggedIn(bed.connect(), 'SELECT INBOX', set)
    const other = await loggedIn(bed.connect(), 'SELECT INBOX')
    const change = async (flags: string) =>
      assert.match((await other.command('s', `STORE 1 ${flags}`)).at(-1) ?? '', /OK/)
    await change('+FLAGS.SILENT (\\Seen)')
    assert.match(await watcher.line(), /^\* 1 FETCH \(UID 1 FLAGS \(\\Seen\)\)/)
    // the watcher rests for a while before it is told anything again
    await change('-FLAGS.SILENT (\\Seen)')
    await watcher.command('a', 'UID FETCH 1 (BODY[TEXT])')
    await other.command('t', 'NOOP')
    const flags = await other.command('t', 'FETCH 1 (FLAGS)')
    assert.ok(flags.includes('* 1 FETCH (FLAGS (\\Seen))'), `read, and not marked: ${flags.join(' | ')}`)
    const status = await other.command('t', 'STATUS INBOX (HIGHESTMODSEQ)')
    const [, modSeq] = /HIGHESTMODSEQ (\d+)/.exec(status.join()) ?? []
    await change('+FLAGS.SILENT (\\Answered)')
    assert.match(await watcher.line(), /Answered/)
    await change('+FLAGS.SILENT (\\Flagged)')
    const since = await watcher.command('b', `UID FETCH 1 (RFC822.SIZE) (CHANGEDSINCE ${Number(modSeq) + 1})`)
    const isTold = since.some(line => line.includes('RFC822.SIZE'))
    assert.ok(isTold, `changed, and not told: ${since.join(' | ')}`)
  }))
