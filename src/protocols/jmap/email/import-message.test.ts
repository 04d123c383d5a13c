import assert from 'node:assert/strict'
import test from 'node:test'
import { asciiText, concatBytes, utf8 } from '#base/bytes.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { importable } from './import-message.ts'

test('line ends that are none become CRLF, however the octets come', async () => {
  const texts = ['A: b\n\nx\n', 'A: b\r\rx\r', 'A: b\r\n\r\nx\r\n', 'A: b\n\r\n\rx\r\r\n\n', 'A: b', 'A: b\n\nx\r']
  for (const text of texts)
    for (const cut of [1, 2, 3, 100]) {
      const found = await importable(source(text, cut))
      assert.ok(found, text)
      const chunks: Uint8Array[] = []
      for await (const chunk of found.message.open()) chunks.push(chunk)
      const octets = concatBytes(chunks)
      assert.equal(asciiText(octets), text.replaceAll(/\r\n|\r|\n/g, '\r\n'), JSON.stringify([text, cut]))
      assert.equal(octets.length, found.message.sizeBytes)
    }
})

test('what has no header or holds a NUL is no message; the latest Received says when it came', async () => {
  for (const text of ['', 'nonsense', '\r\nA: b', 'A: b\r\n\r\n\0', ': x\r\n'])
    assert.equal(await importable(source(text, 10)), undefined, JSON.stringify(text))
  const trace =
    'Received: by a; Fri, 27 Nov 2026\r\n 09:00:00 +0900\r\nReceived: by b; 1 Jan 2020 00:00:00 +0000\r\n\r\n'
  assert.equal((await importable(source(trace, 10)))?.received, Date.UTC(2026, 10, 27))
  assert.equal((await importable(source('A: b\r\n', 10)))?.received, undefined)
})

function source(text: string, cut: number): MessageSource {
  const octets = utf8(text)
  return {
    sizeBytes: octets.length,
    place: { kind: 'stream' },
    async *open() {
      for (let at = 0; at < octets.length; at += cut) yield octets.subarray(at, at + cut)
    },
  }
}
