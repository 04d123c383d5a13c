import assert from 'node:assert/strict'
import test from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { codesOf, withAttachment, zipOf } from './content.testbed.ts'
import { maxArchiveEntries } from './limits.ts'
import { readArchive } from './zip.ts'

const some = new Uint8Array([1, 2, 3])

for (const [name, codes] of [
  ['report.pdf', []],
  ['minutes.docx', []],
  ['setup.exe', ['program']],
  ['invoice.pdf.exe', ['double-extension']],
  ['invoice.pdf            .scr', ['double-extension']],
  ['invoice\u202efdp.exe', ['double-extension']],
  ['budget.xlsm', ['macros']],
  ['disk.iso', ['program']],
] as const)
  test(`attachment ${JSON.stringify(name)}`, () => assert.deepEqual(codesOf(withAttachment(name, some)), codes))

test('a zip of documents is nothing, and one with a program is something', () => {
  assert.deepEqual(codesOf(withAttachment('a.zip', zipOf([{ name: '請求書.pdf', content: some }]))), [])
  assert.deepEqual(codesOf(withAttachment('a.zip', zipOf([{ name: 'a/b.js', content: some }]))), ['program-in-archive'])
  assert.deepEqual(codesOf(withAttachment('photo', zipOf([{ name: 'b.exe' }]), 'application/zip')), [
    'program-in-archive',
  ])
})

test('encrypted: the names can be read all the same', () => {
  const secret = [{ name: '見積.xlsx', content: some, encrypted: true }]
  assert.deepEqual(codesOf(withAttachment('a.zip', zipOf(secret))), ['encrypted-archive'])
  const program = [{ name: '見積.exe', content: some, encrypted: true }]
  assert.deepEqual(codesOf(withAttachment('a.zip', zipOf(program))), ['encrypted-program'])
})

test('a zip bomb is told by what it says of itself; nothing of it is unfolded', () => {
  const bomb = zipOf([
    { name: 'zeros.bin', content: deflateRawSync(Buffer.alloc(1_000_000)), method: 8, unfolded: 4_000_000_000 },
  ])
  assert.deepEqual(codesOf(withAttachment('a.zip', bomb)), ['archive-bomb'])
})

test('entries that lie over each other: one kernel of deflate named by many', () => {
  const single = zipOf([{ name: 'k', content: Buffer.alloc(5000), unfolded: 5_000_000 }])
  const names = Array.from({ length: 900 }, (_, index) => ({ name: `k${index}`, unfolded: 5_000_000 }))
  const bytes = zipOf([{ name: 'k', content: Buffer.alloc(5000), unfolded: 5_000_000 }, ...names])
  assert.equal(readArchive(single).bomb, false)
  assert.equal(readArchive(bytes).bomb, true)
})

test('archives in archives: opened to a depth, within a bound of octets, and never all of a bomb', () => {
  const inner = zipOf([{ name: 'run.exe', content: some }])
  const twice = zipOf([{ name: 'inner.zip', content: inner }])
  assert.deepEqual(codesOf(withAttachment('a.zip', twice)), ['program-in-archive'])
  const deep = zipOf([{ name: 'c.zip', content: zipOf([{ name: 'b.zip', content: twice }]) }])
  assert.deepEqual(codesOf(withAttachment('a.zip', deep)), ['archive-too-deep'])
  const large = deflateRawSync(Buffer.concat([inner, Buffer.alloc(60_000_000)]))
  const folded = zipOf([{ name: 'large.zip', content: large, method: 8, unfolded: 60_000_000 }])
  const begun = performance.now()
  assert.deepEqual(codesOf(withAttachment('a.zip', folded)), ['archive-too-deep'])
  assert.ok(performance.now() - begun < 500)
})

test('without its end a zip is read from the front; too many names are cut off; noise is nothing', () => {
  const whole = zipOf([
    { name: 'a.txt', content: some },
    { name: 'b.exe', content: some },
  ])
  assert.deepEqual(readArchive(whole.subarray(0, 78)).names, ['a.txt', 'b.exe'])
  const many = zipOf(Array.from({ length: maxArchiveEntries + 500 }, (_, index) => ({ name: `${index}.txt` })))
  assert.equal(readArchive(many).names.length, maxArchiveEntries)
  for (let cut = 0; cut < whole.length; cut += 7)
    readArchive(Buffer.concat([whole.subarray(0, cut), Buffer.alloc(40, 0xff)]))
  assert.deepEqual(readArchive(Buffer.from('PK\x03\x04 this is no zip at all, whatever it says')).encrypted, false)
})
