/** What the tests of content share: an account that follows its own teaching, letters, and what the judge says of them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sha256 } from '#base/hmac.ts'
import { utf8 } from '#base/bytes.ts'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { memorySource } from '#formats/message-source.ts'
import { type Account, isRefusal, type MailboxRole } from '../account.ts'
import { accountId, delivery, testOptions } from '../accounts.testbed.ts'
import { openAccounts, type OpenAccounts } from '../accounts.ts'
import { type Content, type ContentOptions, openContent } from '../content.ts'
import { silentEvents } from '../events.ts'
import type { AccountId, MailboxId, Uid } from '../ids.ts'
import type { ContentVerdict, MessageToJudge } from '../judging.ts'
import type { ContentSettings } from './settings.ts'

export const owner = accountId(3)
export const noSignal = new AbortController().signal

export const plainSettings: ContentSettings = {
  filter: true,
  junkFrom: 5,
  rejectFrom: undefined,
  shorteners: [],
  virus: 'reject',
  scannerReject: 'junk',
}

export type Bench = {
  readonly accounts: OpenAccounts
  readonly content: Content
  readonly account: Account
  readonly folder: string
  judge(text: string, more?: Partial<MessageToJudge>): Promise<ContentVerdict>
  /** Delivered there; its UID */
  bring(text: string, role?: MailboxRole): Promise<Uid>
  move(uid: Uid, from: MailboxRole, to: MailboxRole): Promise<Uid>
  mark(
    uid: Uid,
    role: MailboxRole,
    change: { readonly system?: number; readonly keywords?: readonly string[] },
  ): Promise<void>
  /** Everything so far is learnt. */
  learn(): Promise<void>
}

export async function withContent(
  act: (bench: Bench) => Promise<void>,
  options: Partial<ContentOptions> & { readonly in?: string } = {},
): Promise<void> {
  const folder = options.in ?? (await mkdtemp(join(tmpdir(), 'hikyaku-content-')))
  try {
    await using content = openContent({
      folder,
      key: utf8('a key of the tests'),
      settings: () => plainSettings,
      scanners: [],
      log: silentLog,
      clock: systemClock,
      events: silentEvents,
      mayWrite: () => true,
      isContact: async () => false,
      ...options,
    })
    await using accounts = await openAccounts(testOptions(folder, { writerThreads: 1, followers: [content.learning] }))
    await accounts.createAccount(owner, 'en')
    const account = (await accounts.account(owner)).as('test')
    await act(benchOf(folder, accounts, content, account))
  } finally {
    if (options.in === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

function benchOf(folder: string, accounts: OpenAccounts, content: Content, account: Account): Bench {
  const idOf = async (role: MailboxRole): Promise<MailboxId> => {
    const found = (await account.mailboxes()).find(mailbox => mailbox.role === role)
    if (!found) throw new Error(`There is no mailbox ${role}`)
    return found.id
  }
  return {
    folder,
    accounts,
    content,
    account,
    judge: (text, more) => content.judge(messageToJudge(text, more), noSignal),
    async bring(text, role = 'inbox') {
      const message = memorySource(crlf(text))
      const result = await accounts.deliver(
        delivery(owner, { message, mailbox: { role }, trace: utf8('Received: x\r\n') }),
        noSignal,
      )
      if (result.status !== 'stored') throw new Error('Not stored')
      return result.uid
    },
    async move(uid, from, to) {
      const moved = await account.move(await idOf(from), [uid], await idOf(to))
      if (isRefusal(moved)) throw new Error(moved.refused)
      return moved.to[0] as Uid
    },
    async mark(uid, role, { system = 0, keywords = [] }) {
      const changed = await account.changeFlags(await idOf(role), [uid], { mode: 'add', system, keywords })
      if (isRefusal(changed)) throw new Error(changed.refused)
    },
    learn: () => content.learning.catchUp(owner),
  }
}

export function messageToJudge(text: string, more: Partial<MessageToJudge> = {}): MessageToJudge {
  const bytes = crlf(text)
  return {
    account: owner,
    recipient: 'hanako@home.test',
    envelope: {
      reversePath: 'aki@internet.test',
      recipients: [{ address: 'hanako@home.test' }],
      body: '8BITMIME',
      smtpUtf8: false,
    },
    message: memorySource(bytes),
    receivedHash: sha256(bytes),
    verdicts: {},
    clientAddress: '192.0.2.7',
    helo: 'mx.internet.test',
    held: false,
    ...more,
  }
}

export function crlf(text: string): Uint8Array {
  return utf8(text.replaceAll(/\r?\n/g, '\r\n'))
}

let letters = 0

export function letterFrom(from: string, subject: string, body: string): string {
  const domain = from.slice(from.indexOf('@') + 1)
  return `From: ${from}
To: hanako@home.test
Subject: =?utf-8?B?${Buffer.from(subject).toString('base64')}?=
Date: ${new Date().toUTCString().replace('GMT', '+0000')}
Message-ID: <${++letters}.test@${domain}>
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

${body}
`
}

export type { AccountId }
