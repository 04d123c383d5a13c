// Scripts for what IMAP sessions do (RFC 6785), on a real store: what comes of each action, what a repeat and a new start cause, and bounds.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '#base/clock.ts'
import { utf8 } from '#base/bytes.ts'
import { silentLog } from '#base/log.ts'
import { ThreadFailure } from '#store/thread.ts'
import { memorySource } from '#formats/message-source.ts'
import { type Account, deletedFlag, isRefusal, seenFlag } from '../account.ts'
import { openAccounts, type OpenAccounts } from '../accounts.ts'
import { delivery, testOptions } from '../accounts.testbed.ts'
import type { AccountId, DeliveryId, MailboxId, Uid } from '../ids.ts'
import { testSievePorts } from './ports.testbed.ts'
import { createImapEvents, type ImapEvents, Runner } from './run.ts'

const id = 'aaaaaaaaaaaaaaaa' as AccountId
const letter = 'From: taro@example.org\r\nSubject: Meeting\r\nMessage-ID: <one@example.org>\r\n\r\nWords\r\n'
const add = (system: number, ...keywords: string[]) => ({ mode: 'add', system, keywords }) as const

type Bed = {
  readonly accounts: OpenAccounts
  readonly account: Account
  readonly inbox: MailboxId
  quota: number | undefined
  /** Under which name the script is kept */
  put(script: string): Promise<void>
  append(text?: string): Promise<Uid>
  start(): ImapEvents
  done(): Promise<void>
  /** Of the mailbox, each message's flags in names */
  flags(mailbox: string): Promise<readonly string[]>
}

async function withAccount(act: (bed: Bed) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-events-'))
  try {
    await inFolder(folder, act)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

async function inFolder(folder: string, act: (bed: Bed) => Promise<void>): Promise<void> {
  const wake: { events?: ImapEvents } = {}
  const options = {
    ...testOptions(join(folder, 'accounts'), { writerThreads: 1 }),
    quotaOf: () => bed.quota,
    onImapEvents: (account: AccountId) => wake.events?.wake(account),
  }
  await using accounts = await openAccounts(options)
  await accounts.createAccount(id, 'en')
  const account = (await accounts.account(id)).as('one', { login: 'hanako@home.test', script: 'main' })
  const inbox = (await account.mailboxNamed('INBOX'))?.id
  assert.ok(inbox)
  const bed: Bed = {
    accounts,
    account,
    inbox,
    quota: undefined,
    async put(script) {
      assert.deepEqual(await accounts.scripts.put(id, 'main', utf8(script)), {})
    },
    async append(text = letter) {
      const message = { message: memorySource(utf8(text)), flags: add(0), internalDate: 1_000_000 }
      const placed = await account.append(inbox, [message])
      assert.ok(!isRefusal(placed))
      return placed[0]?.uid as Uid
    },
    start() {
      wake.events = createImapEvents({
        accounts,
        ports: testSievePorts(accounts),
        hostname: 'home.test',
        clock: systemClock,
        log: silentLog,
      })
      return wake.events
    },
    async done() {
      for (const began = Date.now(); (await accounts.imapEvent(id)) !== undefined; await sleep(5))
        assert.ok(Date.now() - began < 20_000, 'scripts do not end')
      await accounts.tidy(id)
    },
    async flags(name) {
      const mailbox = await account.mailboxNamed(name)
      if (!mailbox) return []
      const view = await account.open(mailbox.id)
      assert.ok(view)
      const keywords = await account.keywordNames()
      const shown: string[] = []
      for (let index = 0; index < view.length; index++) {
        const bits = view.flags(index)
        const system = ['\\Seen', '\\Answered', '\\Flagged', '\\Draft', '\\Deleted'].filter((_, at) => bits & (1 << at))
        shown.push([...system, ...keywords.filter((_, at) => bits & (32 << at))].join(' '))
      }
      view[Symbol.dispose]()
      return shown
    },
  }
  await act(bed)
}

type Row = {
  readonly why: string
  readonly script: string
  readonly inbox: readonly string[]
  readonly archive?: readonly string[]
  readonly sent?: readonly string[]
}

const need = 'require ["imapsieve", "environment", "fileinto", "copy", "imap4flags", "editheader", "enotify"]; '
const rows: readonly Row[] = [
  { why: 'nothing said: nothing changes', script: '', inbox: [''] },
  { why: 'discard marks it \\Deleted', script: 'discard;', inbox: ['\\Deleted'] },
  {
    why: 'fileinto files it and marks it \\Deleted',
    script: 'fileinto "Archive";',
    inbox: ['\\Deleted'],
    archive: [''],
  },
  { why: 'with :copy it stays', script: 'fileinto :copy "Archive";', inbox: [''], archive: [''] },
  { why: 'with keep it stays', script: 'keep; fileinto "Archive";', inbox: [''], archive: [''] },
  { why: 'into where it is: it stays', script: 'fileinto "INBOX";', inbox: [''] },
  { why: 'flags of keep', script: 'addflag "$One"; keep;', inbox: ['$One'] },
  { why: 'flags of the implicit keep', script: 'addflag "\\\\Flagged";', inbox: ['\\Flagged'] },
  {
    why: 'a copy with other flags is another email',
    script: 'fileinto :copy :flags "\\\\Flagged" "Archive";',
    inbox: [''],
    archive: ['\\Flagged'],
  },
  {
    why: 'what leaves goes with the flags that it gets',
    script: 'fileinto :flags "\\\\Flagged" "Archive";',
    inbox: ['\\Flagged \\Deleted'],
    archive: ['\\Flagged'],
  },
  {
    why: 'redirect: from the owner, and it is marked \\Deleted',
    script: 'redirect "jiro@example.net";',
    inbox: ['\\Deleted'],
    sent: ['redirect hanako@home.test jiro@example.net'],
  },
  {
    why: 'RFC 6785 §8, first example: a copy goes out, and it stays',
    script: 'if environment "imap.cause" ["APPEND", "COPY"] { redirect :copy "actionitems@example.com"; }',
    inbox: [''],
    sent: ['redirect hanako@home.test actionitems@example.com'],
  },
  {
    why: 'notify',
    script: 'notify "mailto:phone@example.net";',
    inbox: [''],
    sent: ['notify  phone@example.net'],
  },
  {
    why: 'items of the environment',
    script:
      'if allof (environment "imap.user" "hanako@home.test", environment "imap.email" "hanako@home.test", environment "imap.mailbox" "INBOX", environment "location" "MS", environment "phase" "post") { addflag "$All"; }',
    inbox: ['$All'],
  },
  { why: 'an edit of what stays is not kept', script: 'addheader "X-A" "b"; addflag "$E";', inbox: ['$E'] },
  {
    why: 'the envelope is an error: it stays',
    script: 'require "envelope"; if envelope "from" "" { discard; }',
    inbox: [''],
  },
]

for (const { archive = [], inbox, script, sent = [], why } of rows)
  test(why, () =>
    withAccount(async bed => {
      const text = script.startsWith('require') ? script : need + script
      await bed.put(text)
      await using _ = bed.start()
      await bed.append()
      await bed.done()
      const seen = await bed.flags('INBOX')
      // behind it the notice that a script failed
      assert.deepEqual(seen.slice(0, 1), inbox)
      assert.equal(seen.length, script.includes('envelope') ? 2 : 1)
      assert.deepEqual(await bed.flags('Archive'), archive)
      const waiting = await bed.accounts.outbox(id, 10)
      const shown = waiting.map(({ envelope, kind }) => {
        const { recipients, reversePath } = JSON.parse(envelope) as {
          recipients: { address: string }[]
          reversePath: string
        }
        return `${kind} ${reversePath} ${recipients.map(({ address }) => address).join()}`
      })
      assert.deepEqual(shown, sent)
    }),
  )

test('an edited copy is filed with its edit, and what stays is untouched', () =>
  withAccount(async bed => {
    await bed.put(`${need}addheader "X-A" "b"; fileinto :copy "Archive";`)
    await using _ = bed.start()
    const uid = await bed.append()
    await bed.done()
    const archive = await bed.account.mailboxNamed('Archive')
    const text = async (mailbox: MailboxId, at: number) => {
      const email = await bed.account.emailAt(mailbox, at)
      const source = email && (await bed.account.message(email))
      assert.ok(source)
      const chunks: Uint8Array[] = []
      for await (const chunk of source.open()) chunks.push(chunk)
      return Buffer.concat(chunks).toString()
    }
    assert.ok(archive)
    assert.equal(await text(archive.id, 1), `X-A: b\r\n${letter}`)
    assert.equal(await text(bed.inbox, uid), letter)
  }))

test('what an earlier run has left is found, and seen once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-events-'))
  try {
    await inFolder(folder, async bed => {
      await bed.put(`${need}fileinto :copy "Archive"; redirect :copy "jiro@example.net";`)
      await bed.append()
    })
    await inFolder(folder, async bed => {
      {
        await using events = bed.start()
        await events.searched
        await bed.done()
      }
      await using again = bed.start()
      await again.searched
      assert.deepEqual(await bed.flags('Archive'), [''])
      assert.equal((await bed.accounts.outbox(id, 10)).length, 1)
    })
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})

test('what is decided twice is done once; a message that is gone costs nothing', () =>
  withAccount(async bed => {
    await bed.put(need)
    const uid = await bed.append()
    const event = await bed.accounts.imapEvent(id)
    assert.ok(event)
    const decided = {
      flags: { add: add(seenFlag), remove: { ...add(0), mode: 'remove' as const } },
      discard: false,
      share: [{ name: 'Archive', create: false }],
      filing: { placements: [], copies: [], remember: [], rejected: undefined },
      outbox: [],
    }
    const { signal } = new AbortController()
    assert.equal(await bed.accounts.finishImapEvent(id, event, decided, signal), 'done')
    assert.equal(await bed.accounts.finishImapEvent(id, event, decided, signal), 'known')
    assert.deepEqual(await bed.flags('Archive'), ['\\Seen'])
    await bed.account.changeFlags(bed.inbox, [uid], add(deletedFlag))
    const next = await bed.accounts.imapEvent(id)
    assert.deepEqual(next?.changedFlags, ['\\Deleted'])
    await bed.account.expunge(bed.inbox)
    assert.ok(next)
    assert.equal(await bed.accounts.finishImapEvent(id, next, decided, signal), 'gone')
    assert.equal(await bed.accounts.imapEvent(id), undefined)
  }))

test('a copy that there is no room for: the message stays as it is', () =>
  withAccount(async bed => {
    await bed.put(`${need}addheader "X-A" "b"; fileinto "Archive";`)
    await bed.append()
    bed.quota = letter.length + 10
    await using events = bed.start()
    await events.searched
    await bed.done()
    assert.deepEqual(await bed.flags('INBOX'), [''])
    assert.deepEqual(await bed.flags('Archive'), [])
  }))

test('one command on many messages: each is seen, with what changed of it', () =>
  withAccount(async bed => {
    await bed.put(`${need}if environment "imap.changedflags" "\\\\Seen" { addflag "$Read"; }`)
    const message = { message: memorySource(utf8(letter)), flags: add(0), internalDate: 1_000_000 }
    const placed = await (await bed.accounts.account(id)).append(
      bed.inbox,
      Array.from({ length: 450 }, () => message),
    )
    assert.ok(!isRefusal(placed))
    const uids = placed.map(({ uid }) => uid)
    await bed.account.changeFlags(bed.inbox, uids.slice(0, 100), add(2))
    await bed.account.changeFlags(bed.inbox, uids, { mode: 'replace', system: 3, keywords: [] })
    await using events = bed.start()
    await events.searched
    await bed.done()
    const flags = await bed.flags('INBOX')
    assert.equal(flags.filter(text => text === '\\Seen \\Answered $Read').length, 100)
    assert.equal(flags.filter(text => text === '\\Seen \\Answered').length, 350)
  }))

test('COPY and MOVE of several: each copy is seen once', () =>
  withAccount(async bed => {
    await bed.put(`${need}if environment "imap.cause" "COPY" { redirect :copy "jiro@example.net"; addflag "$Copied"; }`)
    const plain = await bed.accounts.account(id)
    const message = { message: memorySource(utf8(letter)), flags: add(0), internalDate: 1_000_000 }
    const placed = await plain.append(bed.inbox, [message, message, message])
    assert.ok(!isRefusal(placed))
    const archive = (await bed.account.mailboxNamed('Archive'))?.id
    assert.ok(archive)
    const [one, ...others] = placed.map(({ uid }) => uid)
    await bed.account.copy(bed.inbox, [one as Uid], archive)
    await bed.account.move(bed.inbox, others, archive)
    await using events = bed.start()
    await events.searched
    await bed.done()
    assert.deepEqual(await bed.flags('Archive'), ['$Copied', '$Copied', '$Copied'])
    assert.equal((await bed.accounts.outbox(id, 10)).length, 3)
  }))

test('what POP3, delivery and scripts do raises no event; the empty name is no script', () =>
  withAccount(async bed => {
    await bed.put(need)
    const plain = await bed.accounts.account(id)
    const message = { message: memorySource(utf8(letter)), flags: add(0), internalDate: 1_000_000 }
    await plain.append(bed.inbox, [message])
    assert.equal(await bed.accounts.imapEvent(id), undefined)
    const entry = { name: '/shared/imapsieve/script', value: new Uint8Array() }
    await plain.setMetadata(bed.inbox, [entry])
    await bed.append()
    assert.equal(await bed.accounts.imapEvent(id), undefined)
  }))

test('a message that cannot be shown is passed over after three tries; a full disk is waited for', () =>
  withAccount(async bed => {
    await bed.put(`${need}addflag "$Here";`)
    for (let count = 0; count < 2; count++) await bed.append()
    let full = 5
    const accounts: ConstructorParameters<typeof Runner>[0]['accounts'] = {
      accountsWithImapEvents: () => bed.accounts.accountsWithImapEvents(),
      async imapEvent(account) {
        const event = await bed.accounts.imapEvent(account)
        const open = () => {
          throw new Error('These octets cannot be read')
        }
        const place = { kind: 'file', path: '/nowhere', offset: 0 } as const
        return event?.uid === 1 ? { ...event, message: { sizeBytes: 9, place, open } } : event
      },
      async finishImapEvent(account, event, ...rest) {
        if (event.uid === 2 && full-- > 0) throw new ThreadFailure('The disk is full', 'DISK_FULL')
        return bed.accounts.finishImapEvent(account, event, ...rest)
      },
    }
    const { signal } = new AbortController()
    const ports = testSievePorts(bed.accounts)
    const runner = new Runner({ accounts, ports, hostname: 'home.test', clock: systemClock, log: silentLog }, signal)
    const tries: string[] = []
    while ((await bed.accounts.imapEvent(id)) !== undefined && tries.length < 20)
      await runner.runSome(id).catch((error: unknown) => tries.push(String(error)))
    assert.deepEqual(
      tries.map(error => (/disk/.test(error) ? 'full' : 'unread')),
      ['unread', 'unread', 'full', 'full', 'full', 'full', 'full'],
    )
    await bed.accounts.tidy(id)
    assert.deepEqual(await bed.flags('INBOX'), ['', '$Here'])
  }))

test('what a script sends of a letter that was delivered is told under its delivery; of one that was not, under none', () =>
  withAccount(async bed => {
    await bed.put('require ["imapsieve", "copy"]; redirect :copy "jiro@example.net";')
    await using events = bed.start()
    await events.searched
    const attempt = { id: 'gateway.7' as DeliveryId }
    await bed.accounts.deliver(delivery(id, { attempt }), new AbortController().signal)
    const archive = await bed.account.mailboxNamed('Archive')
    assert.ok(archive)
    const view = await bed.account.open(bed.inbox)
    assert.ok(view)
    await bed.account.copy(bed.inbox, [view.uid(0)], archive.id)
    view[Symbol.dispose]()
    await bed.append()
    await bed.done()
    const outbox = await bed.accounts.outbox(id, 9)
    const letters = outbox.map(item => (JSON.parse(item.envelope) as { letter?: string }).letter)
    assert.deepEqual(letters, ['gateway.7', undefined])
  }))
