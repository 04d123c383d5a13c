// Who is asked: a server by one protocol. Each kind of row is a function here, whichever protocol it goes by.
import { type ImapClient, openImap } from './imap-client.ts'
import { type Call, type JmapClient, openJmap, type Response } from './jmap-client.ts'
import { type Found, items, limit, properties, type Question } from './questions.ts'

export type Party = {
  /** Such as `cyrus-jmap`; rows are compared under what follows the first hyphen */
  readonly name: string
  readonly ask: (question: Question) => Promise<Found>
  /** How many mailboxes there are, with the counts of each asked for as well */
  readonly mailboxes: () => Promise<number>
  /** What brings an open list up to date after news: the letters that came */
  readonly changes: () => Promise<number>
  readonly close: () => void
}

type Place = { readonly name: string; readonly user: string; readonly letters: number }

const newestFirst = [{ property: 'receivedAt', isAscending: false }]
const password = 'secret'

export async function jmapParty(place: Place, origin: string): Promise<Party> {
  const client = await openJmap(origin, place.user, password)
  const inMailbox = await inboxId(client, place.letters)
  let state = ''
  const query = ({ filter, threads, from = 0 }: Question): Call => [
    'Email/query',
    {
      accountId: client.accountId,
      filter: { inMailbox, ...filter },
      sort: newestFirst,
      limit,
      position: Math.floor(from * place.letters),
      calculateTotal: true,
      ...(threads && { collapseThreads: true }),
    },
    'q',
  ]
  return {
    name: place.name,
    ask: async question => {
      const responses = await client.send([query(question), get(client, 'q', 'Email/query', '/ids')])
      const { total, queryState } = argsOf(responses, 'Email/query')
      if (question.name === 'list') state = String(queryState)
      return { total: Number(total), letters: lettersOf(argsOf(responses, 'Email/get')) }
    },
    mailboxes: async () => {
      const responses = await client.send([['Mailbox/get', { accountId: client.accountId, ids: null }, 'm']])
      return (argsOf(responses, 'Mailbox/get')['list'] as unknown[]).length
    },
    changes: async () => {
      const { accountId } = client
      const asked = {
        accountId,
        filter: { inMailbox },
        sort: newestFirst,
        sinceQueryState: state,
        calculateTotal: true,
      }
      const responses = await client.send([
        ['Email/queryChanges', asked, 'c'],
        get(client, 'c', 'Email/queryChanges', '/added/*/id'),
        ['Mailbox/get', { accountId, ids: null }, 'm'],
      ])
      const { newQueryState } = argsOf(responses, 'Email/queryChanges')
      state = String(newQueryState)
      return (argsOf(responses, 'Email/get')['list'] as unknown[]).length
    },
    close: client.close,
  }
}

function get({ accountId }: JmapClient, resultOf: string, name: string, path: string): Call {
  return ['Email/get', { accountId, '#ids': { resultOf, name, path }, properties: [...properties, 'messageId'] }, 'g']
}

function argsOf(responses: readonly Response[], wanted: string): Response[1] {
  const found = responses.find(([method]) => method === wanted)
  if (!found) throw new Error(JSON.stringify(responses).slice(0, 300))
  return found[1]
}

function lettersOf(got: Response[1]): readonly number[] {
  const list = got['list'] as readonly { readonly messageId: readonly string[] | null }[]
  return list.map(({ messageId }) => Number.parseInt(messageId?.[0] ?? '', 16))
}

async function inboxId(client: JmapClient, letters: number): Promise<string> {
  const responses = await client.send([
    ['Mailbox/get', { accountId: client.accountId, ids: null, properties: ['role', 'totalEmails'] }, 'm'],
  ])
  const list = argsOf(responses, 'Mailbox/get')['list'] as readonly Record<'id' | 'role' | 'totalEmails', unknown>[]
  const inbox = list.find(({ role }) => role === 'inbox')
  if (Number(inbox?.totalEmails) < letters) throw new Error(`The inbox holds ${String(inbox?.totalEmails)} letters`)
  return String(inbox?.id)
}

export async function imapParty(place: Place, port: number): Promise<Party> {
  const client = await openImap(port, place.user, password)
  return {
    name: place.name,
    ask: question => (question.threads ? threads(client) : sorted(client, question, place.letters)),
    mailboxes: async () => {
      const lines = await client.send('LIST "" "*" RETURN (STATUS (MESSAGES UNSEEN UIDNEXT))')
      return lines.split('* LIST ').length - 1
    },
    // what came is said by NOOP; its rows are fetched
    changes: async () => {
      const news = /\* (\d+) EXISTS/.exec(await client.send('NOOP'))?.[1]
      if (!news) throw new Error('NOOP told no news')
      await client.send(`FETCH ${news} ${items}`)
      await client.send('STATUS INBOX (MESSAGES UNSEEN)')
      return 1
    },
    close: client.close,
  }
}

/** Sorted in the server (RFC 5256), the rows in sight alone told (RFC 5267), then what they show. */
async function sorted(client: ImapClient, { key = 'ALL', from = 0 }: Question, letters: number): Promise<Found> {
  const first = Math.floor(from * letters) + 1
  const bytes = Buffer.from(key).toString('latin1')
  const answer = await client.send(
    `UID SORT RETURN (COUNT PARTIAL ${first}:${first + limit - 1}) (REVERSE ARRIVAL) UTF-8 ${bytes}`,
  )
  const total = Number(/ COUNT (\d+)/.exec(answer)?.[1])
  const uids = uidsOf(/ PARTIAL \(\S+ ([\d,:]+)\)/.exec(answer)?.[1] ?? '')
  if (uids.length > 0) await client.send(`UID FETCH ${uids.join(',')} ${items}`)
  return { total, letters: uids.map(uid => uid - 1) }
}

/** There is no list of threads: all are told, and the newest fifty shown. */
async function threads(client: ImapClient): Promise<Found> {
  const answer = await client.send('UID THREAD REFERENCES UTF-8 ALL')
  const line = /\* THREAD (.*)\r\n/.exec(answer)?.[1] ?? ''
  const found = line.split(')(')
  const newest = found.slice(-limit).map(thread => Number(/(\d+)\)*$/.exec(thread)?.[1]))
  await client.send(`UID FETCH ${newest.join(',')} ${items}`)
  return { total: found.length, letters: newest.toReversed().map(uid => uid - 1) }
}

function uidsOf(set: string): readonly number[] {
  return set.split(',').flatMap(range => {
    const [first = 0, last = first] = range.split(':').map(Number)
    const step = last < first ? -1 : 1
    return first === 0 ? [] : Array.from({ length: Math.abs(last - first) + 1 }, (_, index) => first + step * index)
  })
}
