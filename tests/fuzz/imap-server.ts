/** The IMAP server on a real store, in each state of a session. */
import type { Authenticator } from '#mail/auth.ts'
import type { AccountId } from '#mail/ids.ts'
import { memorySource } from '#formats/message-source.ts'
import { isRefusal } from '#mail/account.ts'
import { openLocalCa } from '#net/tls/local-ca.ts'
import { testAddress, testPassword, type Testbed, withImap } from '#protocols/imap/imap.testbed.ts'
import { serveImap } from '#protocols/imap/server.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Random } from '../support/random.ts'
import { hostileSession, reached, type Bench } from './hostile-session.ts'
import { disturb } from './imap-disturber.ts'
import { imapProtocol } from './imap-protocol.ts'
import { imapStates, type ImapState } from './imap-states.ts'
import { mutated, type Words } from './mutate.ts'
import { spoken } from './seeds.ts'
import { type Play, type Target, watching } from './target.ts'

const words: Words = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  '{5}\r\nabcde',
  '{5+}\r\nabcde',
  '{0}\r\n',
  '{99999999999}\r\n',
  '~{3+}\r\n\0\0\0',
  '"\\"\\\\"',
  '(((((((((((((((((((((((((((((((((',
  ')))))',
  '()',
  '*',
  '1:*',
  '*:4294967295',
  '1,1,1,1:3,3:1',
  '$',
  'NIL',
  'INBOX',
  '&',
  '&-',
  '&AAA-',
  '%',
  'BODY.PEEK[1.2.3.MIME]<0.10>',
  'BODY[HEADER.FIELDS (Subject To)]',
  'BINARY.PEEK[1]<1.2>',
  'BINARY.SIZE[1.1]',
  'ENVELOPE',
  'BODYSTRUCTURE',
  'MODSEQ',
  '(CHANGEDSINCE 1)',
  '(UNCHANGEDSINCE 0)',
  'OR NOT OR NOT ALL',
  'CHARSET ISO-2022-JP',
  'RETURN (MIN MAX ALL COUNT)',
  'f SELECT INBOX\r\n',
  'f IDLE\r\n',
  'DONE\r\n',
  'f UID FETCH 1:* (FLAGS BODY[])\r\n',
  'f APPEND INBOX {3+}\r\nabc\r\n',
  'f APPEND INBOX UTF8 (~{17+}\r\nSubject: 件\r\n\r\n\0)\r\n',
  'f APPEND INBOX ~{40+}\r\nContent-Transfer-Encoding: binary\r\n\r\n\0\0\0\r\n',
  '"u\u0308"',
  'f MOVE 1 Trash\r\n',
  'f CLOSE\r\n',
  'f AUTHENTICATE PLAIN\r\n',
  'f AUTHENTICATE SCRAM-SHA-256 biwsbj1hLHI9Yg==\r\n',
  'f STARTTLS\r\n',
  'f LOGOUT\r\n',
  'f COMPRESS DEFLATE\r\n',
  'f UNAUTHENTICATE\r\n',
  'f ENABLE QRESYNC UIDONLY IMAP4rev2 UTF8=ACCEPT\r\n',
  'f NOTIFY SET (personal (MessageNew MessageExpunge FlagChange MailboxName))\r\n',
  'f UID SEARCH RETURN (SAVE UPDATE COUNT) ALL\r\n',
  'f UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)\r\n',
  'f APPEND Drafts CATENATE (URL "/INBOX/;UID=1" TEXT {3+}\r\nabc)\r\n',
  'f REPLACE 1 INBOX {3+}\r\nabc\r\n',
  'f SETMETADATA INBOX (/private/comment ~{3+}\r\n\0\0\0)\r\n',
  'f GETMETADATA (DEPTH infinity) INBOX /private\r\n',
  'f ESEARCH IN (personal subtree INBOX) ALL\r\n',
  'f THREAD REFS UTF-8 ALL\r\n',
  'PARTIAL -1:-4294967295',
  'å'.repeat(600),
  Buffer.alloc(40, 0xff),
  Buffer.alloc(9000, 0x78),
]
/** COPY doubles a mailbox: after so many inputs the next find a new account. */
const inputsPerAccount = 60

export const imapServer: Target = {
  name: 'imap',
  weight: 8,
  async run(fuzz) {
    const watch = watching()
    const folder = await mkdtemp(join(tmpdir(), 'hikyaku-fuzz-'))
    try {
      const pair = await (await openLocalCa(folder)).issueServer(['home.test'])
      const people = new People()
      const changes = { log: watch.log, authenticator: people.authenticator, tls: () => pair }
      await withImap(async bed => fuzz(await playsOn(bed, people, watch), watch), changes)
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 10 })
    }
  },
}

async function playsOn(bed: Testbed, people: People, watch: ReturnType<typeof watching>): Promise<Play[]> {
  const seeds = spoken('imap', 'C')
  const facts = { clientAddress: '127.0.0.1' }
  const bench: Bench = {
    protocol: imapProtocol,
    watch,
    serve: connection => serveImap(connection, facts, bed.options, bed.stop.signal),
  }
  let inputs = 0
  await people.next(bed)
  return Object.entries(imapStates).map(([name, state]) => {
    let isReached = false
    return {
      state: name,
      async play(random) {
        inputs++
        if (inputs % inputsPerAccount === 0) await people.next(bed)
        if (!isReached) {
          isReached = true
          return await reached(bench, state)
        }
        return await played(bench, bed, state, mutated(seeds, words, random), random)
      },
    }
  })
}

async function played(bench: Bench, bed: Testbed, state: ImapState, input: Buffer, random: Random) {
  const stop = new AbortController()
  const other = state.disturbed ? disturb(bed, random, stop.signal) : undefined
  const wrong = await hostileSession(bench, state, input, random).finally(() => stop.abort())
  return wrong ?? (await other)
}

/** One name and password, whose account is another one after `next`. */
class People {
  #count = 0
  #account = '' as AccountId

  readonly authenticator: Authenticator = {
    password: (name, password) =>
      Promise.resolve(
        name === testAddress && password === testPassword
          ? {
              kind: 'ok',
              login: { account: this.#account, address: testAddress, ended: new AbortController().signal },
            }
          : { kind: 'refused', reason: 'wrong-password' },
      ),
    scram: () => Promise.resolve({ kind: 'refused', reason: 'unknown-user' }),
    scramReady: () => true,
  }

  async next(bed: Testbed): Promise<void> {
    this.#count += 1
    this.#account = this.#count
      .toString(5)
      .replace(/\d/g, digit => 'abcde'[Number(digit)] ?? '')
      .padStart(16, 'z') as AccountId
    await bed.accounts.createAccount(this.#account, 'en')
    const account = await bed.accounts.account(this.#account)
    const inbox = await account.mailboxNamed('INBOX')
    if (!inbox) throw new Error('There is no inbox')
    const text =
      'From: a@example.org\r\nSubject: seed\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n'
    const flags = { mode: 'add', system: 0, keywords: [] } as const
    const letters = Array.from({ length: 5 }, () => ({
      message: memorySource(Buffer.from(text)),
      flags,
      internalDate: Date.UTC(2026, 0, 1),
    }))
    if (isRefusal(await account.append(inbox.id, letters))) throw new Error('No letters for the inbox')
  }
}
