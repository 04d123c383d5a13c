// mbsync with changes on both sides, several mailboxes with Japanese names, conflicts, cables that break and a kill in the middle:
// in the end both sides are equal, and nothing is lost or doubled.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import type { ImapFlow } from 'imapflow'
import { encodeMailboxName } from '#formats/mailbox-name.ts'
import { missing } from '../../support/debian.ts'
import { eventually, fill, run } from '../../support/peers.ts'
import { filesIn, openSession } from '../both-sides.ts'
import { type CuttingRelay, startCuttingRelay } from '../cutting-relay.ts'
import { startInteropDemo } from '../demo.ts'
import { japaneseLetter, largeLetter, smallLetter, type TestLetter } from '../letters.ts'
import { type TwoWays, twoWays } from '../two-ways.ts'

const skip = await missing('mbsync')
const [work, year, old] = ['仕事', '仕事/2026年度', 'ふるい 手紙'] as const

describe('mbsync, two ways', { skip, timeout: 150_000 }, () => {
  const scope = new AsyncDisposableStack()
  const inInbox: TestLetter[] = []
  const inWork: TestLetter[] = []
  let relay: CuttingRelay
  let far: ImapFlow
  let folder: string
  let config: string
  let sides: TwoWays

  before(async () => {
    const at = await startInteropDemo(scope)
    const mailbox = await at.addUser('natsuko')
    far = await openSession(scope, mailbox)
    relay = await startCuttingRelay(scope, mailbox.port)
    folder = join(at.folder, 'two-way')
    config = join(at.folder, 'two-way.rc')
    mkdirSync(folder)
    writeFileSync(config, fill(new URL('mbsyncrc', import.meta.url), { ...mailbox, port: relay.port, folder }))
    sides = twoWays(far, maildir, ['INBOX', work, year, old])
  })
  after(() => scope.disposeAsync())

  // mbsync 1.4 gives a maildir the name that crosses the wire
  const maildir = (name: string) => join(folder, encodeMailboxName(name))
  const sync = () => run('/usr/bin/mbsync', ['-c', config, '-a'], { timeoutMs: 60_000 })

  async function syncsWell(): Promise<void> {
    const { code, output } = await sync()
    assert.equal(code, 0, output)
    await sides.mustBeEqual()
  }

  test('the first run brings each side what the other has, mailboxes too', async () => {
    for (const name of [work, year]) await far.mailboxCreate(name)
    for (let n = 0; n < 20; n += 1) inInbox.push(await sides.addFar('INBOX', smallLetter(), n % 2 === 0 ? 'S' : ''))
    for (let n = 0; n < 8; n += 1) inWork.push(await sides.addFar(work, japaneseLetter(), 'FS'))
    for (let n = 0; n < 4; n += 1) await sides.addFar(year, smallLetter())
    for (let n = 0; n < 5; n += 1) inInbox.push(sides.addNear('INBOX', japaneseLetter(), 'S'))
    for (let n = 0; n < 5; n += 1) sides.addNear(old, smallLetter(), 'RS')
    await syncsWell()
  })

  test('deletions, flags and new messages of both sides, over cables that break again and again', async () => {
    const [a, b, c, d] = inInbox
    const [p, q, r] = inWork
    assert.ok(a && b && c && d && p && q && r)
    sides.removeNear('INBOX', a)
    sides.flagNear('INBOX', b, 'FS')
    sides.flagNear(work, p, '')
    sides.removeNear(work, q)
    await sides.removeFar('INBOX', c)
    await sides.flagFar('INBOX', d, 'RS')
    await sides.removeFar(work, r)
    for (const letter of [a, c]) sides.expect('INBOX', letter, undefined)
    for (const letter of [q, r]) sides.expect(work, letter, undefined)
    sides.expect('INBOX', b, 'FS')
    sides.expect('INBOX', d, 'RS')
    sides.expect(work, p, '')
    for (let n = 0; n < 15; n += 1) sides.addNear(year, n === 7 ? largeLetter(40_000) : smallLetter(), 'S')
    for (let n = 0; n < 15; n += 1) await sides.addFar(old, n === 7 ? largeLetter(40_000) : japaneseLetter())
    // a TLS handshake and the login are about 7,000 octets; each run gets a little further
    for (let limit = 8_000; ; limit = Math.floor(limit * 1.15)) {
      relay.cutAfter(limit)
      const { code, output } = await sync()
      if (code === 0) break
      assert.ok(limit < 1_000_000, output)
    }
    assert.ok(relay.cuts >= 6, `it broke only ${relay.cuts} times`)
    relay.cutAfter(undefined)
    await syncsWell()
  })

  test('a message deleted on one side and flagged on the other goes; flags set on both sides are joined', async () => {
    const [e, f, g, h] = inInbox.slice(6)
    assert.ok(e && f && g && h)
    sides.removeNear('INBOX', e)
    await sides.flagFar('INBOX', e, 'FS')
    sides.flagNear('INBOX', f, 'FS')
    await sides.removeFar('INBOX', f)
    sides.flagNear('INBOX', g, 'T')
    await sides.flagFar('INBOX', g, 'R')
    const was = sides.flagsNear('INBOX', h)
    sides.flagNear('INBOX', h, `F${was}`)
    await sides.flagFar('INBOX', h, `R${was}`)
    for (const letter of [e, f, g]) sides.expect('INBOX', letter, undefined)
    sides.expect('INBOX', h, `FR${was}`)
    await syncsWell()
  })

  test('killed in the middle: the next run goes on, nothing is there twice', async () => {
    for (let n = 0; n < 60; n += 1) await sides.addFar(work, smallLetter())
    for (let n = 0; n < 20; n += 1) sides.addNear(old, smallLetter(), 'S')
    const before = filesIn(maildir(work)).length
    const child = spawn('/usr/bin/mbsync', ['-c', config, '-a'], { stdio: 'ignore' })
    const ended = once(child, 'exit')
    await eventually('some have come', () => filesIn(maildir(work)).length >= before + 3)
    child.kill('SIGKILL')
    const [, signal] = await ended
    assert.equal(signal, 'SIGKILL', 'it was done already')
    await syncsWell()
    await syncsWell()
  })
})
