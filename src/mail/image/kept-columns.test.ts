import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { readColumn, writeColumn } from '#store/account/kept-columns.ts'
import { DerivedColumns } from './derived.ts'
import type { EmailColumns } from './email-columns.ts'

type Columns = Pick<EmailColumns, 'ids' | 'received'>

function columns(count: number, receivedOf = (id: number) => 1000 + id): EmailColumns {
  const ids = Float64Array.from({ length: count }, (_, index) => index + 1)
  return { ids, received: ids.map(receivedOf) } satisfies Columns as unknown as EmailColumns
}

async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-columns-'))
  try {
    await act(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('a column is read as it was written; one of another epoch, cut off or changed is none', () =>
  inFolder(async folder => {
    const ids = Float64Array.of(3, 7)
    const column = { ids, received: Float64Array.of(1.5, 2), values: Float64Array.of(2 ** 52, 1) }
    assert.equal(await readColumn(folder, 'subject', 1), undefined)
    await writeColumn(folder, 'subject', 1, column)
    assert.deepEqual(await readdir(folder), ['column-subject.bin'])
    assert.deepEqual(await readColumn(folder, 'subject', 1), column)
    assert.equal(await readColumn(folder, 'subject', 2), undefined)
    assert.equal(await readColumn(folder, 'from', 1), undefined)
    const path = join(folder, 'column-subject.bin')
    const whole = await readFile(path)
    for (const length of [0, 7, 8, 24, 32, whole.length - 8, whole.length - 1]) {
      await writeFile(path, whole.subarray(0, length))
      assert.equal(await readColumn(folder, 'subject', 1), undefined, String(length))
    }
    for (let at = 0; at < whole.length; at += 5) {
      const other = Buffer.from(whole)
      other[at] = (other[at] ?? 0) ^ 0x41
      await writeFile(path, other)
      assert.equal(await readColumn(folder, 'subject', 1), undefined, String(at))
    }
  }))

test('what was made of many is not made again after a start, of what came since alone; a few are not worth it', () =>
  inFolder(async folder => {
    const asked: number[] = []
    const start = () =>
      new DerivedColumns(
        ({ ids, known }, unknown) => {
          asked.push(unknown)
          return Promise.resolve(
            ids.map((id, index) => (known && !Number.isNaN(known[index]) ? (known[index] ?? 0) : id * 2)),
          )
        },
        {
          read: name => readColumn(folder, name, 1),
          write: (name, { ids, received, values }) =>
            writeColumn(folder, name, 1, {
              ids: Float64Array.from(ids),
              received: Float64Array.from(received),
              values,
            }),
        },
      )
    await start().of(columns(500), 'subject')
    assert.deepEqual(await readdir(folder), [])
    const first = await start().of(columns(2_500), 'subject')
    assert.deepEqual(await start().of(columns(2_500), 'subject'), first)
    const more = await start().of(columns(2_510), 'subject')
    assert.deepEqual(more.slice(0, 2_500), first)
    // an id that is another email's
    await start().of(
      columns(2_500, id => (id === 2_500 ? 99_999 : 1000 + id)),
      'subject',
    )
    assert.deepEqual(asked, [500, 2_500, 10, 1])
  }))
