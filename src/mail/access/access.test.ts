import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import type { Login } from '../auth.ts'
import { openDirectory } from '../directory/open.ts'
import type { AccountId } from '../ids.ts'
import { openPasswords } from '../passwords/passwords.ts'
import { createAccess } from './access.ts'

const day = 24 * 60 * 60_000
const key = new Uint8Array(32).fill(3)
const origin = { userAgent: 'A browser', clientAddress: '192.0.2.7' }

type Opened = Awaited<ReturnType<typeof opened>>
type Time = { now: number }

async function opened(folder: string, time: Time) {
  const passwords = openPasswords()
  const clock = { now: () => time.now, monotonic: () => time.now }
  const directory = await openDirectory({ folder, passwords, clock, createAccount: () => Promise.resolve() })
  const access = createAccess({ rows: directory.access, clock, key })
  const login = (account: AccountId): Login => ({ account, address: '', ended: new AbortController().signal })
  return {
    directory,
    access,
    login,
    async [Symbol.asyncDispose]() {
      access[Symbol.dispose]()
      await directory[Symbol.asyncDispose]()
      await passwords[Symbol.asyncDispose]()
    },
  }
}

async function inFolder(
  act: (open: () => Promise<Opened>, time: Time, folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'access-'))
  const time = { now: 1_000 * day }
  try {
    await act(() => opened(folder, time), time, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

async function yuki({ directory }: Opened): Promise<AccountId> {
  await directory.addDomain('home.test')
  const user = await directory.addUser({ address: 'yuki@home.test', password: 'fifty-three stations' })
  assert.ok(!('refused' in user))
  return user.account
}

test('sessions, app passwords and tokens live through a restart; what they are shown by lies nowhere', async () => {
  await inFolder(async (open, _time, folder) => {
    const secrets: string[] = []
    let account: AccountId
    {
      await using first = await open()
      account = await yuki(first)
      const session = await first.access.sessions.begin(first.login(account), origin)
      const token = await first.access.tokens.add(account, 'backup', 'read')
      const app = await first.access.appPasswords.add(account, 'phone')
      assert.ok(session && !('refused' in token) && !('refused' in app))
      secrets.push(session.token, token.token, app.password)
    }
    const [session = '', token = '', app = ''] = secrets
    await using second = await open()
    assert.deepEqual(second.access.sessions.find(session)?.session.clientAddress, '192.0.2.7')
    assert.equal(second.access.tokens.login(token)?.readOnly, true)
    assert.equal(second.access.appPasswords.login(account, app)?.address, 'yuki@home.test')
    assert.deepEqual(
      second.access.tokens.list(account).map(({ name, scope }) => [name, scope]),
      [['backup', 'read']],
    )
    for (const file of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, file)).toString('latin1')
      for (const secret of secrets) assert.ok(!bytes.includes(secret), `${file} holds a secret`)
    }
    // one kind of secret opens nothing as another
    assert.equal(second.access.tokens.login(session), undefined)
    assert.equal(second.access.sessions.find(token), undefined)
  })
})

test('a session ends after 30 days without use, and after a year in any case', async () => {
  await inFolder(async (open, time) => {
    await using parts = await open()
    const { access, login, directory } = parts
    const account = await yuki(parts)
    const begun = await access.sessions.begin(login(account), origin)
    const other = await access.sessions.begin(login(account), origin)
    assert.ok(begun && other)
    const start = time.now
    for (let days = 29; days < 365; days += 29) {
      time.now = start + days * day
      assert.ok(access.sessions.find(begun.token), `day ${days}`)
      // its use is written down behind the answer
      await directory.access.change(() => undefined)
    }
    assert.equal(access.sessions.find(other.token), undefined)
    time.now = start + 366 * day
    assert.equal(access.sessions.find(begun.token), undefined)
    assert.deepEqual(access.sessions.list(account), [])
  })
})

test('the use of a session is written once an hour', async () => {
  await inFolder(async (open, time) => {
    await using parts = await open()
    const { access, login, directory } = parts
    const account = await yuki(parts)
    const begun = await access.sessions.begin(login(account), origin)
    assert.ok(begun)
    let writes = 0
    using _watch = directory.access.watch(() => void writes++)
    for (let minute = 0; minute < 120; minute++) {
      time.now += 60_000
      access.sessions.find(begun.token)
      await directory.access.change(() => undefined)
    }
    assert.equal(writes, 2)
  })
})

test('of too many sessions the one that was not used for longest makes way', async () => {
  await inFolder(async (open, time) => {
    await using parts = await open()
    const { access, login } = parts
    const account = await yuki(parts)
    const tokens: string[] = []
    for (let n = 0; n < 52; n++) {
      time.now += 1_000
      tokens.push((await access.sessions.begin(login(account), origin))?.token ?? '')
    }
    assert.equal(access.sessions.list(account).length, 50)
    assert.deepEqual(
      tokens.slice(0, 3).map(token => access.sessions.find(token) !== undefined),
      [false, false, true],
    )
  })
})

test('a password that is changed while somebody signs in with the old one leaves no session', async () => {
  await inFolder(async open => {
    await using parts = await open()
    const { access, login } = parts
    const account = await yuki(parts)
    const ended = new AbortController()
    const beginning = access.sessions.begin({ ...login(account), ended: ended.signal }, origin)
    ended.abort()
    assert.equal(await beginning, undefined)
    assert.deepEqual(access.sessions.list(account), [])
  })
})

test('a ticket is good for ten minutes', async () => {
  await inFolder(async (open, time) => {
    await using parts = await open()
    const account = await yuki(parts)
    const { tickets } = parts.access
    const [early, late] = [tickets.make(account), tickets.make(account)]
    time.now += 9 * 60_000
    assert.equal(tickets.redeem(early.ticket), account)
    time.now += 2 * 60_000
    assert.equal(tickets.redeem(late.ticket), undefined)
  })
})

test('who makes very many tickets pushes out his own alone', async () => {
  await inFolder(async open => {
    await using parts = await open()
    const account = await yuki(parts)
    const { tickets } = parts.access
    const ken = 'ken' as typeof account
    const other = tickets.make(ken)
    const made = Array.from({ length: 12_000 }, () => tickets.make(account).ticket)
    assert.deepEqual(
      made.map(ticket => tickets.redeem(ticket)).flatMap((whose, index) => (whose === account ? index : [])),
      made.map((_, index) => index).slice(-10),
    )
    assert.equal(tickets.redeem(other.ticket), ken)
    // redeemed ones count no more
    const again = Array.from({ length: 10 }, () => tickets.make(account).ticket)
    for (const ticket of again) assert.equal(tickets.redeem(ticket), account)
  })
})

test('all of them together have a bound too: the oldest makes way', async () => {
  await inFolder(async open => {
    await using parts = await open()
    const account = await yuki(parts)
    const { tickets } = parts.access
    const first = tickets.make(account)
    const second = tickets.make(account)
    for (let count = 0; count < 9_999; count++) tickets.make(`other${count}` as typeof account)
    assert.equal(tickets.redeem(first.ticket), undefined)
    assert.equal(tickets.redeem(second.ticket), account)
  })
})

test('names of secrets and their number have bounds, and nobody revokes what is another’s', async () => {
  await inFolder(async open => {
    await using parts = await open()
    const { access, directory } = parts
    const account = await yuki(parts)
    for (const name of ['', '  ', 'x'.repeat(101), 'a\nb'])
      assert.deepEqual(await access.tokens.add(account, name, 'all'), { refused: 'bad-name' })
    const made = await access.tokens.add(account, ' 携帯 ', 'all')
    assert.ok(!('refused' in made))
    assert.equal(made.name, '携帯')
    const ken = await directory.addUser({ address: 'ken@home.test', password: 'another password' })
    assert.ok(!('refused' in ken))
    assert.equal(await access.tokens.remove(ken.account, made.id), false)
    assert.equal(await access.sessions.end(account, made.id), false)
    for (let n = 1; n < 50; n++) await access.tokens.add(account, `token ${n}`, 'all')
    assert.deepEqual(await access.tokens.add(account, 'one more', 'all'), { refused: 'too-many' })
    assert.equal(await access.tokens.remove(account, made.id), true)
    assert.equal(access.tokens.login(made.token), undefined)
  })
})

test('a push subscription goes with the session or token by which it was made, others stay (RFC 8620 §7.2)', async () => {
  await inFolder(async open => {
    await using parts = await open()
    const { access, login } = parts
    const account = await yuki(parts)
    const given = {
      deviceClientId: 'x',
      url: 'https://push.internet.test/',
      keys: null,
      types: null,
      expiresAt: undefined,
    }
    const { pushSubscriptions: subscriptions } = access
    const session = await access.sessions.begin(login(account), origin)
    const token = await access.tokens.add(account, 'sync', 'all')
    assert.ok(session && !('refused' in token))
    const byToken = await subscriptions.add(account, given, access.tokens.login(token.token)?.by)
    const bySession = await subscriptions.add(account, given, session.login.by)
    const byPassword = await subscriptions.add(account, given, login(account).by)
    assert.ok('id' in byToken && 'id' in bySession && 'id' in byPassword)
    const left = () => new Set(subscriptions.all().map(({ id }) => id))
    await access.sessions.end(account, session.session.id)
    assert.deepEqual(left(), new Set([byToken.id, byPassword.id]))
    assert.deepEqual(await subscriptions.change(account, bySession.id, { types: [] }), {
      refused: 'no-such-subscription',
    })
    await access.tokens.remove(account, token.id)
    assert.deepEqual(left(), new Set([byPassword.id]))
  })
})
