// A client that keeps UIDs and flags and comes back by QRESYNC has what one has that reads everything, whatever others did.
// RFC 7162 §3.2.5
import assert from 'node:assert/strict'
import test from 'node:test'
import { testAddress, testPassword, withImap, type Testbed } from './imap.testbed.ts'
import { LineClient } from './line-client.testbed.ts'

type Known = { uidValidity: string; modSeq: string; readonly flags: Map<number, string> }

async function opened(bed: Testbed, enable: boolean): Promise<LineClient> {
  const client = new LineClient(bed.connect())
  await client.line()
  await client.command('a', `LOGIN ${testAddress} ${testPassword}`)
  if (enable) await client.command('b', 'ENABLE QRESYNC')
  return client
}

function learn(known: Known, lines: readonly string[]): void {
  for (const line of lines) {
    const [, set] = /^\* VANISHED (?:\(EARLIER\) )?(\S+)$/.exec(line) ?? []
    for (const range of set?.split(',') ?? []) {
      const [first = 0, last = first] = range.split(':').map(Number)
      for (let uid = first; uid <= last; uid += 1) known.flags.delete(uid)
    }
    const uid = / UID (\d+)/.exec(line)?.[1]
    const flags = /FLAGS \(([^)]*)\)\)?/.exec(line)?.[1]
    if (line.includes(' FETCH ') && uid && flags !== undefined) known.flags.set(Number(uid), flags)
    known.modSeq = /\[HIGHESTMODSEQ (\d+)\]/.exec(line)?.[1] ?? known.modSeq
    known.uidValidity = /\[UIDVALIDITY (\d+)\]/.exec(line)?.[1] ?? known.uidValidity
  }
}

test('two hundred returns, while another connection adds, marks and removes', () =>
  withImap(async bed => {
    const other = await opened(bed, false)
    await other.command('c', 'SELECT INBOX')
    const known: Known = { uidValidity: '1', modSeq: '1', flags: new Map() }
    const all: Known = { uidValidity: '1', modSeq: '1', flags: new Map() }
    const client = await opened(bed, true)
    let vanished = 0
    let seed = 20140502
    const random = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
      return (seed >>> 8) % below
    }
    for (let round = 0; round < 200; round += 1) {
      for (let n = random(4); n > 0; n -= 1) {
        const kind = random(4)
        const uid = 1 + random(round + 5)
        if (kind < 2) await other.command('d', 'APPEND INBOX {14+}\r\nSubject: x\r\n\r\n')
        else if (kind === 2) await other.command('d', `UID STORE ${uid} FLAGS.SILENT (\\Flagged)`)
        else await other.command('d', `UID STORE ${uid} +FLAGS.SILENT (\\Deleted)`)
        if (random(3) === 0) await other.command('e', 'EXPUNGE')
        if (random(5) === 0) await other.command('e', `UID MOVE ${1 + random(round + 5)} Archive`)
      }
      const uids = round % 3 === 0 ? ` 1:${2 ** 31}` : ''
      const lines = await client.command('f', `SELECT INBOX (QRESYNC (${known.uidValidity} ${known.modSeq}${uids}))`)
      assert.match(lines.at(-1) ?? '', /^f OK/)
      // the first time the UIDs are others: nothing is said but what the mailbox is
      vanished += lines.filter(line => line.startsWith('* VANISHED (EARLIER)')).length
      const knew = round > 0
      learn(known, lines)
      if (!knew) learn(known, await client.command('g', 'UID FETCH 1:* (FLAGS)'))
      all.flags.clear()
      learn(all, await client.command('h', 'UID FETCH 1:* (FLAGS)'))
      const sorted = ({ flags }: Known) => [...flags].sort(([a], [b]) => a - b)
      assert.deepEqual(sorted(known), sorted(all), `round ${round}`)
      if (round % 7 === 0) {
        await client.command('i', 'UID STORE 1:* +FLAGS.SILENT (\\Seen)')
        await client.command('j', 'CLOSE')
      } else learn(known, await client.command('k', 'EXPUNGE'))
    }
    assert.ok(vanished > 30, `${vanished} times something had vanished`)
  }))
