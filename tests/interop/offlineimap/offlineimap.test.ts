// offlineimap keeps maildirs and an account the same, both ways, over TLS verified against the demo's CA. See README.md.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import type { ImapFlow } from 'imapflow'
import { missing } from '../../support/debian.ts'
import { fill, run } from '../../support/peers.ts'
import { openSession } from '../both-sides.ts'
import { type CuttingRelay, startCuttingRelay } from '../cutting-relay.ts'
import { startInteropDemo } from '../demo.ts'
import { japaneseLetter, largeLetter, smallLetter, type TestLetter } from '../letters.ts'
import { type TwoWays, twoWays } from '../two-ways.ts'

const skip = await missing('offlineimap')
const [work, year, old] = ['仕事', '仕事/2026年度', 'ふるい 手紙'] as const

describe('offlineimap, two ways', { skip, timeout: 150_000 }, () => {
  const scope = new AsyncDisposableStack()
  const inInbox: TestLetter[] = []
  let relay: CuttingRelay
  let far: ImapFlow
  let folder: string
  let sides: TwoWays

  before(async () => {
    const at = await startInteropDemo(scope)
    const mailbox = await at.addUser('haruka')
    far = await openSession(scope, mailbox)
    relay = await startCuttingRelay(scope, mailbox.port)
    folder = join(at.folder, 'offlineimap')
    mkdirSync(join(folder, 'mail'), { recursive: true })
    const values = { ...mailbox, port: relay.port, folder }
    writeFileSync(join(folder, 'offlineimaprc'), fill(new URL('offlineimaprc', import.meta.url), values))
    sides = twoWays(far, maildir, ['INBOX', work, year, old])
  })
  after(() => scope.disposeAsync())

  const maildir = (name: string) => join(folder, 'mail', name)
  const sync = () =>
    run('/usr/bin/offlineimap', ['-c', join(folder, 'offlineimaprc'), '-o'], {
      env: { HOME: folder, LC_ALL: 'C.UTF-8' },
      timeoutMs: 60_000,
    })

  async function syncsWell(): Promise<void> {
    const { code, output } = await sync()
    assert.equal(code, 0, output.slice(-4_000))
    await sides.mustBeEqual()
  }

  test('the first run brings each side what the other has, mailboxes too', async () => {
    for (const name of [work, year]) await far.mailboxCreate(name)
    for (let n = 0; n < 12; n += 1) inInbox.push(await sides.addFar('INBOX', smallLetter(), n % 2 === 0 ? 'S' : ''))
    for (let n = 0; n < 4; n += 1) await sides.addFar(work, japaneseLetter(), 'FS')
    for (let n = 0; n < 4; n += 1) await sides.addFar(year, largeLetter(50_000))
    for (let n = 0; n < 4; n += 1) inInbox.push(sides.addNear('INBOX', japaneseLetter(), 'S'))
    for (let n = 0; n < 4; n += 1) sides.addNear(old, smallLetter(), 'RS')
    await syncsWell()
  })

  test('deletions, flags and conflicts of both sides', async () => {
    const [a, b, c, d, e, f] = inInbox
    assert.ok(a && b && c && d && e && f)
    sides.removeNear('INBOX', a)
    await sides.removeFar('INBOX', b)
    sides.flagNear('INBOX', c, 'FS')
    await sides.flagFar('INBOX', d, 'RS')
    // deleted here, flagged there, and the other way round: deletion wins
    sides.removeNear('INBOX', e)
    await sides.flagFar('INBOX', e, 'FS')
    sides.flagNear('INBOX', f, 'FS')
    await sides.removeFar('INBOX', f)
    for (const letter of [a, b, e, f]) sides.expect('INBOX', letter, undefined)
    sides.expect('INBOX', c, 'FS')
    sides.expect('INBOX', d, 'RS')
    await syncsWell()
    await syncsWell()
  })

  test('cables that break while messages come: it goes on, and nothing is there twice', async () => {
    for (let n = 0; n < 12; n += 1) await sides.addFar(work, largeLetter(8_000))
    // each run gets a little further
    for (let limit = 12_000; ; limit = Math.floor(limit * 1.3)) {
      relay.cutAfter(limit)
      const { code, output } = await sync()
      if (code === 0) break
      assert.ok(limit < 1_000_000, output)
    }
    assert.ok(relay.cuts >= 4, `it broke only ${relay.cuts} times`)
    relay.cutAfter(undefined)
    await syncsWell()
    await syncsWell()
  })
})
