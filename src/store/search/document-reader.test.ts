// Documents that were made to take too long or too much: the thread ends, we do not, and the next one is read.
import assert from 'node:assert/strict'
import test from 'node:test'
import { joinObjects, pdfOf, stream } from '#formats/documents/documents.testbed.ts'
import { DocumentReader } from './document-reader.ts'

const megabyte = 1024 * 1024

function pdfWithContent(content: Uint8Array): Uint8Array {
  const text = (object: string) => Buffer.from(object)
  return joinObjects([
    text('<< /Type /Catalog /Pages 2 0 R >>'),
    text('<< /Type /Pages /Kids [3 0 R] /Count 1 >>'),
    text('<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R >>'),
    text('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'),
    stream(content, true),
  ])
}

test('a document is read; after one that takes too much memory or time another one is', {
  timeout: 150_000,
}, async () => {
  using reader = new DocumentReader({ timeMs: 2000, bufferBytes: 64 * megabyte, heapMb: 96 })
  const good = pdfOf(['会議の資料'])
  assert.deepEqual(await reader.read(good, 1000), { text: '会議の資料' })
  const before = process.memoryUsage.rss()
  const bomb = pdfWithContent(Buffer.alloc(200 * megabyte, ' '))
  assert.ok(bomb.length < megabyte)
  const first = await reader.read(bomb, 1000)
  assert.match(first.failure ?? '', /too much memory|memory limit|too long/)
  assert.ok(process.memoryUsage.rss() - before < 500 * megabyte)
  assert.deepEqual(await reader.read(good, 1000), { text: '会議の資料' })
  const slow = pdfWithContent(Buffer.from('BT /F1 12 Tf (a) Tj ET q Q '.repeat(1_000_000)))
  const second = await reader.read(slow, 1000)
  assert.match(second.failure ?? '', /too long|memory/)
  assert.deepEqual(await reader.read(good, 1000), { text: '会議の資料' })
  const both = await Promise.all([reader.read(good, 1000), reader.read(pdfOf(['two']), 1000)])
  assert.deepEqual(both, [{ text: '会議の資料' }, { text: 'two' }])
  const damaged = await reader.read(Buffer.from('%PDF-1.7 x'), 1000)
  assert.match(damaged.failure ?? '', /PDF/)
})
