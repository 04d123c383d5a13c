/** DKIM and ARC: messages with the records of their keys, and the suite of ARC chains. */
import { readdirSync, readFileSync } from 'node:fs'
import { isMap, isNode, parseAllDocuments } from 'yaml'
import { memorySource } from '#formats/message-source.ts'
import { verifyArc } from '#mail/authenticity/arc/verify.ts'
import { verifyDkim } from '#mail/authenticity/dkim/verify.ts'
import { type ReadMessage, readMessage } from '#mail/authenticity/message.ts'
import { type NameTable, tableNames } from '#mail/authenticity/names.testbed.ts'
import { type CaseResult, check, corpus, type Suite } from './suite.ts'

/** No signature of the ARC suite has a time that counts */
const now = Date.UTC(2022, 11, 1)

/** Answers of the signatures in the files of mail-auth, from the top; `002` and `006` have one each. */
const wantedOfMessages: Readonly<Record<string, readonly string[]>> = {
  'dkim/001.txt': ['pass', 'pass'],
  'dkim/002.txt': ['pass'],
  'dkim/003.txt': ['pass', 'pass'],
  'dkim/004.txt': ['pass'],
  'dkim/005.txt': ['pass'],
  'dkim/006.txt': ['pass'],
  'arc/001.txt': ['arc pass'],
  'arc/002.txt': ['arc pass'],
}

type ChainCase = { readonly message: string; readonly cv: string | null }
export const mailAuth: readonly Suite[] = [
  { name: 'mail-auth dkim', run: () => messages('dkim') },
  { name: 'mail-auth arc', run: () => messages('arc') },
  { name: 'arc chains', run: chains },
]

async function messages(folder: 'dkim' | 'arc'): Promise<readonly CaseResult[]> {
  const path = new URL(`mail-auth/resources/${folder}/`, corpus)
  const results: CaseResult[] = []
  for (const file of readdirSync(path).toSorted()) {
    const [records = '', ...rest] = readFileSync(new URL(file, path), 'latin1').split('\n\n')
    const names = tableNames(recordTable(records))
    const message = await read(rest.join('\n\n'))
    // a minute after it was signed: some expire
    const options = { names, now: (lastSignedAt(message.text) + 60) * 1000 }
    const found = await verifyDkim(message, options)
    const chain = await verifyArc(message, options)
    const got = folder === 'dkim' ? found.map(({ result }) => result) : [`arc ${chain.finding.result}`]
    results.push(
      check(`${folder}/${file}`, differs => {
        const reasons = [...found.map(one => one.reason), chain.finding.reason].filter(Boolean).join(', ')
        differs(`results (${reasons})`, got, wantedOfMessages[`${folder}/${file}`])
      }),
    )
  }
  return results
}

/** t= of the signatures and seals */
function lastSignedAt(header: string): number {
  return Math.max(0, ...[...header.matchAll(/[;\s]t=([0-9]{9,10});/g)].map(([, seconds]) => Number(seconds)))
}

/** `name record`, a line each */
function recordTable(text: string): NameTable {
  return Object.fromEntries(
    text.split('\n').map(line => [line.slice(0, line.indexOf(' ')), { TXT: [line.slice(line.indexOf(' ') + 1)] }]),
  )
}

async function chains(): Promise<readonly CaseResult[]> {
  const text = readFileSync(new URL('arc/tests/arc-draft-validation-tests.yml', corpus), 'utf8')
  const results: CaseResult[] = []
  for (const document of parseAllDocuments(text, { uniqueKeys: false })) {
    // Four ids stand twice, with different messages: the nodes have them all
    const records = entriesOf(document.get('txt-records')) as readonly (readonly [string, string])[]
    const tests = entriesOf(document.get('tests')) as readonly (readonly [string, ChainCase])[]
    const names = tableNames(Object.fromEntries(records.map(([name, record]) => [name, { TXT: [record] }])))
    for (const [id, { message, cv }] of tests) {
      const { finding } = await verifyArc(await read(message), { names, now })
      results.push(check(`arc ${id}`, differs => differs(finding.reason ?? 'result', finding.result, wanted(cv))))
    }
  }
  return results
}

function entriesOf(node: unknown): readonly (readonly [string, unknown])[] {
  if (!isMap(node)) return []
  return node.items.map(({ key, value }) => [String(key), isNode(value) ? (value.toJSON() as unknown) : undefined])
}

/** Chains that the last sealer called broken have no answer in the suite: fail, by RFC 8617 §5.2 step 2. */
function wanted(cv: string | null): string {
  return (cv ?? '').trim() === '' ? 'fail' : (cv ?? '').trim().toLowerCase()
}

function read(text: string): Promise<ReadMessage> {
  return readMessage(memorySource(Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'latin1')))
}
