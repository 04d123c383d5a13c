/** DMARC: `dmarc-cases.txt`, and the tree walks of RFC 9989 §4.10. */
import { readFileSync } from 'node:fs'
import { memorySource } from '#formats/message-source.ts'
import { authorOf } from '#mail/authenticity/dmarc/author.ts'
import { evaluateDmarc } from '#mail/authenticity/dmarc/evaluate.ts'
import { organizationalDomain, walkNames, walkTree } from '#mail/authenticity/dmarc/tree.ts'
import { readMessage } from '#mail/authenticity/message.ts'
import { type NameTable, tableNames } from '#mail/authenticity/names.testbed.ts'
import type { AuthenticationResult, DkimFinding, SpfFinding } from '#mail/verdicts.ts'
import { type CaseResult, check, type Suite } from './suite.ts'

type DmarcCase = {
  readonly name: string
  /** Values of From, a field each */
  readonly from: readonly string[]
  readonly records: Records
  /** Result and domain, `pass example.com` */
  readonly spf: string
  readonly dkim: readonly string[]
  /** Names that exist without a record */
  readonly existing: readonly string[]
  /** `result disposition alignedBy` */
  readonly want: string
}

/** Domain → records at _dmarc; `TIMEOUT` for no answer */
type Records = readonly (readonly [string, string])[]

const reject = 'v=DMARC1; p=reject'

/** §4.10: walks and the organizations they lead to */
const organizations: readonly (readonly [string, Records, string])[] = [
  [
    'a.mail.example.com',
    [
      ['mail.example.com', reject],
      ['example.com', reject],
    ],
    'example.com',
  ],
  ['a.mail.example.com', [['mail.example.com', `${reject}; psd=n`]], 'mail.example.com'],
  ['a.mail.example.com', [['com', `${reject}; psd=y`]], 'example.com'],
  ['mail.example.com', [['example.com', `${reject}; psd=y`]], 'mail.example.com'],
  ['a.mail.example.com', [], 'a.mail.example.com'],
  [
    'a.mail.example.com',
    [
      ['a.mail.example.com', `${reject}; psd=y`],
      ['example.com', reject],
    ],
    'a.mail.example.com',
  ],
  [
    'mail.a.b.c.d.e.f.g.example.com',
    [
      ['b.c.d.e.f.g.example.com', `${reject}; psd=n`],
      ['example.com', reject],
    ],
    'example.com',
  ],
]

const longWalk = [
  'a.b.c.d.e.f.g.h.i.j.mail.example.com',
  'g.h.i.j.mail.example.com',
  'h.i.j.mail.example.com',
  'i.j.mail.example.com',
  'j.mail.example.com',
  'mail.example.com',
  'example.com',
  'com',
]

export const dmarc: readonly Suite[] = [
  { name: 'dmarc', run: () => Promise.all(readCases().map(run)) },
  {
    name: 'dmarc tree walk',
    async run() {
      const long = check('the eight names of §4.10', differs =>
        differs('names', walkNames('a.b.c.d.e.f.g.h.i.j.mail.example.com'), longWalk),
      )
      const walks = organizations.map(async ([domain, records, want]) => {
        const got = organizationalDomain(await walkTree(domain, tableNames(tableOf(records))))
        return check(`organization of ${domain}`, differs => differs('organization', got, want))
      })
      return [long, ...(await Promise.all(walks))]
    },
  },
]

function readCases(): DmarcCase[] {
  const lines = readFileSync(new URL('dmarc-cases.txt', import.meta.url), 'utf8').split('\n')
  return lines.filter(line => line !== '' && !line.startsWith('#')).map(readCase)
}

function readCase(line: string): DmarcCase {
  const columns = line.split('|').map(column => column.trim())
  const [name = '', from = '', records = '', spf = '', dkim = '', existing = '', want = ''] = columns
  const list = (text: string, separator: string) =>
    text
      .split(separator)
      .map(one => one.trim())
      .filter(Boolean)
  return {
    name,
    from: list(from, '\\n'),
    records: list(records, '&&').map(one => {
      const [domain = '', record = ''] = list(one, '→')
      return [domain, record] as const
    }),
    spf: spf === '' ? 'none example.com' : spf,
    dkim: list(dkim, ','),
    existing: list(existing, ','),
    want,
  }
}

async function run({ name, from, records, spf, dkim, existing, want }: DmarcCase): Promise<CaseResult> {
  const fields = from.map(value => `From: ${value}\r\n`).join('')
  const author = authorOf(await readMessage(memorySource(Buffer.from(`${fields}Subject: x\r\n\r\n`))))
  const table = { ...tableOf(records), ...Object.fromEntries(existing.map(one => [one, { MX: ['mx.example.com'] }])) }
  const found = await evaluateDmarc(author, { spf: spfOf(spf), dkim: dkim.map(dkimOf) }, tableNames(table))
  const got = [found.result, found.disposition, ...found.alignedBy].join(' ')
  return check(`dmarc ${name}`, differs => differs(found.reason ?? 'result', got, want))
}

function tableOf(records: Records): NameTable {
  const table: Record<string, { TXT: readonly string[] | 'TIMEOUT' }> = {}
  for (const [domain] of records) {
    const own = records.filter(([one]) => one === domain).map(([, text]) => text)
    table[`_dmarc.${domain}`] = { TXT: own[0] === 'TIMEOUT' ? 'TIMEOUT' : own }
  }
  return table
}

function spfOf(text: string): SpfFinding {
  const [result, domain] = text.split(' ') as [AuthenticationResult, string]
  return { result, scope: 'mailfrom', domain }
}

function dkimOf(text: string): DkimFinding {
  const [result, domain] = text.split(' ') as [AuthenticationResult, string]
  return { result, domain, selector: 's', algorithm: 'rsa-sha256' }
}
