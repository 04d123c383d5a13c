// Hundreds of messages in one command, by ranges: what each of two connections is told is what it would be told one by one.
import assert from 'node:assert/strict'
import test from 'node:test'
import { testAddress, testPassword, withImap, type Testbed } from './imap.testbed.ts'
import { LineClient } from './line-client.testbed.ts'

const count = 300

async function opened(bed: Testbed, ...commands: readonly string[]): Promise<LineClient> {
  const client = new LineClient(bed.connect())
  await client.line()
  for (const command of [`LOGIN ${testAddress} ${testPassword}`, ...commands]) await ok(client, command)
  return client
}

async function ok(client: LineClient, command: string): Promise<readonly string[]> {
  const lines = await client.command('t', command)
  assert.match(lines.at(-1) ?? '', /^t OK/, command)
  return lines
}

const highest = (lines: readonly string[]) => Number(/HIGHESTMODSEQ (\d+)/.exec(lines.join())?.[1])
const numbersOf = (lines: readonly string[], word: string) =>
  lines.filter(line => line.startsWith('* ') && line.includes(` ${word}`)).map(line => Number(line.split(' ')[1]))
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

async function filled(bed: Testbed): Promise<LineClient> {
  const client = await opened(bed)
  const messages = upTo(count).map(number => ` {${String(number).length + 13}+}\r\nSubject: ${number}\r\n\r\n`)
  const appended = await ok(client, `APPEND INBOX${messages.join('')}`)
  assert.match(appended.at(-1) ?? '', /\[APPENDUID \d+ 1:300\]/)
  return client
}

test('a conditional STORE of hundreds changes what nobody else has, and the others hear of each', () =>
  withImap(async bed => {
    const first = await filled(bed)
    const before = highest(await ok(first, 'SELECT INBOX (CONDSTORE)'))
    const other = await opened(bed, 'SELECT INBOX')
    await ok(other, 'COPY 1:50 Archive')
    await ok(other, 'STORE 20:29,250 +FLAGS (\\Flagged)')
    await ok(first, 'NOOP')
    const stored = await ok(first, `STORE 1:* (UNCHANGEDSINCE ${before}) +FLAGS (\\Seen)`)
    assert.match(stored.at(-1) ?? '', /\[MODIFIED 20:29,250\]/)
    const changed = upTo(count).filter(number => number !== 250 && (number < 20 || number > 29))
    assert.deepEqual(numbersOf(stored, 'FETCH'), changed)
    const modSeqs = new Set(stored.map(line => /MODSEQ \((\d+)\)/.exec(line)?.[1]).filter(Boolean))
    assert.equal(modSeqs.size, 1)
    assert.ok(Number([...modSeqs][0]) > before)
    assert.deepEqual(numbersOf(await ok(other, 'NOOP'), 'FETCH'), changed)
    // the flags belong to the message, wherever it lies
    const archive = await opened(bed, 'SELECT Archive')
    const seen = /^\* SEARCH(.*)$/m
      .exec((await ok(archive, 'SEARCH SEEN')).join('\n'))?.[1]
      ?.trim()
      .split(' ')
      .map(Number)
    assert.deepEqual(
      seen,
      upTo(50).filter(number => number < 20 || number > 29),
    )
  }))

test('EXPUNGE of hundreds: numbers for one, VANISHED for the other, and for who comes back later', () =>
  withImap(async bed => {
    const plain = await filled(bed)
    await ok(plain, 'SELECT INBOX')
    const quick = await opened(bed, 'ENABLE QRESYNC')
    const selected = await ok(quick, 'SELECT INBOX')
    const since = highest(selected)
    const uidValidity = /UIDVALIDITY (\d+)/.exec(selected.join())?.[1]
    await ok(quick, 'COPY 1:3 Archive')
    await ok(quick, 'STORE 1:99,101:199,201:* +FLAGS.SILENT (\\Deleted)')
    await ok(plain, 'NOOP')
    const expunged = await ok(quick, 'EXPUNGE')
    assert.deepEqual(
      expunged.filter(line => line.startsWith('* VANISHED')),
      ['* VANISHED 1:99,101:199,201:300'],
    )
    const told = numbersOf(await ok(plain, 'NOOP'), 'EXPUNGE')
    assert.deepEqual(told, [...Array(99).fill(1), ...Array(99).fill(2), ...Array(100).fill(3)])
    assert.deepEqual(numbersOf(await ok(plain, 'FETCH 1:* (UID)'), 'FETCH'), [1, 2])
    const later = await opened(bed, 'ENABLE QRESYNC')
    const resynced = await ok(later, `SELECT INBOX (QRESYNC (${uidValidity} ${since}))`)
    assert.ok(resynced.includes('* VANISHED (EARLIER) 1:99,101:199,201:300'), resynced.join('\n'))
    assert.equal(highest(resynced), highest(expunged))
    // three of them lie elsewhere still
    await ok(later, 'SELECT Archive')
    assert.match((await ok(later, 'FETCH 3 (BODY[])')).join('\n'), /Subject: 3/)
  }))

test('STORE of hundreds answers what the flags are, also where they are not what this session expected', () =>
  withImap(async bed => {
    const first = await filled(bed)
    await ok(first, 'SELECT INBOX')
    const fetches = (lines: readonly string[]) => lines.filter(line => / FETCH /.test(line))
    const all = (items: (number: number) => string) => upTo(count).map(number => `* ${number} FETCH (${items(number)})`)
    // nobody has interfered
    assert.deepEqual(
      fetches(await ok(first, 'STORE 1:* +FLAGS (\\Seen)')),
      all(() => 'FLAGS (\\Seen)'),
    )
    assert.deepEqual(
      fetches(await ok(first, 'UID STORE 1:* -FLAGS (\\Seen)')),
      all(number => `UID ${number} FLAGS ()`),
    )
    // in several ranges
    assert.deepEqual(
      fetches(await ok(first, 'STORE 1:90,101,110:* FLAGS (\\Answered)')),
      all(() => 'FLAGS (\\Answered)').filter((_, at) => at < 90 || at === 100 || at >= 109),
    )
    // another session has changed one of them, and this one has not heard of it
    const other = await opened(bed, 'SELECT INBOX', 'STORE 7 +FLAGS (\\Flagged)')
    await ok(first, 'STORE 91:109 FLAGS (\\Answered)')
    await ok(other, 'STORE 7,295 +FLAGS (\\Draft)')
    assert.deepEqual(
      fetches(await ok(first, 'STORE 1:* +FLAGS (\\Seen)')),
      all(
        number =>
          `FLAGS (\\Answered ${number === 7 ? '\\Flagged ' : ''}\\Seen${[7, 295].includes(number) ? ' \\Draft' : ''})`,
      ),
    )
    // a keyword that nobody had before
    const named = await ok(first, 'STORE 1:* FLAGS ($New)')
    assert.ok(named.some(line => /^\* FLAGS \(.*\$New/.test(line)))
    assert.deepEqual(
      fetches(named),
      all(() => 'FLAGS ($New)'),
    )
  }))
