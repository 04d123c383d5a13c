import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import fc from 'fast-check'
import { concatBytes } from '#base/bytes.ts'
import { inMemoryLimitBytes, memorySource, type MessageSource } from '#formats/message-source.ts'
import { readHead, tailOf, withoutRanges } from './cut-source.ts'

async function collect(source: MessageSource): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of source.open()) parts.push(part)
  return Uint8Array.from(concatBytes(parts))
}

function inPieces(bytes: Uint8Array, pieceBytes: number): MessageSource {
  return {
    sizeBytes: bytes.length,
    place: { kind: 'stream' },
    async *open() {
      for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
    },
  }
}

test('cutting equals cutting in memory, however the pieces fall', async () => {
  const ranges = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 100 }),
      fc.integer({ min: 1, max: 30 }),
      ranges,
      async (bytes, piece, steps) => {
        const cuts: { offset: number; length: number }[] = []
        let at = 0
        for (const [gap, length] of steps) {
          if (at + gap + length > bytes.length) break
          if (length > 0) cuts.push({ offset: at + gap, length })
          at += gap + length
        }
        const kept = bytes.filter(
          (_, index) => !cuts.some(({ offset, length }) => index >= offset && index < offset + length),
        )
        for (const source of [memorySource(bytes), inPieces(bytes, piece)]) {
          const cut = await withoutRanges(source, cuts)
          assert.equal(cut.sizeBytes, kept.length)
          assert.deepEqual(await collect(cut), Uint8Array.from(kept))
        }
      },
    ),
  )
})

test('heads and tails of memory, streams and files', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-cut-'))
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }))
  const bytes = Uint8Array.from({ length: inMemoryLimitBytes + 100_000 }, (_, index) => index % 251)
  const path = join(folder, 'message')
  await writeFile(path, concatBytes([Uint8Array.of(9, 9, 9), bytes]))
  const whole = tailOf(
    { sizeBytes: bytes.length + 3, place: { kind: 'file', path, offset: 0 }, open: () => inPieces(bytes, 7).open() },
    3,
  )
  assert.deepEqual(whole.place, { kind: 'file', path, offset: 3 })
  for (const source of [memorySource(bytes), inPieces(bytes, 65_536), whole]) {
    assert.deepEqual(Uint8Array.from(await readHead(source, 1000)), bytes.subarray(0, 1000))
    assert.deepEqual(await collect(tailOf(source, 70_000)), bytes.subarray(70_000))
    const cut = await withoutRanges(source, [
      { offset: 10, length: 5 },
      { offset: 70_000, length: 70_000 },
    ])
    const kept = concatBytes([bytes.subarray(0, 10), bytes.subarray(15, 70_000), bytes.subarray(140_000)])
    assert.equal(cut.sizeBytes, kept.length)
    assert.deepEqual(await collect(cut), kept)
    assert.deepEqual(await collect(cut), kept, 'readable again')
  }
})
