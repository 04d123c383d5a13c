// Large letters are read in a thread: the same as here, and whatever ends the thread takes nothing else with it.
import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { readerOf } from '#formats/message/byte-reader.ts'
import { type Log, silentLog } from '#base/log.ts'
import { bodyProperties, emailProperties } from '../email/properties.ts'
import { withJmap } from '../jmap.testbed.ts'
import { Letters } from './letters.ts'
import { PartSizes } from './part-sizes.ts'
import { doWork, type Letter, type LetterWork } from './work.ts'

const file = Buffer.alloc(300_000, 'attached').toString('base64').replaceAll(/.{76}/g, '$&\r\n')
const large =
  `From: aki@internet.test\r\nSubject: Large\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n
--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello 世界\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment
Content-Transfer-Encoding: base64\r\n\r\n${file}\r\n--b--\r\n`.replaceAll(/\r?\n/g, '\r\n')
const bytes = utf8(large)
const letter: Letter = { sizeBytes: bytes.length, place: { kind: 'memory', bytes } }
const deadly = new URL('./deadly-thread.child.ts', import.meta.url)

const names = [
  'subject',
  'bodyStructure',
  'textBody',
  'attachments',
  'bodyValues',
  'hasAttachment',
  'header:From:asAddresses',
]
const email = {
  kind: 'email',
  letter,
  blobId: 'L1',
  headerBytes: 120,
  wanted: emailProperties(names),
  wishes: {
    parts: bodyProperties(undefined),
    fetchText: true,
    fetchHtml: false,
    fetchAll: false,
    maxBytes: 0,
    room: { left: 1000 },
  },
} as const satisfies LetterWork
const part = (path: readonly number[]) => ({ kind: 'part', letter, path }) as const

test('what the thread reads is what is read here', async () => {
  const letters = new Letters()
  for (const work of [email, { ...email, kind: 'parse' } as const, part([2]), part([7])])
    assert.deepEqual((await letters.read<LetterWork>(work, 'a', silentLog))?.output, await doWork<LetterWork>(work))
  const found = await letters.read(part([2]), 'a', silentLog)
  assert.equal(found?.output?.sizeBytes, 300_000)
})

test('a letter that ends the thread, or takes for ever, is tried twice and never again; others go on', {
  timeout: 30_000,
}, async () => {
  const said: unknown[] = []
  const log: Log = { ...silentLog, warn: (_, fields) => void said.push(fields) }
  const letters = new Letters({ thread: deadly, limitMs: 1500 })
  const [ended, good, late, after] = await Promise.all([
    letters.read(part([9, 9]), 'deadly', log),
    letters.read(part([2]), 'good', log),
    letters.read(part([8, 8]), 'endless', log),
    letters.read(part([1]), 'good', log),
  ])
  assert.deepEqual([ended, late], [undefined, undefined])
  assert.equal(good?.output?.sizeBytes, 300_000)
  assert.equal(after?.output?.sizeBytes, utf8('Hello 世界').length)
  assert.equal(said.length, 4)
  // not even a part that would do no harm
  assert.equal(await letters.read(part([1]), 'deadly', log), undefined)
  assert.equal(said.length, 4)
})

test('what cannot be read in time is shown with what is known of it', async () => {
  await withJmap(
    async bed => {
      const account = await bed.accounts.account(bed.account)
      const inbox = await account.mailboxNamed('INBOX')
      assert.ok(inbox)
      const message = {
        sizeBytes: bytes.length,
        place: letter.place,
        open: async function* () {
          yield bytes
        },
      }
      await account.append(inbox.id, [{ message, flags: { mode: 'add', system: 0, keywords: [] }, internalDate: 0 }])
      const { list } = await bed.call('Email/get', {
        ids: ['E1'],
        properties: ['size', 'subject', 'textBody', 'hasAttachment'],
      })
      assert.deepEqual(list, [{ id: 'E1', size: bytes.length, subject: 'Large', textBody: [], hasAttachment: true }])
    },
    { letters: new Letters({ limitMs: 0 }) },
  )
})

test('the size of a part of a letter in a file is counted once, as long as there is room', () => {
  const reader = readerOf(bytes)
  const asked: number[] = []
  const sizes = new PartSizes((_, { part: { bodyStart } }) => asked.push(bodyStart), 2)
  const inFile = (path: string) => ({ sizeBytes: bytes.length, place: { kind: 'file', path, offset: 0 } }) as const
  const of = (path: string, bodyStart: number, length = 100_000) =>
    sizes.of(inFile(path))(reader, { part: { bodyStart, bodyEnd: bodyStart + length, encoding: 'base64' } })
  assert.deepEqual([of('a', 1), of('a', 2), of('a', 1), of('a', 2)], [1, 2, 1, 2])
  // another letter, and another part; of the two that are kept the one not asked for goes
  assert.deepEqual([of('b', 1), of('a', 2), of('a', 1)], [3, 2, 4])
  assert.deepEqual(asked, [1, 2, 1, 1])
  // small ones, and what lies in memory, are counted each time
  of('a', 9, 10)
  of('a', 9, 10)
  for (let time = 0; time < 2; time++)
    sizes.of(letter)(reader, { part: { bodyStart: 7, bodyEnd: 200_000, encoding: 'base64' } })
  assert.deepEqual(asked.slice(4), [9, 9, 7, 7])
})
