import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import fc from 'fast-check'
import type { DeliverInput, FiledEmail } from '../operations.ts'
import { Journal, readJournal, readRecordAt } from './journal.ts'
import { parseRecord, printAppend } from './append-record.ts'
import { fitsRecord, parseDelivery, printDelivery } from './record.ts'

function inFolder(act: (path: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-journal-'))
  try {
    act(join(folder, 'one.journal'))
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

const bytes = (text: string) => new TextEncoder().encode(text)
const texts = (path: string) => [...readJournal(path)].map(({ payload }) => new TextDecoder().decode(payload))

test('records come back in order, from the file and each by its place', () => {
  inFolder(path => {
    const journal = new Journal(path)
    const places = [
      ...journal.append([[bytes('one'), bytes('!')], [bytes('two')]]),
      ...journal.append([[bytes(''), bytes('three')]]),
    ]
    assert.deepEqual(texts(path), ['one!', 'two', 'three'])
    assert.deepEqual(
      places.map(place => new TextDecoder().decode(readRecordAt(place))),
      ['one!', 'two', 'three'],
    )
    journal.close()
  })
})

test('a record that is not whole ends the journal, wherever the write stopped', () => {
  inFolder(path => {
    const journal = new Journal(path)
    journal.append([[bytes('kept')]])
    const before = journal.sizeBytes
    journal.append([[bytes('torn by a power cut')]])
    const whole = readFileSync(path)
    for (let size = before; size < whole.length; size++) {
      writeFileSync(path, whole.subarray(0, size))
      assert.deepEqual(texts(path), ['kept'])
    }
    for (let at = before; at < whole.length; at++) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ 0x40
      writeFileSync(path, damaged)
      assert.deepEqual(texts(path), ['kept'], `octet ${at} changed`)
    }
    journal.close()
  })
})

test('after a reset the file begins anew, and what an earlier round left behind it is not read', () => {
  inFolder(path => {
    const journal = new Journal(path)
    journal.append([[bytes('old 1')], [bytes('old 2')], [bytes('old 3')]])
    journal.reset()
    journal.append([[bytes('new 1')]])
    assert.deepEqual(texts(path), ['new 1'])
    journal.append([[bytes('new 2')]])
    assert.deepEqual(texts(path), ['new 1', 'new 2'])
    journal.reset()
    journal.shrink()
    assert.deepEqual(texts(path), [])
    journal.close()
  })
})

test('a length that nobody wrote asks for no memory', () => {
  inFolder(path => {
    writeFileSync(path, Buffer.from('ffffffff0000000001000000', 'hex'))
    assert.deepEqual(texts(path), [])
    appendFileSync(path, 'x'.repeat(100))
    assert.deepEqual(texts(path), [])
    truncateSync(path, 5)
    assert.deepEqual(texts(path), [])
  })
})

const octets = (options?: fc.IntArrayConstraints) => fc.uint8Array(options).map(value => new Uint8Array(value))
const deliverInput: fc.Arbitrary<DeliverInput> = fc.record({
  recipient: fc.string(),
  attempt: fc.record({
    id: fc.string(),
    origin: fc.string(),
    boot: fc.nat(),
    gone: fc.array(fc.string(), { maxLength: 3 }),
    confirmed: fc.boolean(),
  }),
  fingerprint: octets({ minLength: 32, maxLength: 32 }),
  mailbox: fc.oneof(fc.record({ role: fc.string() }), fc.record({ id: fc.nat() })),
  flags: fc.record({
    mode: fc.constantFrom('add', 'remove', 'replace'),
    system: fc.nat(31),
    keywords: fc.array(fc.string(), { maxLength: 3 }),
  }),
  internalDate: fc.integer(),
  kept: fc.oneof(
    octets().chain(all =>
      fc.record({
        kind: fc.constant('memory' as const),
        bytes: fc.constant(all),
        sizeBytes: fc.constant(all.length),
        traceBytes: fc.nat(),
        receivedHash: octets({ minLength: 32, maxLength: 32 }),
      }),
    ),
    fc.record({
      kind: fc.constant('file' as const),
      name: fc.string(),
      checksum: fc.nat(),
      sizeBytes: fc.nat(),
      traceBytes: fc.nat(),
      receivedHash: octets({ minLength: 32, maxLength: 32 }),
    }),
  ),
  outbox: fc.array(fc.record({ id: fc.string(), kind: fc.string(), envelope: fc.string(), message: octets() }), {
    maxLength: 2,
  }),
  overQuota: fc.constantFrom('refuse', 'accept'),
  quotaBytes: fc.option(fc.nat(), { nil: undefined }),
  nowMs: fc.nat(),
  confirms: fc.array(fc.record({ recipient: fc.string(), ids: fc.array(fc.string()) }), { maxLength: 2 }),
  prompt: fc.boolean(),
})

test('a delivery comes back as it was printed', () => {
  fc.assert(
    fc.property(fc.string(), deliverInput, (account, input) => {
      const read = parseDelivery(Buffer.concat(printDelivery({ account, input })))
      // fast-check's records have no prototype
      assert.deepEqual(read, structuredClone({ account, input }))
    }),
  )
})

test('what a script decided comes back with the bytes of each email; what has files of its own is none for the journal', () => {
  const [input] = fc.sample(deliverInput, 1) as [DeliverInput]
  const hash = new Uint8Array(32).fill(5)
  const email = (text: string): FiledEmail => {
    const bytes = new Uint8Array(Buffer.from(text))
    const kept = { kind: 'memory', bytes, sizeBytes: bytes.length, traceBytes: 1, receivedHash: hash } as const
    const mailboxes = [{ role: 'inbox' }, { name: '箱', create: true, newRole: 'junk' }]
    return { kept, version: 1, flags: { mode: 'add', system: 2, keywords: ['k'] }, mailboxes }
  }
  const emails = [email('first'), { ...email('second'), copy: { once: 'key' } }]
  const filing = { emails, remember: [{ key: 'key', until: 7 }], reply: undefined }
  const filed = { ...input, kept: email('').kept, filing, outbox: [] }
  assert.ok(fitsRecord(filed))
  const read = parseDelivery(Buffer.concat(printDelivery({ account: 'a', input: filed })))
  assert.deepEqual(read, structuredClone({ account: 'a', input: filed }))
  const file = { kind: 'file', name: 'f', checksum: 1, sizeBytes: 9, traceBytes: 0, receivedHash: hash } as const
  assert.ok(!fitsRecord({ ...filed, filing: { ...filing, emails: [{ ...email(''), kept: file }] } }))
  const large = { id: 'i', kind: 'redirect', envelope: '', message: new Uint8Array(0), file: 'f' }
  assert.ok(!fitsRecord({ ...filed, outbox: [large] }))
})

test('an APPEND of many messages comes back as it was kept, and a delivery beside it', () => {
  const flags = { mode: 'replace', system: 5, keywords: ['$A'] } as const
  const messages = [3, 0, 5000].map(length => ({ bytes: new Uint8Array(length).fill(7), flags, internalDate: length }))
  const kept = { account: 'a', append: { mailbox: 2, uidValidity: 9, firstUid: 17, nowMs: 5, messages } }
  assert.deepEqual(parseRecord(new Uint8Array(Buffer.concat(printAppend(kept)))), kept)
  fc.assert(
    fc.property(fc.string(), deliverInput, (account, input) => {
      const read = parseRecord(Buffer.concat(printDelivery({ account, input })))
      assert.deepEqual(read, structuredClone({ account, input }))
    }),
    { numRuns: 20 },
  )
})

test('a record of a release that is not known is refused', () => {
  const head = Buffer.from('{"version":9}')
  const length = Buffer.alloc(4)
  length.writeUInt32LE(head.length)
  assert.throws(() => parseDelivery(Buffer.concat([length, head])), /version 9/)
  assert.throws(() => parseRecord(Buffer.concat([length, head])), /version 9/)
})
