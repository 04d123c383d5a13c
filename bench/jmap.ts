// What a mail program asks of a JMAP server that holds a large inbox, timed from outside: any server that speaks RFC 8621.
//
//   node bench/jmap.ts NAME --origin http://127.0.0.1:PORT --user U --password P --imap PORT --letters 100000 --runs 9
//
// Letters come from elsewhere (mb multiappend), the same for both. Prints rows as bench.py does, and keeps them in $PEERS/results/NAME.txt.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

type Call = readonly [method: string, args: object, id: string]
type Answer = { readonly methodResponses: readonly (readonly [string, Record<string, unknown>, string])[] }
type Session = { readonly apiUrl: string; readonly primaryAccounts: Readonly<Record<string, string>> }

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    origin: { type: 'string', default: 'http://127.0.0.1:12780' },
    user: { type: 'string', default: 'u60@example.test' },
    password: { type: 'string', default: 'secret' },
    imap: { type: 'string', default: '12743' },
    /** How the generator writes users, and the number of this one */
    users: { type: 'string', default: 'u%ld@example.test' },
    number: { type: 'string', default: '60' },
    letters: { type: 'string', default: '100000' },
    runs: { type: 'string', default: '9' },
  },
})
const peers = process.env['PEERS'] ?? '/tmp/peers-of-hikyaku'
const name = positionals[0] ?? 'jmap'
const mail = 'urn:ietf:params:jmap:mail'
const using = ['urn:ietf:params:jmap:core', mail]
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const authorization = `Basic ${Buffer.from(`${flags.user}:${flags.password}`).toString('base64')}`
const rows: string[] = []

const session = JSON.parse(await ask('GET', `${flags.origin}/.well-known/jmap`)) as Session
const accountId = session.primaryAccounts[mail] ?? ''
const api = new URL(session.apiUrl, flags.origin).href
const letters = Number(flags.letters)
const inbox = await inboxId()
let next = letters

/** What a list of letters shows of each */
const properties = [
  'id',
  'threadId',
  'mailboxIds',
  'keywords',
  'from',
  'subject',
  'receivedAt',
  'hasAttachment',
  'size',
]
const newestFirst = [{ property: 'receivedAt', isAscending: false }]
const inInbox = { inMailbox: inbox }

await time('list', () => list(inInbox))
await time('list_preview', () => list(inInbox, {}, [...properties, 'preview']))
await time('list_threads', () => list(inInbox, { collapseThreads: true }))
await time('list_middle', () => list(inInbox, { position: Math.floor(letters / 2) }))
await time('list_unread', () => list({ ...inInbox, notKeyword: '$seen' }))
await time('search_subject', () => list({ ...inInbox, subject: '00042' }))
await time('search_text_rare', () => list({ ...inInbox, text: 'zyxquark' }))
await time('search_text_none', () => list({ ...inInbox, text: 'nosuchword' }))
await time('mailboxes', async () => {
  const [, { list: mailboxes }] = await call('Mailbox/get', { accountId, ids: null })
  return (mailboxes as unknown[]).length
})
await time('list_after_news', () => list(inInbox), deliver)
agent.destroy()
mkdirSync(join(peers, 'results'), { recursive: true })
writeFileSync(join(peers, 'results', `${name}.txt`), rows.map(row => `${row}\n`).join(''))

/** Email/query and Email/get of what it found, fifty, in one request; gives how many came. */
async function list(filter: object, more: object = {}, wanted: readonly string[] = properties): Promise<number> {
  const query = { accountId, filter, sort: newestFirst, limit: 50, ...more }
  const { methodResponses } = await send([
    ['Email/query', query, 'q'],
    ['Email/get', { accountId, '#ids': { resultOf: 'q', name: 'Email/query', path: '/ids' }, properties: wanted }, 'g'],
  ])
  const got = methodResponses.find(([method]) => method === 'Email/get')
  if (!got) throw new Error(JSON.stringify(methodResponses).slice(0, 300))
  return (got[1]['list'] as unknown[]).length
}

async function inboxId(): Promise<string> {
  const [, { list: mailboxes }] = await call('Mailbox/get', {
    accountId,
    ids: null,
    properties: ['role', 'totalEmails'],
  })
  const found = (mailboxes as { id: string; role: string | null; totalEmails: number }[]).find(
    ({ role }) => role === 'inbox',
  )
  if (!found || found.totalEmails < letters) throw new Error(`The inbox holds ${found?.totalEmails} letters`)
  return found.id
}

/** One more letter, another each time, by IMAP */
function deliver(): void {
  const done = spawnSync(
    join(peers, 'bin', 'mb'),
    ['imap', '--port', flags.imap, '--u', flags.number, '--user', flags.users],
    {
      input: `multiappend x INBOX 1 4096 ${next++}\n`,
      encoding: 'utf8',
    },
  )
  if (done.status !== 0) throw new Error(done.stderr)
}

/** Three rounds first: a mail server has been up for months. */
async function time(row: string, act: () => Promise<number>, before: () => void = () => {}): Promise<void> {
  const times: number[] = []
  let found = 0
  for (let round = -3; round < Number(flags.runs); round++) {
    before()
    const begun = performance.now()
    found = await act()
    if (round >= 0) times.push(performance.now() - begun)
  }
  times.sort((one, other) => one - other)
  const median = times[Math.floor(times.length / 2)] ?? NaN
  const said = `${name.replace(/^[a-z]+-/, '')}.${row} ${median.toPrecision(4)} ms  # found=${found} min=${times[0]?.toFixed(1)} max=${times.at(-1)?.toFixed(1)}`
  rows.push(said)
  process.stdout.write(`${said}\n`)
}

async function call(method: string, args: object): Promise<readonly [string, Record<string, unknown>, string]> {
  const { methodResponses } = await send([[method, args, '0']])
  const [response] = methodResponses
  if (response?.[0] !== method) throw new Error(JSON.stringify(methodResponses).slice(0, 300))
  return response
}

async function send(methodCalls: readonly Call[]): Promise<Answer> {
  return JSON.parse(await ask('POST', api, JSON.stringify({ using, methodCalls }))) as Answer
}

function ask(method: string, url: string, body?: string, hops = 3): Promise<string> {
  const headers = { authorization, accept: 'application/json', ...(body && { 'content-type': 'application/json' }) }
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, agent, headers, timeout: 60_000 }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const { statusCode = 0 } = response
        const to = response.headers.location
        if (statusCode >= 300 && statusCode < 400 && to && hops > 0)
          return resolve(ask(method, new URL(to, url).href, body, hops - 1))
        if (statusCode === 200) return resolve(text)
        reject(new Error(`${url}: ${statusCode} ${text.slice(0, 200)}`))
      })
    })
    asked.on('error', reject)
    asked.on('timeout', () => asked.destroy(new Error(`${url}: no answer in a minute`)))
    asked.end(body)
  })
}
