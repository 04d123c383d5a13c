// Letters sent by EmailSubmission/set, over real HTTP into a real queue: what leaves, once, and what is refused.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MessageReceiver } from '#mail/receiving.ts'
import { authorization, type JmapBed, withJmap } from '../jmap.testbed.ts'
import type { SetResponse } from '../wire.ts'
import { keptIn, submissionKind } from './submissions.ts'
import type { EmailSubmission, Identity } from '../wire-sending.ts'

type Made = SetResponse<EmailSubmission>

async function until(true_: () => boolean): Promise<void> {
  for (const end = performance.now() + 5_000; !true_(); await sleep(5))
    assert.ok(performance.now() < end, 'Nothing happened')
}

async function draft(bed: JmapBed, more: object = {}): Promise<string> {
  const mailboxes = await (await bed.accounts.account(bed.account)).mailboxes()
  const drafts = mailboxes.find(({ role }) => role === 'drafts')
  const made = await bed.call('Email/set', {
    create: {
      d: {
        mailboxIds: { [`M${drafts?.id}`]: true },
        from: [{ email: 'yuki@home.test' }],
        to: [{ email: 'jane@example.com' }],
        bcc: [{ email: 'hidden@example.com' }],
        subject: 'Plans',
        textBody: [{ partId: '1', type: 'text/plain' }],
        bodyValues: { 1: { value: 'Hello' } },
        ...more,
      },
    },
  })
  return (made as unknown as { created: { d: { id: string } } }).created.d.id
}

async function identity(bed: JmapBed): Promise<string> {
  const { list } = (await bed.call('Identity/get')) as unknown as { readonly list: readonly Identity[] }
  assert.ok(list[0])
  return list[0].id
}

async function sendIt(bed: JmapBed, emailId: string): Promise<Made> {
  const create = { s: { identityId: await identity(bed), emailId } }
  return (await bed.call('EmailSubmission/set', { create })) as unknown as Made
}

test('without an envelope it goes to To, Cc and Bcc; Bcc stands in the copy for Sent alone', async () => {
  await withJmap(async bed => {
    const email = await draft(bed, { cc: [{ email: 'Jane@Example.com' }] })
    const { created } = await sendIt(bed, email)
    assert.equal(created?.['s']?.envelope?.mailFrom.email, 'yuki@home.test')
    await until(() => bed.outbound.left.length === 2 && bed.outbound.copies.length === 1)
    const { copies, left } = bed.outbound
    assert.deepEqual(left.map(({ to }) => to.toLowerCase()).sort(), ['hidden@example.com', 'jane@example.com'])
    for (const { from, text } of left) {
      assert.equal(from, 'yuki@home.test')
      assert.match(text, /^Received: by home\.test /)
      assert.match(text, /^Message-ID: /im)
      assert.doesNotMatch(text, /^Bcc:/im)
      assert.doesNotMatch(text, /127\.0\.0\.1/)
    }
    assert.match(copies[0] ?? '', /^Bcc: .*hidden@example\.com/im)
  })
})

test('an author that the identity does not allow goes under the identity’s address', async () => {
  await withJmap(async bed => {
    const email = await draft(bed, { sender: [{ email: 'boss@home.test' }] })
    const { notCreated } = await sendIt(bed, email)
    // the envelope is the identity's, the letter's own Sender is not one of the user's all the same
    assert.equal(notCreated?.['s']?.type, 'forbiddenFrom')
    assert.deepEqual(bed.outbound.left, [])
  })
})

test('delivery status: what still waits is queued, with the words of whoever was asked last', async () => {
  await withJmap(async bed => {
    const email = await draft(bed, { to: [{ email: 'later@example.com' }], bcc: null })
    const { created } = await sendIt(bed, email)
    const id = created?.['s']?.id ?? ''
    let status
    for (let tries = 0; tries < 200 && status?.smtpReply !== '451 4.3.0 Later'; tries++) {
      await sleep(10)
      const { list } = (await bed.call('EmailSubmission/get', { ids: [id] })) as unknown as {
        readonly list: readonly EmailSubmission[]
      }
      assert.ok(list[0])
      status = list[0].deliveryStatus?.['later@example.com']
    }
    assert.deepEqual(status, { smtpReply: '451 4.3.0 Later', delivered: 'queued', displayed: 'unknown' })
    const update = { [id]: { undoStatus: 'canceled' } }
    const { notUpdated } = (await bed.call('EmailSubmission/set', { update })) as unknown as Made
    assert.equal(notUpdated?.[id]?.type, 'cannotUnsend')
  })
})

test('exactly once: the answer was lost, the client asks again, and gets the first submission', async () => {
  await withJmap(async bed => {
    const email = await draft(bed)
    const body = JSON.stringify({
      using: Object.keys((await bed.session()).capabilities),
      methodCalls: [
        [
          'EmailSubmission/set',
          { accountId: bed.accountId, create: { s: { identityId: await identity(bed), emailId: email } } },
          'a',
        ],
      ],
    })
    const socket = connect(bed.port, '127.0.0.1').on('error', () => undefined)
    const { receiver } = bed.sending
    Object.assign(bed.sending, { receiver: leavingAfter(receiver, () => socket.destroy()) })
    socket.write(
      `POST /jmap/api HTTP/1.1\r\nHost: home.test\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    const submissions = async () =>
      ((await bed.call('EmailSubmission/get')) as unknown as { readonly list: readonly EmailSubmission[] }).list
    while ((await submissions()).length === 0) await sleep(10)
    await sleep(50)
    Object.assign(bed.sending, { receiver })
    const { created } = await sendIt(bed, email)
    const [first, ...more] = await submissions()
    assert.equal(created?.['s']?.id, first?.id)
    assert.deepEqual(more, [])
    await until(() => bed.outbound.left.length === 2)
    // whoever has the answer and sends again means another one
    assert.notEqual((await sendIt(bed, email)).created?.['s']?.id, first?.id)
    await until(() => bed.outbound.left.length === 4)
  })
})

/** The client is gone between the queue's yes and our answer. */
function leavingAfter(receiver: MessageReceiver, leave: () => void): MessageReceiver {
  return {
    async begin(...given) {
      const begun = await receiver.begin(...given)
      if (begun.kind === 'refused') return begun
      const { transaction } = begun
      return {
        ...begun,
        transaction: {
          recipient: (...one) => transaction.recipient(...one),
          settle: outcome => transaction.settle(outcome),
          async message(...one) {
            const verdict = await transaction.message(...one)
            leave()
            await sleep(100)
            return verdict
          },
        },
      }
    },
  }
}

test('race: one is stopped by two at once; it is stopped once, and nobody gets it', async () => {
  await withJmap(async bed => {
    const emailId = await draft(bed)
    const envelope = {
      mailFrom: { email: 'yuki@home.test', parameters: { HOLDFOR: '600' } },
      rcptTo: [{ email: 'jane@example.com', parameters: null }],
    }
    const create = { s: { identityId: await identity(bed), emailId, envelope } }
    const { created } = (await bed.call('EmailSubmission/set', { create })) as unknown as Made
    const id = created?.['s']?.id ?? ''
    assert.equal(created?.['s']?.undoStatus, 'pending')
    const update = { [id]: { undoStatus: 'canceled' } }
    const answers = await Promise.all(
      [1, 2].map(async () => (await bed.call('EmailSubmission/set', { update })) as unknown as Made),
    )
    assert.ok(answers.some(({ updated }) => updated?.[id] === null))
    for (const { notUpdated } of answers) assert.ok([undefined, 'cannotUnsend'].includes(notUpdated?.[id]?.type))
    const { list } = (await bed.call('EmailSubmission/get')) as unknown as { readonly list: readonly EmailSubmission[] }
    assert.deepEqual(
      list.map(({ undoStatus }) => undoStatus),
      ['canceled'],
    )
    assert.deepEqual(bed.outbound.left, [])
  })
})

test('how it ended while nobody looked is told afterwards, and forgotten by the queue once it is noted', async () => {
  await withJmap(async bed => {
    const emailId = await draft(bed)
    const rcptTo = [{ email: 'slow@example.com' }, { email: 'nobody@example.com' }]
    const create = {
      s: { identityId: await identity(bed), emailId, envelope: { mailFrom: { email: 'yuki@home.test' }, rcptTo } },
    }
    const { created } = (await bed.call('EmailSubmission/set', { create })) as unknown as Made
    const id = created?.['s']?.id ?? ''
    const { queue } = bed.sending
    const records = await (await bed.accounts.account(bed.account)).read(reader => reader.objects(submissionKind))
    const { delivery } = keptIn(records[0] ?? { value: '{}' })
    assert.equal(await queue.endOf(delivery), undefined)
    bed.outbound.letGo()
    for (const end = performance.now() + 5_000; await queue.show(delivery); await sleep(5))
      assert.ok(performance.now() < end, 'It does not leave')
    const ended = await queue.endOf(delivery)
    assert.deepEqual(
      ended?.map(({ address, state }) => [address, state]),
      [
        ['slow@example.com', 'delivered'],
        ['nobody@example.com', 'failed'],
      ],
    )
    const answers = await Promise.all([1, 2, 3].map(() => bed.call('EmailSubmission/get', { ids: [id] })))
    for (const answer of answers)
      assert.deepEqual((answer['list'] as unknown as EmailSubmission[])[0]?.deliveryStatus, {
        'slow@example.com': { smtpReply: '250 2.0.0 OK', delivered: 'unknown', displayed: 'unknown' },
        'nobody@example.com': { smtpReply: '550 5.1.1 Nobody', delivered: 'no', displayed: 'unknown' },
      })
    assert.equal(await queue.endOf(delivery), undefined)
    // nor is anything kept of what was stopped
    const later = { mailFrom: { email: 'yuki@home.test', parameters: { HOLDFOR: '600' } }, rcptTo }
    const second = { s: { identityId: await identity(bed), emailId, envelope: later } }
    const made = (await bed.call('EmailSubmission/set', { create: second })) as unknown as Made
    const other = made.created?.['s']?.id ?? ''
    await bed.call('EmailSubmission/set', { update: { [other]: { undoStatus: 'canceled' } } })
    const all = await (await bed.accounts.account(bed.account)).read(reader => reader.objects(submissionKind))
    for (const row of all) assert.equal(await queue.endOf(keptIn(row).delivery), undefined)
  })
})
