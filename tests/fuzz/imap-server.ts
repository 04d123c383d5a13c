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
import { dialogue } from './dialogue.ts'
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
  Buffer.alloc(40, 0xff),
  Buffer.alloc(9000, 0x78),
]
const login = `p1 LOGIN ${testAddress} ${testPassword}`
const states: Readonly<Record<string, readonly string[]>> = {
  greeted: [],
  'in AUTHENTICATE': ['p1 AUTHENTICATE PLAIN'],
  authenticated: [login],
  'authenticated, CONDSTORE': [login, 'p2 ENABLE CONDSTORE'],
  selected: [login, 'p2 SELECT INBOX'],
  'selected, CONDSTORE': [login, 'p2 SELECT INBOX (CONDSTORE)'],
  'selected, QRESYNC': [login, 'p2 ENABLE QRESYNC', 'p3 SELECT INBOX'],
  'selected, IMAP4rev2': [login, 'p2 ENABLE IMAP4rev2 UTF8=ACCEPT', 'p3 SELECT INBOX'],
  examined: [login, 'p2 EXAMINE INBOX'],
  'in IDLE': [login, 'p2 SELECT INBOX', 'p3 IDLE'],
  'in a literal': [login, 'p2 APPEND INBOX {300}'],
}
/** COPY doubles a mailbox: after so many inputs the next find a new account. */
const inputsPerAccount = 60

export const imapServer: Target = {
  name: 'imap',
  async run(fuzz) {
    const watch = watching()
    const folder = await mkdtemp(join(tmpdir(), 'hikyaku-fuzz-'))
    try {
      const pair = await (await openLocalCa(folder)).issueServer(['home.test'])
      const people = new People()
      const changes = { log: watch.log, authenticator: people.authenticator, tls: () => pair }
      await withImap(async bed => fuzz(await playsOn(bed, people, watch), watch), changes)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

async function playsOn(bed: Testbed, people: People, watch: ReturnType<typeof watching>): Promise<Play[]> {
  const seeds = spoken('imap', 'C')
  const facts = { clientAddress: '127.0.0.1' }
  let inputs = 0
  await people.next(bed)
  return Object.entries(states).map(([state, prelude]) => ({
    state,
    async play(random) {
      inputs++
      if (inputs % inputsPerAccount === 0) await people.next(bed)
      const input = mutated(seeds, words, random)
      const serve = (connection: Parameters<typeof serveImap>[0]) =>
        serveImap(connection, facts, bed.options, bed.stop.signal)
      return await dialogue(serve, prelude, input, random, watch.buffers)
    },
  }))
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
