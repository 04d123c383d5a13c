// Reports that come back, over real HTTP: which submission they are on, what they change there, and what nobody may make them change.
import assert from 'node:assert/strict'
import test from 'node:test'
import { emptyBytes, utf8 } from '#base/bytes.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import { memorySource } from '#formats/message-source.ts'
import { wholeBytes } from '#mail/message-bytes.ts'
import { dsnFor } from '#mail/queue/dsn.ts'
import type { DeliveryId } from '#mail/ids.ts'
import { type JmapBed, withJmap } from '../jmap.testbed.ts'
import { listen } from '../push/source.testbed.ts'
import type { JsonObject } from '../wire.ts'
import type { EmailSubmission } from '../wire-sending.ts'
import { comesIn, reportBytes } from './report.testbed.ts'
import { keptIn, submissionKind } from './submissions.ts'

const letter = { messageId: ['plans@home.test'], subject: 'Plans' }

async function submitted(
  bed: JmapBed,
  { parameters = null, to = ['jane@example.com'] }: { parameters?: JsonObject | null; to?: readonly string[] } = {},
): Promise<string> {
  const mailboxes = await (await bed.accounts.account(bed.account)).mailboxes()
  const drafts = `M${mailboxes.find(({ role }) => role === 'drafts')?.id}`
  const { list } = (await bed.call('Identity/get')) as unknown as { readonly list: readonly { readonly id: string }[] }
  const envelope = {
    mailFrom: { email: 'yuki@home.test', parameters },
    rcptTo: to.map(email => ({ email, parameters: null })),
  }
  const { accountId } = bed
  const [, sent] = await bed.calls(
    [
      'Email/set',
      { accountId, create: { d: { mailboxIds: { [drafts]: true }, from: [{ email: 'yuki@home.test' }], ...letter } } },
    ],
    ['EmailSubmission/set', { accountId, create: { s: { identityId: list[0]?.id, emailId: '#d', envelope } } }],
  )
  const created = sent?.[1]['created'] as { s?: { id: string } } | null
  assert.ok(created?.s, JSON.stringify(sent))
  return created.s.id
}

type Got = Pick<EmailSubmission, 'deliveryStatus' | 'dsnBlobIds' | 'mdnBlobIds'>

async function got(bed: JmapBed, id: string): Promise<Got> {
  const { list } = (await bed.call('EmailSubmission/get', {
    ids: [id],
    properties: ['deliveryStatus', 'dsnBlobIds', 'mdnBlobIds'],
  })) as unknown as { readonly list: readonly Got[] }
  const [{ deliveryStatus, dsnBlobIds, mdnBlobIds } = assert.fail('It is gone')] = list
  return { deliveryStatus, dsnBlobIds, mdnBlobIds }
}

const none = { dsnBlobIds: [], mdnBlobIds: [] }
const messageId = 'plans@home.test'

test('a stranger’s report is tied to nothing: by another id, an ENVID that can be guessed, or our queue’s words', async () => {
  await withJmap(async bed => {
    const id = await submitted(bed, { parameters: { ENVID: 'order 1' } })
    const kept = await (await bed.accounts.account(bed.account)).read(reader =>
      reader.objects(submissionKind).map(row => keptIn(row)),
    )
    const delivery = kept[0]?.delivery ?? ''
    const to = 'jane@example.com'
    for (const about of [
      { messageId: 'other@home.test' },
      { messageId: 'PLANS@home.test' },
      { envelopeId: 'order 1' },
      { envelopeId: delivery },
      { messageId: 'other@home.test', envelopeId: 'order 1' },
    ])
      await comesIn(bed, reportBytes({ to, action: 'failed', ...about }))
    // ids of deliveries that only look like those of our queue's reports
    for (const strange of [`${delivery}.dsn.failed`, `x${delivery}.dsn.failed.0`, `${delivery}.dsn.other.0`])
      await comesIn(bed, reportBytes({ to, action: 'failed' }), strange)
    // what is appended did not come back
    const account = await bed.accounts.account(bed.account)
    const inbox = (await account.mailboxes()).find(({ role }) => role === 'inbox')
    assert.ok(inbox)
    const message = memorySource(reportBytes({ to, action: 'failed', messageId }))
    const flags = { mode: 'add', system: 0, keywords: [] } as const
    await account.append(inbox.id, [{ message, flags, internalDate: 0 }])
    const { deliveryStatus, ...blobs } = await got(bed, id)
    assert.deepEqual(blobs, none)
    assert.notEqual(deliveryStatus?.[to]?.delivered, 'no')
  })
})

test('whom our queue could not reach nobody else has reached; a flood of forged reports silences it not', async () => {
  await withJmap(async bed => {
    const to = ['nobody@example.com', 'jane@example.com']
    const id = await submitted(bed, { to })
    const statusOf = async (address: string) => (await got(bed, id)).deliveryStatus?.[address]
    while ((await statusOf('nobody@example.com'))?.delivered === 'queued');
    const refused = { smtpReply: '550 5.1.1 Nobody', delivered: 'no', displayed: 'unknown' } as const
    for (const action of ['delivered', 'displayed'] as const)
      for (const one of to) await comesIn(bed, reportBytes({ to: one, action, messageId, reply: '250 2.0.0 Here' }))
    assert.deepEqual(await statusOf('nobody@example.com'), refused)
    const jane = await statusOf('jane@example.com')
    assert.deepEqual([jane?.delivered, jane?.displayed], ['yes', 'yes'])
    // by one of those who got it, in the account that sent it; then the queue tells that it came back
    for (let count = 0; count < 105; count++)
      await comesIn(bed, reportBytes({ to: 'else@example.com', action: 'delivered', messageId }))
    const rows = await (await bed.accounts.account(bed.account)).read(reader => reader.objects(submissionKind))
    const { delivery } = keptIn(rows.find(row => row.id === id) ?? { value: '{}' })
    const reply = '550 5.7.1 Not here'
    const bytes = reportBytes({ to: 'jane@example.com', action: 'failed', messageId, reply })
    const own = await comesIn(bed, bytes, `${delivery}.dsn.failed.0`)
    const { deliveryStatus, dsnBlobIds, mdnBlobIds } = await got(bed, id)
    assert.ok(dsnBlobIds.includes(`L${own}`))
    assert.equal(dsnBlobIds.length + mdnBlobIds.length, 50)
    assert.deepEqual(
      [deliveryStatus?.['jane@example.com']?.smtpReply, deliveryStatus?.['jane@example.com']?.delivered],
      [reply, 'no'],
    )
  })
})

test('another account’s report is its own', async () => {
  await withJmap(async bed => {
    const id = await submitted(bed)
    const ken = await bed.directory.addUser({ address: 'ken@home.test', password: 'another password 7' })
    assert.ok(!('refused' in ken))
    await comesIn(
      { ...bed, account: ken.account },
      reportBytes({ to: 'jane@example.com', action: 'failed', messageId }),
    )
    assert.deepEqual((await got(bed, id)).dsnBlobIds, [])
  })
})

test('our own queue’s report names its entry, whatever the letter was called; a secret ENVID is enough from others', async () => {
  await withJmap(async bed => {
    const envelopeId = 'kWQ5-9dhmZ0xoq2yLr7PTA'
    const first = await submitted(bed)
    const second = await submitted(bed, { parameters: { ENVID: envelopeId } })
    const records = await (await bed.accounts.account(bed.account)).read(reader => reader.objects(submissionKind))
    const delivery = keptIn(records.find(row => row.id === first) ?? { value: '{}' }).delivery as DeliveryId
    const received = memorySource(utf8('Subject: Without an id\r\n\r\nHello\r\n'))
    const result = { status: 'failed', reply: smtpReply(550, '5.1.1', 'Nobody') } as const
    const envelope = { reversePath: 'yuki@home.test', recipients: [], body: '7BIT', smtpUtf8: false } as const
    const entry = await dsnFor(
      {
        kind: 'failed',
        group: 0,
        message: {
          id: delivery,
          envelope,
          facts: '',
          trace: emptyBytes,
          received,
          whole: received,
          receivedAt: 0,
          confirmed: true,
        },
        recipients: [{ position: 0, recipient: { address: 'jane@example.com' }, result, attempts: 1, expired: false }],
        expiresAt: 0,
      },
      { reportingMta: 'home.test', from: 'postmaster@home.test', now: 0, lifetimeMs: 1 },
    )
    assert.ok(entry)
    const own = await comesIn(bed, await wholeBytes(entry.message, 0, entry.message.sizeBytes), entry.id)
    // to others than those it was sent to, it proves less
    await comesIn(bed, reportBytes({ to: 'other@example.com', action: 'failed', envelopeId }))
    const other = await comesIn(bed, reportBytes({ to: 'JANE@example.com', action: 'delivered', envelopeId }))
    assert.deepEqual(await got(bed, first), {
      deliveryStatus: { 'jane@example.com': { smtpReply: '550 5.1.1 Nobody', delivered: 'no', displayed: 'unknown' } },
      dsnBlobIds: [`L${own}`],
      mdnBlobIds: [],
    })
    const { deliveryStatus, dsnBlobIds } = await got(bed, second)
    assert.deepEqual([deliveryStatus?.['jane@example.com']?.delivered, dsnBlobIds], ['yes', [`L${other}`]])
  })
})

test('the same letter sent twice: a report is on that to its recipient, the later one in doubt, and stays there', async () => {
  await withJmap(async bed => {
    const first = await submitted(bed)
    const second = await submitted(bed, { to: ['ken@example.com'] })
    const jane = await comesIn(bed, reportBytes({ to: 'jane@example.com', action: 'failed', messageId }))
    const other = await comesIn(bed, reportBytes({ to: 'forwarded@example.com', action: 'failed', messageId }))
    assert.deepEqual((await got(bed, first)).dsnBlobIds, [`L${jane}`])
    const { deliveryStatus, dsnBlobIds } = await got(bed, second)
    assert.deepEqual(dsnBlobIds, [`L${other}`])
    assert.equal(deliveryStatus?.['ken@example.com']?.delivered, 'unknown')
    const third = await submitted(bed)
    assert.deepEqual((await got(bed, third)).dsnBlobIds, [])
    assert.deepEqual((await got(bed, first)).dsnBlobIds, [`L${jane}`])
    assert.deepEqual((await got(bed, second)).dsnBlobIds, [`L${other}`])
  })
})

test('race: it comes, and goes by IMAP, while somebody follows: told each time; a flood of them has bounds', async () => {
  await withJmap(async bed => {
    const id = await submitted(bed)
    while ((await got(bed, id)).deliveryStatus?.['jane@example.com']?.delivered === 'queued');
    using source = await listen(bed, 'types=EmailSubmission&closeafter=no&ping=0')
    const account = await bed.accounts.account(bed.account)
    const inbox = (await account.mailboxes()).find(({ role }) => role === 'inbox')
    assert.ok(inbox)
    await Promise.all([
      comesIn(bed, reportBytes({ to: 'jane@example.com', action: 'delivered', messageId })),
      comesIn(bed, reportBytes({ to: 'jane@example.com', action: 'displayed', messageId })),
    ])
    await source.state()
    const both = await got(bed, id)
    assert.deepEqual([both.dsnBlobIds.length, both.mdnBlobIds.length], [1, 1])
    const { delivered, displayed } = both.deliveryStatus?.['jane@example.com'] ?? {}
    assert.deepEqual([delivered, displayed], ['yes', 'yes'])
    const { state } = await bed.call('EmailSubmission/get', { ids: [] })
    await account.changeFlags(inbox.id, [1, 2] as never, { mode: 'add', system: 16, keywords: [] })
    await account.expunge(inbox.id)
    for (const end = performance.now() + 5_000; (await got(bed, id)).dsnBlobIds.length > 0; )
      assert.ok(performance.now() < end)
    const changes = await bed.call('EmailSubmission/changes', { sinceState: state as string })
    assert.deepEqual([changes['created'], changes['updated'], changes['destroyed']], [[], [id], []])
    assert.deepEqual({ ...(await got(bed, id)), deliveryStatus: null }, { ...none, deliveryStatus: null })
    for (let count = 0; count < 110; count++)
      await comesIn(bed, reportBytes({ to: 'jane@example.com', action: 'failed', messageId }))
    assert.equal((await got(bed, id)).dsnBlobIds.length, 50)
  })
})
