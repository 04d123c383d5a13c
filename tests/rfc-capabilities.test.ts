// What rfc/check.ts says when a capability, the index and the transcripts do not fit together.
import assert from 'node:assert/strict'
import test from 'node:test'
import { advertisedCapabilities } from '../rfc/advertised.ts'
import { capabilityProblems, type CapabilityFacts, parseCapabilityRows } from '../rfc/capabilities.ts'

const good: CapabilityFacts = {
  advertised: new Set(['IDLE', 'THREAD=REFS']),
  rows: [
    { capability: 'IDLE', rfc: 2177, evidence: undefined },
    { capability: 'THREAD=REFS', rfc: undefined, evidence: 'refs.txt' },
  ],
  statuses: new Map([
    [2177, 'yes'],
    [2971, 'no'],
  ]),
  transcripts: ['# RFC 2177 §3'],
  read: file => (file === 'refs.txt' ? 'S: THREAD=REFS' : undefined),
}

const idle = { capability: 'IDLE', rfc: 2177, evidence: undefined }
const cases: readonly [why: string, change: Partial<CapabilityFacts>, problem: RegExp | undefined][] = [
  ['all fits', {}, undefined],
  ['partial is enough', { statuses: new Map([[2177, 'partial']]) }, undefined],
  ['a capability is not in the table', { rows: [idle] }, /IMAP advertises THREAD=REFS, which .* does not know/],
  ['the table has one too many', { advertised: new Set(['IDLE']) }, /has THREAD=REFS, which IMAP does not advertise/],
  ['the RFC is not followed yet', { statuses: new Map([[2177, 'no']]) }, /RFC 2177 is "no"/],
  ['the RFC was only read', { statuses: new Map([[2177, 'read']]) }, /RFC 2177 is "read"/],
  ['the RFC is not in the index', { statuses: new Map() }, /RFC 2177 is "missing"/],
  [
    'no transcript names it',
    { transcripts: ['# RFC 21771, RFC 217'] },
    /IDLE: a transcript of IMAP has to name RFC 2177/,
  ],
  ['the file is not there', { read: () => undefined }, /THREAD=REFS: refs.txt has to name THREAD=REFS/],
]
for (const [why, change, problem] of cases)
  test(`capabilities and RFCs: ${why}`, () => {
    const problems = capabilityProblems({ ...good, ...change })
    assert.equal(problems.length, problem ? 1 : 0, problems.join('\n'))
    if (problem) assert.match(problems[0] ?? '', problem)
  })

test('a row without a number or a file is no row', () => {
  const lines: number[] = []
  parseCapabilityRows('# x\nIDLE\t2177\nIDLE\n\nX\t-\nX\t-\ta.txt\nX\tsoon\ta.txt', line => lines.push(line))
  assert.deepEqual(lines, [3, 5, 7])
})

test('everything is on in what is held against the index', () => {
  const names = advertisedCapabilities()
  for (const name of [
    'STARTTLS',
    'LOGINDISABLED',
    'AUTH=SCRAM-SHA-1-PLUS',
    'COMPRESS=DEFLATE',
    'APPENDLIMIT',
    'LITERAL+',
  ])
    assert.ok(names.has(name), name)
})
