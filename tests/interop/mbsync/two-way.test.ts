// mbsync with changes on both sides, several mailboxes with Japanese names, conflicts, cables that break and a kill in the middle:
// in the end both sides are equal, and nothing is lost or doubled.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import type { ImapFlow } from 'imapflow'
import { encodeMailboxName } from '#protocols/imap/syntax/mailbox-name.ts'
import { missing } from '../../support/debian.ts'
import { eventually, fill, run } from '../../support/peers.ts'
import { farSide, fileOf, filesIn, flagsOf, nearSide, openSession, uidOf } from '../both-sides.ts'
import { type CuttingRelay, startCuttingRelay } from '../cutting-relay.ts'
import { type InteropDemo, startInteropDemo } from '../demo.ts'
import { japaneseLetter, largeLetter, smallLetter, type TestLetter } from '../letters.ts'

const skip = await missing('mbsync')
const mailboxes = ['INBOX', '仕事', '仕事/2026年度', 'ふるい 手紙']

describe('mbsync, two ways', { skip, timeout: 150_000 }, () => {
  const scope = new AsyncDisposableStack()
  /** What both sides must hold: by mailbox and mark, the flags */
  const expected = new Map<string, Map<string, string>>(mailboxes.map(name => [name, new Map()]))
  let at: InteropDemo
  let relay: CuttingRelay
  let far: ImapFlow
  let folder: string
  let config: string

  before(async () => {
    at = await startInteropDemo(scope)
    const mailbox = await at.addUser('natsuko')
    far = await openSession(scope, mailbox)
    relay = await startCuttingRelay(scope, mailbox.port)
    folder = join(at.folder, 'two-way')
    config = join(at.folder, 'two-way.rc')
    mkdirSync(folder)
    writeFileSync(config, fill(new URL('mbsyncrc', import.meta.url), { ...mailbox, port: relay.port, folder }))
  })
  after(() => scope.disposeAsync())

  const sync = () => run('/usr/bin/mbsync', ['-c', config, '-a'], { timeoutMs: 60_000 })
  // mbsync 1.4 gives a maildir the name that crosses the wire
  const maildir = (name: string) => join(folder, encodeMailboxName(name))

  async function addFar(name: string, letter: TestLetter, flags = ''): Promise<TestLetter> {
    await far.append(name, letter.bytes, namesOf(flags))
    expected.get(name)?.set(letter.mark, flags)
    return letter
  }
  function addNear(name: string, letter: TestLetter, flags = ''): TestLetter {
    for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(maildir(name), part), { recursive: true })
    const text = letter.bytes.toString('latin1').replaceAll('\r\n', '\n')
    writeFileSync(join(maildir(name), 'cur', `1.${letter.mark}.here:2,${flags}`), Buffer.from(text, 'latin1'))
    expected.get(name)?.set(letter.mark, flags)
    return letter
  }
  function flagNear(name: string, letter: TestLetter, flags: string): void {
    const file = fileOf(maildir(name), letter)
    renameSync(file, `${file.replace('/new/', '/cur/').replace(/:2,\w*$/, '')}:2,${flags}`)
  }
  async function flagFar(name: string, letter: TestLetter, flags: string): Promise<void> {
    await far.mailboxOpen(name)
    await far.messageFlagsSet(await uidOf(far, letter), namesOf(flags), { uid: true })
  }
  async function removeFar(name: string, letter: TestLetter): Promise<void> {
    await far.mailboxOpen(name)
    await far.messageDelete(await uidOf(far, letter), { uid: true })
  }
  const removeNear = (name: string, letter: TestLetter) => rmSync(fileOf(maildir(name), letter))
  const expect = (name: string, letter: TestLetter, flags: string | undefined) =>
    flags === undefined ? expected.get(name)?.delete(letter.mark) : expected.get(name)?.set(letter.mark, flags)

  async function mustBeEqual(): Promise<void> {
    const wanted = Object.fromEntries(
      [...expected].map(([name, marks]) => [name, [...marks].map(([mark, flags]) => `${mark} ${flags}`).sort()]),
    )
    assert.deepEqual(nearSide(maildir, mailboxes), wanted, 'near')
    assert.deepEqual(await farSide(far, mailboxes), wanted, 'far')
  }
  async function syncsQuietly(): Promise<void> {
    const { code, output } = await sync()
    assert.equal(code, 0, output)
  }

  const inbox: TestLetter[] = []
  const work: TestLetter[] = []

  test('the first run brings each side what the other has, mailboxes too', async () => {
    for (const name of mailboxes.slice(1, 3)) await far.mailboxCreate(name)
    for (let n = 0; n < 20; n += 1) inbox.push(await addFar('INBOX', smallLetter(), n % 2 === 0 ? 'S' : ''))
    for (let n = 0; n < 8; n += 1) work.push(await addFar('仕事', japaneseLetter(), 'FS'))
    for (let n = 0; n < 4; n += 1) await addFar('仕事/2026年度', smallLetter())
    for (let n = 0; n < 5; n += 1) inbox.push(addNear('INBOX', japaneseLetter(), 'S'))
    for (let n = 0; n < 5; n += 1) addNear('ふるい 手紙', smallLetter(), 'RS')
    await syncsQuietly()
    await mustBeEqual()
  })

  test('deletions, flags and new messages of both sides, over cables that break again and again', async () => {
    const [a, b, c, d, e, f] = inbox
    const [p, q, r] = work
    assert.ok(a && b && c && d && e && f && p && q && r)
    removeNear('INBOX', a)
    flagNear('INBOX', b, 'FS')
    flagNear('仕事', p, '')
    removeNear('仕事', q)
    await removeFar('INBOX', c)
    await flagFar('INBOX', d, 'RS')
    await removeFar('仕事', r)
    for (const [name, letter] of [
      ['INBOX', a],
      ['仕事', q],
      ['INBOX', c],
      ['仕事', r],
    ] as const)
      expect(name, letter, undefined)
    for (const [name, letter, flags] of [
      ['INBOX', b, 'FS'],
      ['仕事', p, ''],
      ['INBOX', d, 'RS'],
    ] as const)
      expect(name, letter, flags)
    for (let n = 0; n < 15; n += 1) addNear('仕事/2026年度', n === 7 ? largeLetter(40_000) : smallLetter(), 'S')
    for (let n = 0; n < 15; n += 1) await addFar('ふるい 手紙', n === 7 ? largeLetter(40_000) : japaneseLetter())
    // a TLS handshake and the login are about 7,000 octets; each run gets a little further
    for (let limit = 8_000; ; limit = Math.floor(limit * 1.15)) {
      relay.cutAfter(limit)
      const { code, output } = await sync()
      if (code === 0) break
      assert.ok(limit < 1_000_000, output)
    }
    assert.ok(relay.cuts >= 6, `it broke only ${relay.cuts} times`)
    relay.cutAfter(undefined)
    await syncsQuietly()
    await mustBeEqual()
  })

  test('a message deleted on one side and flagged on the other goes; flags set on both sides are joined', async () => {
    const [e, f, g, h] = inbox.slice(6)
    assert.ok(e && f && g && h)
    removeNear('INBOX', e)
    await flagFar('INBOX', e, 'FS')
    flagNear('INBOX', f, 'FS')
    await removeFar('INBOX', f)
    flagNear('INBOX', g, 'T')
    await flagFar('INBOX', g, 'R')
    const was = flagsOf(fileOf(maildir('INBOX'), h))
    flagNear('INBOX', h, `F${was}`)
    await flagFar('INBOX', h, `R${was}`)
    for (const letter of [e, f, g]) expect('INBOX', letter, undefined)
    expect('INBOX', h, `FR${was}`)
    await syncsQuietly()
    await mustBeEqual()
  })

  test('killed in the middle: the next run goes on, nothing is there twice', async () => {
    for (let n = 0; n < 60; n += 1) await addFar('仕事', smallLetter())
    for (let n = 0; n < 20; n += 1) addNear('ふるい 手紙', smallLetter(), 'S')
    const before = filesIn(maildir('仕事')).length
    const child = spawn('/usr/bin/mbsync', ['-c', config, '-a'], { stdio: 'ignore' })
    const ended = once(child, 'exit')
    await eventually('some have come', () => filesIn(maildir('仕事')).length >= before + 3)
    child.kill('SIGKILL')
    const [, signal] = await ended
    assert.equal(signal, 'SIGKILL')
    assert.ok(filesIn(maildir('仕事')).length < before + 60, 'it was done already')
    await syncsQuietly()
    await mustBeEqual()
    await syncsQuietly()
    await mustBeEqual()
  })
})

/** Of a maildir's letters, as IMAP has them */
function namesOf(flags: string): string[] {
  return flags.split('').map(flag => named[flag] ?? '')
}

const named: Readonly<Record<string, string>> = {
  D: '\\Draft',
  F: '\\Flagged',
  R: '\\Answered',
  S: '\\Seen',
  T: '\\Deleted',
}
