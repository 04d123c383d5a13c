import assert from 'node:assert/strict'
import { deflateRawSync } from 'node:zlib'
import test from 'node:test'
import { zipOf } from '#formats/documents/documents.testbed.ts'
import { memorySource } from '#formats/message-source.ts'
import { authorization, type JmapBed, withJmap } from '../jmap.testbed.ts'
import { coreCapability, mailCapability, viewCapability } from '../wire.ts'
import type { BlobEntries, BlobTexts, ViewCapability } from '../wire-view.ts'

// 件名 and 山田 in Shift_JIS, which nothing in the letter declares
const subject = Buffer.from('8c8f96bc', 'hex')
const body = Buffer.from('8e529363', 'hex')
const letter = Buffer.concat([
  Buffer.from('From: a@internet.test\r\nSubject: '),
  subject,
  Buffer.from('\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\n'),
  body,
])

async function put(bed: JmapBed): Promise<void> {
  const account = await bed.accounts.account(bed.account)
  const inbox = await account.mailboxNamed('INBOX')
  const flags = { mode: 'replace', system: 0, keywords: [] } as const
  await account.append(inbox!.id, [{ message: memorySource(letter), flags, internalDate: 0 }])
}

test('a letter in another charset: bodies by the one that is chosen, header text where none is declared', () =>
  withJmap(async bed => {
    await put(bed)
    const get = async (viewCharset: string | null, properties = ['subject', 'bodyValues']) => {
      const given = { ids: ['E1'], properties, fetchTextBodyValues: true, viewCharset }
      const { list } = await bed.call('Email/get', given)
      return (list as readonly Record<string, unknown>[])[0]
    }
    const asDeclared = await get(null)
    assert.deepEqual(asDeclared?.['bodyValues'], {
      1: { value: '▌R⌠c', charset: 'koi8-r', isEncodingProblem: false, isTruncated: false },
    })
    const chosen = await get('shift_jis')
    assert.equal(chosen?.['subject'], '件名')
    assert.deepEqual(chosen?.['bodyValues'], {
      1: { value: '山田', charset: 'shift_jis', isEncodingProblem: false, isTruncated: false },
    })
    assert.equal((await get('shift_jis', ['subject']))?.['subject'], '件名')
    const { parsed } = await bed.call('Email/parse', {
      blobIds: ['L1'],
      properties: ['subject'],
      viewCharset: 'euc-jp',
    })
    assert.notEqual((parsed as Record<string, { subject: string }>)['L1']?.subject, '件名')
    await assert.rejects(get('no-such-charset'), /invalidArguments/)
  }))

test('the argument and what it tells are for who names the capability', () =>
  withJmap(async bed => {
    await put(bed)
    const ask = async (given: object) => {
      const methodCalls = [['Email/get', { accountId: bed.accountId, ids: ['E1'], ...given }, '0']]
      const using = [coreCapability, mailCapability]
      return (await bed.request({ using, methodCalls })).methodResponses[0]
    }
    assert.equal((await ask({ viewCharset: 'shift_jis' }))?.[1]['type'], 'invalidArguments')
    const plain = await ask({ properties: ['bodyValues'], fetchTextBodyValues: true })
    assert.doesNotMatch(JSON.stringify(plain), /"charset"/)
    const capability = (await bed.session()).accounts[bed.accountId]?.accountCapabilities[viewCapability]
    assert.ok((capability as ViewCapability).charsets.includes('iso-2022-jp'))
  }))

async function upload(bed: JmapBed, octets: Uint8Array): Promise<string> {
  const headers = { authorization, 'content-type': 'application/octet-stream' }
  const { bytes } = await bed.ask({ method: 'POST', path: `/jmap/upload/${bed.accountId}/`, headers, body: octets })
  return (JSON.parse(bytes.toString()) as { readonly blobId: string }).blobId
}

test('files as text: found, declared or chosen charsets, and no more than the beginning', () =>
  withJmap(async bed => {
    const [japanese, long] = [
      await upload(bed, Buffer.concat([body, Buffer.from('\r\n'), body])),
      await upload(bed, Buffer.concat([Buffer.from('x'), Buffer.from('山'.repeat(400_000))])),
    ]
    const ask = async (given: object) => (await bed.call('Blob/text', given)) as unknown as BlobTexts
    const found = await ask({ ids: [japanese, 'U99'], declaredCharset: 'us-ascii' })
    assert.deepEqual(found.list, [
      { id: japanese, value: '山田\n山田', charset: 'shift_jis', isEncodingProblem: false, isTruncated: false },
    ])
    assert.deepEqual(found.notFound, ['U99'])
    assert.equal((await ask({ ids: [japanese], viewCharset: 'koi8-r' })).list[0]?.charset, 'koi8-r')
    const [cut] = (await ask({ ids: [long] })).list
    assert.deepEqual([cut?.isTruncated, cut?.isEncodingProblem, cut?.charset], [true, false, 'utf-8'])
    assert.ok((cut?.value.length ?? 0) < 350_000)
    const broken = await upload(
      bed,
      Buffer.concat([Buffer.alloc(1_000_000, 0xff), Buffer.from('a'), Buffer.alloc(100_000, 0xff)]),
    )
    const begun = performance.now()
    const [faulty] = (await ask({ ids: [broken], viewCharset: 'utf-8' })).list
    assert.equal(faulty?.value, `${'\ufffd'.repeat(1_000_000)}a`)
    assert.ok(performance.now() - begun < 4_000, `${performance.now() - begun} ms`)
    await assert.rejects(ask({ ids: [japanese], viewCharset: 'us-ascii' }), /invalidArguments/)
    await assert.rejects(ask({ ids: Array.from({ length: 17 }, (_, at) => `U${at}`) }), /requestTooLarge/)
  }))

test('archives tell their names, what is none tells nothing', () =>
  withJmap(async bed => {
    const ask = async (id: string) =>
      ((await bed.call('Blob/entries', { ids: [id] })) as unknown as BlobEntries).list[0]
    const long = await upload(bed, zipOf({ [`${'folder/'.repeat(9_000)}a.exe`]: 'x' }))
    const name = (await ask(long))?.entries?.[0]?.name ?? ''
    assert.equal(name.length, 1_025)
    assert.match(name, /^folder\/.*….*\/a\.exe$/)
    const zip = await upload(bed, zipOf({ '山/田.txt': 'hello', 'big.bin': Buffer.alloc(100_000) }))
    assert.deepEqual((await ask(zip))?.entries, [
      { name: '山/田.txt', size: 5, isEncrypted: false },
      { name: 'big.bin', size: 100_000, isEncrypted: false },
    ])
    assert.equal((await ask(await upload(bed, deflateRawSync('nothing'))))?.entries, null)
    const broken = zipOf({ a: 'b' }).slice(0, 40)
    assert.ok(Array.isArray((await ask(await upload(bed, broken)))?.entries))
  }))
