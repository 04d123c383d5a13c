// Two thousand letters, questions with known answers: IMAP SEARCH and JMAP Email/query give all of them and nothing else.
// HIKYAKU_SEED and HIKYAKU_QUESTIONS make other and more questions.
import assert from 'node:assert/strict'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'node:test'
import { memorySource } from '#formats/message-source.ts'
import { type Account, isRefusal } from '#mail/account.ts'
import { printEmailId } from '#mail/object-ids.ts'
import { testAccount, testAddress, testPassword, withImap } from '#protocols/imap/imap.testbed.ts'
import { type JmapBed, withJmap } from '#protocols/jmap/jmap.testbed.ts'
import type { SearchSnippet } from '#protocols/jmap/wire.ts'
import { parseQuery } from '#formats/search/query/parse.ts'
import { filterOfQuery } from '#formats/search/query/filter.ts'
import { plainLetters } from './letters.ts'
import { type Place, type Question, questionsAbout } from './questions.ts'

const seed = Number(process.env['HIKYAKU_SEED'] ?? 20261127)
const letters = plainLetters(2000, seed)
const questions = questionsAbout(letters, Number(process.env['HIKYAKU_QUESTIONS'] ?? 120), seed + 1)

async function fill(account: Account): Promise<readonly string[]> {
  const inbox = await account.mailboxNamed('INBOX')
  assert.ok(inbox)
  const ids: string[] = []
  for (let from = 0; from < letters.length; from += 250) {
    const messages = letters.slice(from, from + 250).map(({ bytes }) => ({
      message: memorySource(bytes),
      flags: { mode: 'add', system: 0, keywords: [] } as const,
      internalDate: Date.parse('2026-11-27T09:30:00Z'),
    }))
    const placed = await account.append(inbox.id, messages)
    assert.ok(!isRefusal(placed))
    ids.push(...placed.map(one => printEmailId(one.emailId)))
  }
  // many at once are placed behind the answer
  while ((await account.emailColumns()).length < letters.length) await sleep(20)
  return ids
}

test(`the letters and questions of seed ${seed} are worth asking`, () => {
  assert.ok(questions.length >= 120)
  assert.ok(questions.filter(({ answer }) => answer.length > 0).length > 100)
  assert.ok(questions.some(({ answer }) => answer.length === 0))
  assert.ok(questions.filter(({ text }) => /^[\u4e00-\u9fff]$/.test(text)).length > 5)
})

const names: Readonly<Record<Exclude<Place, 'name'>, string>> = { body: 'BODY', subject: 'SUBJECT', from: 'FROM' }

test('IMAP SEARCH', { timeout: 180_000 }, () =>
  withImap(async bed => {
    await fill(await bed.accounts.account(testAccount))
    await bed.accounts.indexed(testAccount)
    using client = new SearchClient(bed.connect())
    await client.ask(`LOGIN ${testAddress} ${testPassword}`)
    await client.ask('SELECT INBOX')
    const wrong: object[] = []
    for (const question of questions) {
      if (question.place === 'name') continue
      const answer = await client.ask(`SEARCH CHARSET UTF-8 ${names[question.place]} `, question.text)
      const found = (/^\* SEARCH ?([\d ]*)/m.exec(answer)?.[1] ?? '')
        .split(' ')
        .filter(Boolean)
        .map(one => Number(one) - 1)
      wrong.push(...differences(question, found))
    }
    assert.deepEqual(wrong, [])
  }),
)

test('JMAP Email/query by the query language, with snippets', { timeout: 180_000 }, () =>
  withJmap(async bed => {
    const ids = await fill(await bed.accounts.account(bed.account))
    await bed.accounts.indexed(bed.account)
    const numbers = new Map(ids.map((id, index) => [id, index]))
    const wrong: object[] = []
    for (const question of questions) {
      const filter = filterFor(question)
      const found: string[] = []
      for (let position = 0, total = 1; position < total; ) {
        const page = { filter, position, calculateTotal: true }
        const answer = (await bed.call('Email/query', page)) as unknown as { ids: string[]; total: number }
        found.push(...answer.ids)
        total = answer.total
        position += Math.max(1, answer.ids.length)
      }
      wrong.push(
        ...differences(
          question,
          found.map(id => numbers.get(id) ?? -1).sort((a, b) => a - b),
        ),
      )
      wrong.push(...(await snippetProblems(bed, question, filter, found.slice(0, 5), numbers)))
    }
    assert.deepEqual(wrong, [])
  }),
)

const operators: Readonly<Record<Place, string>> = { body: '本文', subject: '件名', from: '差出人', name: 'filename' }

function filterFor({ place, text }: Question): object {
  const parsed = parseQuery(`${operators[place]}："${text}"`)
  assert.ok(!parsed.problem && parsed.query, text)
  const { filter } = filterOfQuery(parsed.query, { now: Date.now(), timeZone: 'Asia/Tokyo', mailboxes: [] }) as {
    readonly filter: object
  }
  return filter
}

function differences({ place, text, answer }: Question, found: readonly number[]): readonly object[] {
  const missed = answer.filter(index => !found.includes(index))
  const surplus = found.filter(index => !answer.includes(index))
  if (missed.length === 0 && surplus.length === 0) return []
  return [
    {
      place,
      text,
      missed: missed.slice(0, 3),
      surplus: surplus.slice(0, 3),
      first: letters[missed[0] ?? surplus[0] ?? 0]?.body,
    },
  ]
}

/** What was found in the subject or the letter's own text is marked there. */
async function snippetProblems(
  bed: JmapBed,
  { place, text }: Question,
  filter: object,
  emailIds: readonly string[],
  numbers: ReadonlyMap<string, number>,
): Promise<readonly object[]> {
  if (emailIds.length === 0 || place === 'name' || place === 'from') return []
  const answer = (await bed.call('SearchSnippet/get', { filter, emailIds })) as unknown as { list: SearchSnippet[] }
  return answer.list.flatMap(snippet => {
    const letter = letters[numbers.get(snippet.emailId) ?? -1]
    const own = place === 'subject' ? letter?.subject : letter?.body
    const isOwn = own?.normalize('NFKC').toLowerCase().includes(text.normalize('NFKC').toLowerCase()) ?? false
    const shown = place === 'subject' ? snippet.subject : snippet.preview
    return isOwn && !shown?.includes('<mark>') ? [{ place, text, shown, own }] : []
  })
}

class SearchClient implements Disposable {
  readonly #stream: Duplex
  #text = ''
  #tag = 0
  #wake: () => void = () => undefined

  constructor(stream: Duplex) {
    this.#stream = stream
    stream.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1')
      this.#wake()
    })
  }

  async ask(command: string, literal?: string): Promise<string> {
    const tag = `t${++this.#tag}`
    this.#text = ''
    const rest = literal === undefined ? '' : `{${Buffer.byteLength(literal)}+}\r\n${literal}`
    this.#stream.write(`${tag} ${command}${rest}\r\n`)
    const ends = new RegExp(`^${tag} (?:OK|NO|BAD)`, 'm')
    while (!ends.test(this.#text)) await new Promise<void>(resolve => (this.#wake = resolve))
    assert.match(this.#text, new RegExp(`^${tag} OK`, 'm'), command)
    return this.#text
  }

  [Symbol.dispose](): void {
    this.#stream.destroy()
  }
}
