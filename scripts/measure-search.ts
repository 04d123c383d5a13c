// `node scripts/measure-search.ts [--letters 100000] [--vocabulary bench|zipf|japanese] [--kib 4] [--attached 100] [--runs 5] [--search 'TEXT word']`: fills an account with distinct
// letters (with --attached one in so many has a PDF), indexes it, and times SEARCH through the IMAP server. One line per figure; nothing is kept.
import { statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { pdfOf } from '#formats/documents/documents.testbed.ts'
import { memorySource } from '#formats/message-source.ts'
import { benchLetter, type Vocabulary } from '#formats/search/letters.testbed.ts'
import { isRefusal } from '#mail/account.ts'
import { maxDocumentUnits } from '#formats/documents/limits.ts'
import { DocumentReader, type DocumentReading } from '#store/search/document-reader.ts'
import { openSearchStore, type SearchStore } from '#store/search/search-store.ts'
import { testAccount, testAddress, testPassword, type Testbed, withImap } from '#protocols/imap/imap.testbed.ts'

const { values } = parseArgs({
  options: {
    letters: { type: 'string', default: '100000' },
    vocabulary: { type: 'string', default: 'bench' },
    kib: { type: 'string', default: '4' },
    attached: { type: 'string', default: '0' },
    runs: { type: 'string', default: '5' },
    search: { type: 'string', multiple: true },
  },
})
const letters = Number(values.letters)
const size = Number(values.kib) * 1024
const attached = Number(values.attached)

const searches: Record<Vocabulary, readonly string[]> = {
  bench: [
    'TEXT zyxquark',
    'SUBJECT 00042',
    'BODY nosuchword',
    'TEXT "rareword zyxquark here"',
    'FROM "sender042@"',
    'HEADER Message-ID "<0000ffff.bench"',
    'BODY qu',
    'TEXT 會',
    'OR SUBJECT 00042 BODY zyxquark',
    'UNSEEN NOT BODY the',
    'TEXT server',
    'BODY "budget meeting"',
    'BODY pdfword4200',
  ],
  zipf: ['TEXT zyxquark', 'SUBJECT 00042', 'BODY nosuchword', 'BODY qu', 'BODY qz', 'BODY kato', 'BODY mentqui'],
  japanese: [
    'TEXT zyxquark',
    'BODY 会',
    'BODY 会議',
    'BODY 会議資',
    'BODY 會',
    'BODY テスト',
    'BODY 株式会社',
    'BODY 3',
  ],
}

await withImap(async bed => {
  await fill(bed)
  await index(bed)
  using client = connectTo(bed)
  await client.ask(`LOGIN ${testAddress} ${testPassword}`)
  await client.ask('SELECT INBOX')
  const medians: number[] = []
  for (const key of values.search ?? searches[values.vocabulary as Vocabulary]) medians.push(await time(client, key))
  say('median of all', `${median(medians).toFixed(1)} ms`)
})

async function fill({ accounts }: Testbed): Promise<void> {
  const account = await accounts.account(testAccount)
  const inbox = await account.mailboxNamed('INBOX')
  if (!inbox) throw new Error('There is no inbox')
  const begun = performance.now()
  let most = 0
  for (let from = 0; from < letters; from += 1000) {
    const messages = Array.from({ length: Math.min(1000, letters - from) }, (_, index) => ({
      message: memorySource(letterNumber(from + index)),
      flags: { mode: 'add', system: 0, keywords: [] } as const,
      internalDate: Date.now(),
    }))
    const placed = await account.append(inbox.id, messages)
    if (isRefusal(placed)) throw new Error(placed.refused)
    most = Math.max(most, accounts.searchLag.emails)
  }
  const rate = letters / ((performance.now() - begun) / 1000)
  say('filled', `${letters} letters of ${values.kib} KiB in ${seconds(begun)} s, ${Math.round(rate)} letters/s`)
  const filled = performance.now()
  while (accounts.searchLag.emails > 0) await sleep(20)
  say(
    'lag',
    `${most} letters behind at most (${(most / rate).toFixed(1)} s of arrivals); none ${seconds(filled)} s after the last`,
  )
  if (attached === 0) return
  const { documents } = accounts.searchLag
  const reading = performance.now()
  while (accounts.searchLag.documents > 0) await sleep(100)
  say(
    'documents',
    `${documents} of ${Math.floor(letters / attached)} to be read then; ${seconds(reading)} s later none`,
  )
}

async function readDocuments(store: SearchStore): Promise<void> {
  using reader = new DocumentReader()
  const account = testAccount
  const begun = performance.now()
  let read = 0
  for (;;) {
    const { next } = await store.index('nextDocuments', { account })
    if (!next) break
    const readings: string[] = []
    for (const document of next.documents) readings.push(textOf(await reader.read(document, maxDocumentUnits)))
    await store.index('keepDocuments', { account, email: next.email, text: readings.join('\n') })
    read++
  }
  const each = (performance.now() - begun) / Math.max(1, read)
  say('documents', `${read} read in ${seconds(begun)} s, ${each.toFixed(1)} ms each, indexed with the rest`)
}

function textOf(reading: DocumentReading): string {
  return reading.failure === undefined ? reading.text : ''
}

function letterNumber(index: number): Uint8Array {
  const bytes = benchLetter(index, values.vocabulary as Vocabulary, size)
  if (attached === 0 || index % attached !== 0) return bytes
  const text = Buffer.from(bytes).toString()
  const at = text.indexOf('\r\n\r\n')
  const type = 'Content-Type: multipart/mixed; boundary=bb'
  const head = text.slice(0, at).replace(/Content-Type: .*\r\nContent-Transfer-Encoding: 8bit/, type)
  const plain = 'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit'
  const pdf = Buffer.from(pdfOf([`会議資料 ${index} pdfword${index}\n${text.slice(at + 4, at + 2000)}`])).toString(
    'base64',
  )
  const file = 'Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64'
  const lines = pdf.replaceAll(/(.{76})/g, '$1\r\n')
  return Buffer.from(`${head}\r\n\r\n--bb\r\n${plain}${text.slice(at)}--bb\r\n${file}\r\n\r\n${lines}\r\n--bb--\r\n`)
}

/** From nothing, so that every letter counts. */
async function index({ accounts, folder }: Testbed): Promise<void> {
  await accounts.indexed(testAccount)
  await using store = openSearchStore(join(folder, 'accounts'))
  await store.index('discard', { account: testAccount })
  const begun = performance.now()
  const cpu = process.cpuUsage()
  while ((await store.index('advance', { account: testAccount })).more);
  const rate = Math.round(letters / ((performance.now() - begun) / 1000))
  const { user, system } = process.cpuUsage(cpu)
  const cpuMs = ((user + system) / 1000 / letters).toFixed(3)
  say('indexed', `${rate} letters/s, ${cpuMs} ms processor a letter, merges included`)
  if (attached > 0) await readDocuments(store)
  const place = join(folder, 'accounts', testAccount)
  const files = (await readdir(place)).filter(name => name.startsWith('search.db'))
  const indexBytes = files.reduce((sum, name) => sum + statSync(join(place, name)).size, 0)
  const mailBytes = (await (await accounts.account(testAccount)).quota()).usedBytes
  say(
    'size',
    `${mib(indexBytes)} MiB of index for ${mib(mailBytes)} MiB of mail: ${((indexBytes / mailBytes) * 100).toFixed(1)} %`,
  )
  say('memory', `${mib(process.memoryUsage().rss)} MiB resident, all threads`)
}

/** Milliseconds, the median */
async function time(client: Client, key: string): Promise<number> {
  const runs: number[] = []
  const cpu: number[] = []
  let hits = 0
  let worst = 0
  for (let run = 0; run < Number(values.runs); run++) {
    const stall = watchMainThread()
    const used = process.cpuUsage()
    const begun = performance.now()
    const reply = await client.ask(`SEARCH CHARSET UTF-8 ${key}`)
    runs.push(performance.now() - begun)
    const { user, system } = process.cpuUsage(used)
    cpu.push((user + system) / 1000)
    worst = Math.max(worst, stall())
    hits = (/^\* SEARCH(.*)$/m.exec(reply)?.[1] ?? '').split(' ').length - 1
    if ((runs[0] ?? 0) > 3000) break
  }
  const first = runs[0] ?? 0
  const times = `${median(runs).toFixed(1)} ms (first ${first.toFixed(1)}, processor ${median(cpu).toFixed(1)})`
  say(`SEARCH ${key}`, `${times}, ${hits} hits, main thread held ${worst.toFixed(1)} ms at most`)
  return median(runs)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}

/** How long at most a timer had to wait, the client's own work included: milliseconds. */
function watchMainThread(): () => number {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  return () => {
    delay.disable()
    return delay.max / 1e6
  }
}

type Client = Disposable & { ask(command: string): Promise<string> }

function connectTo(bed: Testbed): Client {
  const stream: Duplex = bed.connect()
  let text = ''
  let wake: (() => void) | undefined
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    wake?.()
  })
  let tag = 0
  return {
    async ask(command) {
      const own = `t${++tag}`
      text = ''
      // a literal for what is no ASCII
      const [, head = '', word] = /^(.*?)(\S*[^\0-\x7f]\S*)$/.exec(command) ?? []
      const line = word === undefined ? command : `${head}{${Buffer.byteLength(word)}+}\r\n${word}`
      stream.write(`${own} ${line}\r\n`)
      while (!text.includes(`${own} OK`)) {
        if (/^t\d+ (NO|BAD)/m.test(text)) throw new Error(text)
        await new Promise<void>(resolve => (wake = resolve))
      }
      return text
    },
    [Symbol.dispose]: () => stream.end(),
  }
}

function say(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(40)} ${figure}\n`)
}

function seconds(begun: number): string {
  return ((performance.now() - begun) / 1000).toFixed(1)
}

function mib(octets: number): string {
  return (octets / 1024 / 1024).toFixed(1)
}
