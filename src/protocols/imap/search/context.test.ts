// A client that applies ADDTO and REMOVEFROM as RFC 5267 §4.3 says has at each moment what a new search would answer.
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { contextLimit } from '../limits.ts'
import { testAddress, testPassword, withImap, type Testbed } from '../imap.testbed.ts'
import { LineClient } from '../line-client.testbed.ts'

const subjects = ['apple', 'Banana', 'cherry', 'Re: apple', 'apricot']
const searches = [
  'UID SEARCH RETURN (UPDATE ALL) OR SEEN SUBJECT ap',
  'UID SORT RETURN (UPDATE ALL) (SUBJECT REVERSE ARRIVAL) UTF-8 NOT DELETED',
  'UID SORT RETURN (UPDATE ALL) (REVERSE SUBJECT) UTF-8 KEYWORD Work',
]

type Act = { readonly kind: 'append' | 'expunge' | '+' | '-'; readonly flag: string; readonly at: number }
const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom('append', '+', '-', '+', 'expunge'),
  flag: fc.constantFrom('\\Seen', '\\Deleted', 'Work'),
  at: fc.nat({ max: 30 }),
})

test('what is told adds up to what is found', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.array(act, { maxLength: 5 }), { minLength: 1, maxLength: 6 }), rounds =>
      withImap(async bed => {
        using other = await selected(bed)
        for (let n = 0; n < 6; n++) await append(other, n)
        using follower = await selected(bed)
        const results: number[][] = []
        for (const [at, search] of searches.entries())
          results.push(allOf(await follower.command(`f${at}`, search), `f${at}`))
        for (const acts of rounds) {
          for (const one of acts) await perform(other, one)
          for (const line of await follower.command('n', 'NOOP')) apply(results, line)
          for (const [at, search] of searches.entries()) {
            const now = await follower.command('now', search.replace('UPDATE ', ''))
            assert.deepEqual(results[at], allOf(now, 'now'), search)
          }
        }
      }),
    ),
    { numRuns: 12 },
  ))

test('so many searches are followed, and no more until one is let go', () =>
  withImap(async bed => {
    using client = await selected(bed)
    for (let n = 1; n <= contextLimit; n++)
      assert.equal((await client.command(`u${n}`, 'SEARCH RETURN (UPDATE COUNT) SEEN')).length, 2)
    const refused = ['* NO [NOUPDATE "v"] Too many contexts', '* ESEARCH (TAG "v") COUNT 0', 'v OK SEARCH completed']
    assert.deepEqual(await client.command('v', 'SEARCH RETURN (UPDATE COUNT) SEEN'), refused)
    await client.command('w', 'CANCELUPDATE "u1"')
    assert.equal((await client.command('v', 'SEARCH RETURN (UPDATE COUNT) SEEN')).length, 2)
  }))

async function selected(bed: Testbed): Promise<LineClient> {
  const client = new LineClient(bed.connect())
  await client.line()
  await client.command('l', `LOGIN ${testAddress} ${testPassword}`)
  await client.command('s', 'SELECT INBOX')
  return client
}

async function append(client: LineClient, n: number): Promise<void> {
  const text = `Subject: ${subjects[n % subjects.length]}\r\n\r\nx\r\n`
  client.send(`a APPEND INBOX {${text.length}+}\r\n${text}`)
  while (!(await client.line()).startsWith('a OK'));
}

async function perform(client: LineClient, { kind, flag, at }: Act): Promise<void> {
  if (kind === 'append') return append(client, at)
  if (kind === 'expunge') return void (await client.command('e', 'EXPUNGE'))
  await client.command('t', `UID STORE ${at + 1} ${kind}FLAGS.SILENT (${flag})`)
}

function allOf(lines: readonly string[], tag: string): number[] {
  const line = lines.find(text => text.startsWith(`* ESEARCH (TAG "${tag}")`)) ?? assert.fail(lines.join('\n'))
  return numbersOf(/ ALL (\S+)/.exec(line)?.[1] ?? '')
}

function numbersOf(set: string): number[] {
  return set.split(',').flatMap(part => {
    if (part === '') return []
    const [first = 0, last = first] = part.split(':').map(Number)
    return Array.from({ length: last - first + 1 }, (_, at) => first + at)
  })
}

function apply(results: number[][], line: string): void {
  const [, at, item, list = ''] = /^\* ESEARCH \(TAG "f(\d)"\) UID (ADDTO|REMOVEFROM) \((.*)\)$/.exec(line) ?? []
  const result = results[Number(at)]
  if (!result) return assert.doesNotMatch(line, /ADDTO|REMOVEFROM/)
  const words = list.split(' ')
  for (let word = 0; word < words.length; word += 2) {
    const position = Number(words[word])
    const uids = numbersOf(words[word + 1] ?? '')
    if (item === 'ADDTO' && position > 0) result.splice(position - 1, 0, ...uids)
    else if (item === 'ADDTO') result.push(...uids)
    else if (position > 0) assert.deepEqual(result.splice(position - 1, uids.length), uids)
    else for (const uid of uids) assert.ok(result.splice(result.indexOf(uid), 1).includes(uid))
    if (position === 0) result.sort((a, b) => a - b)
  }
}
