// Times every row with everybody in turn, one after the other in each round, and proves that they were asked the same.
import { questions } from './questions.ts'
import { type Asked, deliver } from './servers.ts'

export type Timed = {
  readonly party: string
  readonly row: string
  readonly times: readonly number[]
  readonly found: string
}
type Act = (party: Asked) => Promise<string>
type Row = { readonly name: string; readonly act: Act; readonly news?: boolean }

/** A mail server has been up for months: so many rounds do not count. */
const warming = 3
/** Who has taken so long for a row is not asked again: a search without an index takes seconds. */
const patience = 20_000

export async function* measure(
  parties: readonly Asked[],
  rows: readonly Row[],
  rounds: number,
  next: number,
): AsyncGenerator<Timed> {
  let letter = next
  for (const row of rows) {
    const kept = new Map(parties.map(party => [party, { times: [] as number[], spent: 0, found: '' }]))
    for (let round = -warming; round < rounds; round++) {
      if (row.news) deliverToAll(parties, letter)
      letter += row.news ? 1 : 0
      for (const [party, course] of kept) {
        if (course.spent > patience && course.times.length > 2) continue
        const begun = performance.now()
        course.found = await row.act(party)
        const taken = performance.now() - begun
        course.spent += taken
        if (round >= 0 || taken > 1000) course.times.push(taken)
      }
    }
    for (const [party, { times, found }] of kept) yield { party: party.name, row: row.name, times, found }
  }
}

/** Who is asked by two protocols gets one letter. */
function deliverToAll(parties: readonly Asked[], letter: number): void {
  const places = new Map(parties.map(({ server, user }) => [`${server.name} ${user}`, { server, user }]))
  for (const { server, user } of places.values()) deliver(server, user, letter)
}

const list: Act = async party => String((await party.ask({ name: 'list' })).total)

export const rows: readonly Row[] = [
  ...questions.map(question => ({
    name: question.name,
    act: async (party: Asked) => String((await party.ask(question)).total),
  })),
  { name: 'mailboxes', act: async party => String(await party.mailboxes()) },
  { name: 'list_after_news', act: list, news: true },
  { name: 'changes_after_news', act: async party => String(await party.changes()), news: true },
]

/** @throws unless everybody finds as many letters, and shows the same fifty */
export async function prove(parties: readonly Asked[], letters: number): Promise<readonly string[]> {
  const said: string[] = []
  for (const question of questions) {
    const found = await Promise.all(parties.map(async party => ({ party, ...(await party.ask(question)) })))
    const [first] = found
    if (!first) throw new Error('Nobody is asked')
    if (question.name === 'list' && first.total !== letters) throw new Error(`The inbox holds ${first.total} letters`)
    const shown = (letters: readonly number[]) => (question.threads ? '' : letters.join(' '))
    for (const { party, total, letters } of found)
      if (total !== first.total || shown(letters) !== shown(first.letters))
        throw new Error(
          `${question.name}: ${first.party.name} finds ${first.total} (${first.letters.slice(0, 9)}), ${party.name} ${total} (${letters.slice(0, 9)})`,
        )
    said.push(`# ${question.name}: all find ${first.total} letters, the newest ${first.letters[0]}`)
  }
  return said
}
