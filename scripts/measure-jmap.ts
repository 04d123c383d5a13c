// `node scripts/measure-jmap.ts [--letters 100000] [--runs 9] [--only TEXT]`: fills an account with letters and times what a mail program asks by JMAP, when nothing
// has changed and right after a change. The client is a thread of its own: what the main thread works is the server's alone. Nothing is kept.
import { Agent, request } from 'node:http'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { memorySource } from '#formats/message-source.ts'
import { benchLetter } from '#formats/search/letters.testbed.ts'
import { type Account, deletedFlag, flaggedFlag, isRefusal } from '#mail/account.ts'
import type { MailboxId } from '#mail/ids.ts'
import { printMailboxId } from '#mail/object-ids.ts'
import { authorization, type JmapBed, withJmap } from '#protocols/jmap/jmap.testbed.ts'

type Timed = { readonly ms: number; readonly answer: string }

if (!isMainThread) serveClient(workerData as number)
else await measure()

async function measure(): Promise<void> {
  const { values } = parseArgs({
    options: {
      letters: { type: 'string', default: '100000' },
      runs: { type: 'string', default: '9' },
      only: { type: 'string' },
    },
  })
  await withJmap(async bed => {
    const account = await bed.accounts.account(bed.account)
    const inbox = await account.mailboxNamed('INBOX')
    if (!inbox) throw new Error('There is no inbox')
    await fill(account, inbox.id, Number(values.letters))
    await bed.accounts.indexed(bed.account)
    const client = new Worker(new URL(import.meta.url), { workerData: bed.port })
    try {
      await timeAll({ bed, account, inbox: inbox.id, client, runs: Number(values.runs), only: values.only })
    } finally {
      await client.terminate()
    }
  })
}

async function fill(account: Account, inbox: MailboxId, letters: number): Promise<void> {
  const archive = await account.createMailbox('Archive 1')
  if (isRefusal(archive)) throw new Error(archive.refused)
  const begun = performance.now()
  for (let from = 0; from < letters; from += 1000) {
    const messages = Array.from({ length: Math.min(1000, letters - from) }, (_, index) => letterAt(from + index))
    // a tenth lies elsewhere
    const placed = await account.append(from % 10_000 === 9000 ? archive.id : inbox, messages)
    if (isRefusal(placed)) throw new Error(placed.refused)
  }
  say('filled', `${letters} letters in ${((performance.now() - begun) / 1000).toFixed(1)} s`)
}

/** Every third answers the one before: threads. */
function letterAt(number: number) {
  const answers = number % 3 === 0 ? '' : `In-Reply-To: <${number - (number % 3)}@measure.test>\r\n`
  const head = `Message-ID: <${number}@measure.test>\r\n${answers}`
  const rest = Buffer.from(benchLetter(number, 'bench', 2048))
    .toString('latin1')
    .replace(/^Message-ID:.*\r\n/im, '')
  return {
    message: memorySource(Buffer.from(head + rest, 'latin1')),
    flags: { mode: 'add', system: number % 4 === 0 ? 0 : 1, keywords: [] } as const,
    internalDate: Date.UTC(2020, 0, 1) + number * 60_000,
  }
}

type Course = {
  readonly bed: JmapBed
  readonly account: Account
  readonly inbox: MailboxId
  readonly client: Worker
  readonly runs: number
  readonly only: string | undefined
}

async function timeAll(course: Course): Promise<void> {
  const { bed, account, inbox } = course
  const { accountId } = bed
  const mailbox = printMailboxId(inbox)
  const list = {
    accountId,
    filter: { inMailbox: mailbox },
    sort: [{ property: 'receivedAt', isAscending: false }],
    position: 0,
    limit: 50,
    calculateTotal: true,
  }
  const shown = [
    'threadId',
    'mailboxIds',
    'keywords',
    'from',
    'subject',
    'receivedAt',
    'preview',
    'hasAttachment',
    'size',
  ]
  const get = {
    accountId,
    '#ids': { resultOf: 'q', name: 'Email/query', path: '/ids' },
    properties: shown,
  }
  const query = (more: object) => [['Email/query', { ...list, ...more }, 'q']]
  const queryState = async () => {
    const { answer } = await ask(course.client, query({ limit: 1 }))
    return /"queryState":"([^"]+)"/.exec(answer)?.[1] ?? ''
  }
  const sorted = (property: string, keyword?: string) => query({ sort: [{ property, keyword }] })
  const calls: Record<string, () => object | Promise<object>> = {
    'query + get of 50': () => [...query({}), ['Email/get', get, 'g']],
    'query, collapseThreads': () => query({ collapseThreads: true }),
    'query, unread': () => query({ filter: { inMailbox: mailbox, notKeyword: '$seen' } }),
    'query, flagged threads first': () => sorted('someInThreadHaveKeyword', '$flagged'),
    'query by size': () => sorted('size'),
    'query by subject': () => sorted('subject'),
    'query with attachments': () => query({ filter: { hasAttachment: true } }),
    'Mailbox/get': () => [['Mailbox/get', { accountId, ids: null }, 'm']],
  }
  let letters = 3_000_000
  let uid = 0
  const changes: Record<string, (() => Promise<void>) | undefined> = {
    'nothing changed': undefined,
    'a delivery': async () => {
      const placed = await account.append(inbox, [{ ...letterAt(++letters), internalDate: Date.now() }])
      if (isRefusal(placed)) throw new Error(placed.refused)
    },
    'a flag': async () => {
      await account.changeFlags(inbox, [(1000 + ++uid) as never], { mode: 'add', system: flaggedFlag, keywords: [] })
    },
    'an expunge': async () => {
      const one = [(2000 + ++uid) as never]
      await account.changeFlags(inbox, one, { mode: 'add', system: deletedFlag, keywords: [] })
      await account.expunge(inbox, one)
    },
  }
  for (const [name, make] of Object.entries(calls)) {
    if (course.only && !name.includes(course.only)) continue
    await time(course, `${name}, first`, { make, runs: 1 })
    for (const [after, change] of Object.entries(changes))
      await time(course, `${name}, ${after}`, { make, runs: course.runs, ...(change && { change }) })
  }
  if (course.only && !'queryChanges'.includes(course.only)) return
  for (const [after, change] of Object.entries(changes)) {
    let since = await queryState()
    await time(course, `Email/queryChanges, ${after}`, {
      runs: course.runs,
      make: () => [
        ['Email/queryChanges', { accountId, filter: list.filter, sort: list.sort, sinceQueryState: since }, 'c'],
      ],
      async change() {
        since = await queryState()
        await change?.()
      },
    })
  }
}

type Timing = {
  readonly make: () => object | Promise<object>
  readonly change?: () => Promise<void>
  readonly runs: number
}

async function time({ client }: Course, what: string, { make, change, runs }: Timing): Promise<void> {
  const wall: number[] = []
  const main: number[] = []
  let octets = 0
  for (let run = 0; run < runs; run++) {
    await change?.()
    const calls = await make()
    const before = process.threadCpuUsage()
    const { ms, answer } = await ask(client, calls)
    const { system, user } = process.threadCpuUsage(before)
    main.push((system + user) / 1000)
    wall.push(ms)
    octets = answer.length
    if (answer.startsWith('{"methodResponses":[["error')) return say(what, answer.slice(0, 150))
  }
  say(
    what,
    `${median(wall).toFixed(1)} ms, ${median(main).toFixed(1)} of the main thread's processor time, ${octets} octets`,
  )
}

function ask(client: Worker, calls: object): Promise<Timed> {
  return new Promise(resolve => {
    client.once('message', resolve)
    client.postMessage(calls)
  })
}

/** One connection, as mail programs have it: its login is checked once. */
function serveClient(port: number): void {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const using = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail']
  parentPort?.on('message', (methodCalls: object) => {
    const begun = performance.now()
    const headers = { authorization, 'content-type': 'application/json' }
    const sent = request({ host: '127.0.0.1', port, method: 'POST', path: '/jmap/api', agent, headers }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const answer = Buffer.concat(chunks).toString()
        if (response.statusCode !== 200) throw new Error(answer)
        parentPort?.postMessage({ ms: performance.now() - begun, answer } satisfies Timed)
      })
    })
    sent.end(JSON.stringify({ using, methodCalls }))
  })
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}

function say(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(46)} ${figure}\n`)
}
