import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { letter } from '#mail/accounts.testbed.ts'
import { systemClock } from '#base/clock.ts'
import type { AccountId } from '#mail/ids.ts'
import { openUploads } from '#mail/uploads.ts'
import { withDataFolder } from '../../mailbox-server.testbed.ts'
import { authorization, withJmap } from '../jmap.testbed.ts'
import type { UploadResponse } from '../wire.ts'
import { printLetterBlobId } from './id.ts'

test('what is uploaded can be downloaded, and nobody’s browser takes it for ours (RFC 8620 §6)', async () => {
  await withJmap(async ({ ask, accountId }) => {
    const bytes = Buffer.from('<script>alert(1)</script>\u0000é')
    const headers = { 'content-type': 'text/html; charset=utf-8' }
    const answer = await ask({ method: 'POST', path: `/jmap/upload/${accountId}/`, body: bytes, headers })
    assert.equal(answer.status, 201)
    const upload = JSON.parse(answer.bytes.toString()) as UploadResponse
    assert.deepEqual(upload, { accountId, blobId: upload.blobId, type: 'text/html; charset=utf-8', size: bytes.length })
    assert.match(upload.blobId, /^[A-Za-z][A-Za-z0-9_-]*$/)
    const path = `/jmap/download/${accountId}/${upload.blobId}`
    const got = await ask({ path: `${path}/%E8%A6%8B%22.html?type=text/html` })
    assert.equal(got.status, 200)
    assert.deepEqual(got.bytes, bytes)
    assert.equal(got.headers['content-type'], 'text/html')
    assert.equal(got.headers['content-disposition'], "attachment; filename*=UTF-8''%E8%A6%8B%22.html")
    assert.equal(got.headers['content-security-policy'], "default-src 'none'; sandbox")
    assert.equal(got.headers['x-content-type-options'], 'nosniff')
    assert.match(String(got.headers['cache-control']), /immutable/)
    const head = await ask({ method: 'HEAD', path: `${path}/x` })
    assert.deepEqual([head.status, head.headers['content-length'], head.bytes.length], [200, String(bytes.length), 0])
    for (const wrong of ['?type=text', '?type=text/html%0d%0aX:y', `?type=a/${'b'.repeat(200)}`])
      assert.equal((await ask({ path: `${path}/x${wrong}` })).status, 400, wrong)
    assert.equal((await ask({ path: `${path}/%ff` })).status, 400)
  })
})

test('a letter is a blob, byte by byte, to its owner alone', async () => {
  await withJmap(async ({ ask, accountId, account, accounts }) => {
    const opened = await accounts.account(account)
    const inbox = await opened.mailboxNamed('INBOX')
    const message = letter('As it came')
    const flags = { mode: 'add', system: 0, keywords: [] } as const
    const placed = await opened.append(inbox!.id, [{ message, flags, internalDate: 0 }])
    assert.ok(!('refused' in placed) && placed[0])
    const blobId = printLetterBlobId(placed[0].emailId)
    const got = await ask({ path: `/jmap/download/${accountId}/${blobId}/letter.eml?type=message/rfc822` })
    assert.equal(got.status, 200)
    assert.deepEqual(got.bytes, Buffer.from(message.place.kind === 'memory' ? message.place.bytes : []))
    const stranger = `A${'a'.repeat(16)}`
    for (const path of [
      `${stranger}/${blobId}/x`,
      `${accountId}/L99/x`,
      `${accountId}/L0/x`,
      `${accountId}/L01/x`,
      `${accountId}/L1e0/x`,
      `${accountId}/U${'0'.repeat(32)}/x`,
      `${accountId}/${blobId}`.replace('/L', '/%4c'),
      `${accountId}/${blobId}/x/y`,
      accountId,
    ])
      assert.equal((await ask({ path: `/jmap/download/${path}` })).status, 404, path)
  })
})

test('uploads: too large, of another account, broken off, without type', async () => {
  await withJmap(async ({ ask, accountId, port }) => {
    const path = `/jmap/upload/${accountId}/`
    const large = await ask({ method: 'POST', path, body: Buffer.alloc(5_000_001) }).catch(() => undefined)
    if (large) assert.match(large.bytes.toString(), /maxSizeUpload/)
    assert.equal((await ask({ method: 'POST', path: `/jmap/upload/A${'a'.repeat(16)}/`, body: 'x' })).status, 404)
    const untyped = await ask({ method: 'POST', path, body: 'x' })
    assert.equal((JSON.parse(untyped.bytes.toString()) as UploadResponse).type, 'application/octet-stream')
    const odd = await ask({ method: 'POST', path, body: 'x', headers: { 'content-type': 'text' } })
    assert.equal((JSON.parse(odd.bytes.toString()) as UploadResponse).type, 'application/octet-stream')
    const empty = await ask({ method: 'POST', path, body: '' })
    assert.equal((JSON.parse(empty.bytes.toString()) as UploadResponse).size, 0)
    // four are under way, and the fifth is not taken; once they break off it is
    const head = `POST ${path} HTTP/1.1\r\nHost: home.test\r\nAuthorization: ${authorization}\r\nContent-Length: 100\r\n\r\nhalf`
    const broken = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => undefined))
    for (const socket of broken) socket.write(head)
    const next = () => ask({ method: 'POST', path, body: 'x' })
    for (let tries = 0; !(await next()).bytes.toString().includes('maxConcurrentUpload'); tries++) {
      assert.ok(tries < 100)
      await sleep(10)
    }
    for (const socket of broken) socket.destroy()
    for (let tries = 0; (await next()).status !== 201; tries++) {
      assert.ok(tries < 100)
      await sleep(10)
    }
  })
})

async function* chunks(...sizes: readonly number[]) {
  for (const size of sizes) yield Buffer.alloc(size, 'x')
}

test('room: the oldest of an account make way for its next, those of others do not; what breaks leaves nothing', async () => {
  await withDataFolder('uploads', async (_, folder) => {
    let now = 0
    const clock = { ...systemClock, monotonic: () => now }
    using uploads = await openUploads({ folder, clock, accountBytes: 1_000, totalBytes: 1_500 })
    const [hanako, taro] = ['a'.repeat(16), 'b'.repeat(16)] as [AccountId, AccountId]
    const keep = (account: AccountId, ...sizes: readonly number[]) =>
      uploads.keep(account, chunks(...sizes), { maxBytes: 900 })
    const id = async (kept: ReturnType<typeof keep>) => {
      const upload = await kept
      assert.ok(!('refused' in upload))
      return upload.id
    }
    const first = await id(keep(hanako, 200, 200))
    const second = await id(keep(hanako, 400))
    assert.equal(uploads.find(taro, first), undefined)
    const third = await id(keep(hanako, 500))
    assert.equal(uploads.find(hanako, first), undefined)
    assert.ok(uploads.find(hanako, second) && uploads.find(hanako, third))
    assert.deepEqual(await keep(hanako, 901), { refused: 'too-large' })
    assert.deepEqual(await keep(taro, 700), { refused: 'no-room' })
    assert.ok(await id(keep(taro, 500)))
    const breaking = uploads.keep(
      taro,
      (async function* () {
        yield Buffer.alloc(10)
        throw new Error('gone')
      })(),
      { maxBytes: 900 },
    )
    await assert.rejects(breaking, /gone/)
    assert.equal(await filesIn(folder), 3)
    now += 10 * 60 * 60_000
    using again = await openUploads({ folder, clock, accountBytes: 1_000, totalBytes: 1_500 })
    assert.equal(await filesIn(folder), 0, 'nothing is left from before')
    void again
  })
})

test('an upload that is read while it makes way is read to its end', async () => {
  await withDataFolder('uploads', async (_, folder) => {
    using uploads = await openUploads({ folder, clock: systemClock, accountBytes: 300_000, totalBytes: 300_000 })
    const account = 'a'.repeat(16) as AccountId
    const kept = await uploads.keep(account, chunks(200_000), { maxBytes: 300_000 })
    assert.ok(!('refused' in kept))
    let read = 0
    for await (const chunk of kept.source.open()) {
      if (read === 0) await uploads.keep(account, chunks(250_000), { maxBytes: 300_000 })
      read += chunk.length
    }
    assert.equal(read, 200_000)
  })
})

async function filesIn(folder: string): Promise<number> {
  return (await readdir(folder)).filter(name => name.endsWith('.upload')).length
}
