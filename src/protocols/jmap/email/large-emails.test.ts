// What does not fit into a commit's memory, or not at all: files of letters, the account's room, bounds of what is attached.
import assert from 'node:assert/strict'
import test from 'node:test'
import { type JmapBed, withJmap } from '../jmap.testbed.ts'
import type { SetError, UploadResponse } from '../wire.ts'

type Made = {
  readonly created: Record<string, { readonly id: string; readonly size: number }> | null
  readonly notCreated: Record<string, SetError> | null
  readonly oldState: string
  readonly newState: string
}

test('letters of several megabytes are made in several commits, and come back as they went in', async () => {
  await withJmap(async bed => {
    const octets = Buffer.from(Uint8Array.from({ length: 3_500_001 }, (_, at) => (at * 7919) % 251))
    const { blobId } = await upload(bed, octets)
    const one = { mailboxIds: { [await drafts(bed)]: true }, attachments: [{ blobId, type: 'application/pdf' }] }
    const made = await create(bed, 'Email/set', { create: { a: one, b: one, c: one } })
    assert.equal(Object.keys(made.created ?? {}).length, 3)
    const changes = await bed.call('Email/changes', { sinceState: made.oldState })
    assert.deepEqual([changes['newState'], (changes['created'] as readonly string[]).length], [made.newState, 3])
    const id = made.created?.['c']?.id ?? ''
    const { list } = (await bed.call('Email/get', { ids: [id], properties: ['size', 'attachments'] })) as {
      readonly list: readonly { readonly size: number; readonly attachments: readonly { readonly blobId: string }[] }[]
    }
    assert.equal(list[0]?.size, made.created?.['c']?.size)
    const part = list[0]?.attachments[0]?.blobId
    const { bytes } = await bed.ask({ path: `/jmap/download/${bed.accountId}/${part}/x` })
    assert.ok(bytes.equals(octets))
  })
})

test('no room: overQuota for each that does not fit, and what fits is made', async () => {
  await withJmap(async bed => {
    const { blobId } = await upload(bed, Buffer.alloc(300_000, 'x'))
    const mailboxIds = { [await drafts(bed)]: true }
    bed.quota.limitBytes = 10_000
    const made = await create(bed, 'Email/set', {
      create: {
        large: { mailboxIds, attachments: [{ blobId }] },
        small: { mailboxIds, subject: 'Small' },
      },
    })
    assert.deepEqual(Object.keys(made.created ?? {}), ['small'])
    assert.equal(made.notCreated?.['large']?.type, 'overQuota')
  })
})

test('more than may be attached, and headers without end, are tooLarge', async () => {
  await withJmap(
    async bed => {
      const { blobId } = await upload(bed, Buffer.alloc(60_000, 'x'))
      const mailboxIds = { [await drafts(bed)]: true }
      const to = Array.from({ length: 9_000 }, (_, at) => ({ name: 'Somebody or other', email: `u${at}@example.org` }))
      const { notCreated } = await create(bed, 'Email/set', {
        create: { twice: { mailboxIds, attachments: [{ blobId }, { blobId }] }, all: { mailboxIds, to } },
      })
      assert.deepEqual([notCreated?.['twice']?.type, notCreated?.['all']?.type], ['tooLarge', 'tooLarge'])
    },
    { maxSizeUpload: 100_000 },
  )
})

test('an upload is imported; bare line ends become CRLF, and its Received field says when it came', async () => {
  await withJmap(async bed => {
    const text = 'Received: by x; Fri, 27 Nov 2026 09:00:00 +0900\nSubject: Upload\n\nHello\n'
    const { blobId } = await upload(bed, Buffer.from(text))
    const emails = { k: { blobId, mailboxIds: { [await drafts(bed)]: true } } }
    const { created } = await create(bed, 'Email/import', { emails })
    const { id, size } = created?.['k'] ?? { id: '', size: 0 }
    assert.equal(size, text.length + 4)
    const properties = ['subject', 'receivedAt', 'preview']
    const { list } = await bed.call('Email/get', { ids: [id], properties })
    assert.deepEqual(list, [{ id, subject: 'Upload', receivedAt: '2026-11-27T00:00:00Z', preview: 'Hello' }])
  })
})

async function upload({ accountId, ask }: JmapBed, body: Buffer): Promise<UploadResponse> {
  const { bytes, status } = await ask({ method: 'POST', path: `/jmap/upload/${accountId}/`, body })
  assert.equal(status, 201)
  return JSON.parse(bytes.toString()) as UploadResponse
}

async function drafts(bed: JmapBed): Promise<string> {
  const { ids } = await bed.call('Mailbox/query', { filter: { role: 'drafts' } })
  return String((ids as readonly string[])[0])
}

async function create(bed: JmapBed, method: string, given: object): Promise<Made> {
  return (await bed.call(method, given)) as unknown as Made
}
