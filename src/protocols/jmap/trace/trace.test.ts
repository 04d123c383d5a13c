// Who may know what of a delivery: whoever forges what a letter says of itself, or shares an address, learns nothing of anybody else's.
import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { seenFlag } from '#mail/account.ts'
import { delivery } from '#mail/accounts.testbed.ts'
import type { MailEvent, StoredEvent } from '#mail/events.ts'
import type { AccountId, DeliveryId, EmailId } from '#mail/ids.ts'
import { printEmailId } from '#mail/object-ids.ts'
import { printToldEvents } from '#mail/trace/told-events.ts'
import { homeTrace } from '#mail/trace-block.ts'
import { address, homeBox, type JmapBed, withJmap } from '../jmap.testbed.ts'
import type { EmailTrace } from '../wire-trace.ts'

const signal = AbortSignal.timeout(60_000)
const at = Date.parse('2026-11-27T09:02:11Z')
const mallory = 'mallory@home.test'

/** A letter comes in under this id, as this recipient, into this account. */
async function deliver(
  bed: JmapBed,
  to: { readonly account: AccountId; readonly recipient: string; readonly id: string; readonly text?: string },
): Promise<string> {
  const { account, id, recipient } = to
  const block = homeTrace({
    reversePath: 'aki@internet.test',
    recipient,
    from: { helo: 'mx.home.test', clientAddress: '127.0.0.1', tls: undefined },
    hostname: 'mail.home.test',
    smtpUtf8: false,
    id: id as DeliveryId,
    at,
  })
  const message = memorySource(
    utf8(to.text ?? 'From: aki@internet.test\r\nMessage-ID: <one@internet.test>\r\n\r\nHello\r\n'),
  )
  const result = await bed.accounts.deliver(
    delivery(account, { recipient, trace: block, message, attempt: { id: id as DeliveryId } }),
    signal,
  )
  assert.equal(result.status, 'stored')
  return printEmailId(result.emailId)
}

/** As a mail program stores it over IMAP: nobody looks at what it says. */
async function append(bed: JmapBed, text: string): Promise<string> {
  const account = await bed.accounts.account(bed.account)
  const inbox = await account.mailboxNamed('INBOX')
  assert.ok(inbox)
  const message = memorySource(utf8(text))
  const flags = { mode: 'replace', system: seenFlag, keywords: [] } as const
  const placed = await account.append(inbox.id, [{ message, flags, internalDate: at }])
  assert.ok(!('refused' in placed) && placed[0])
  return printEmailId(placed[0].emailId as EmailId)
}

const trace = async (bed: JmapBed, emailId: string) =>
  (await bed.call('EmailTrace/get', { emailId })) as unknown as EmailTrace

function record(bed: JmapBed, ...events: readonly Partial<MailEvent>[]): void {
  for (const event of events) bed.events.record({ at, kind: 'delivered', from: 'aki@internet.test', ...event })
}

/** What a gateway knows, told to home whenever it asks; ends with the test. */
function tells(bed: JmapBed, events: readonly Partial<StoredEvent>[]): Disposable {
  const over = new AbortController()
  const run = async () => {
    while (!over.signal.aborted) {
      const question = await bed.questions.next('gateway', over.signal)
      if (!question) continue
      const known = events.map(event => ({ box: 'gateway@mx.home.test', at, ...event }) as StoredEvent)
      for (const part of printToldEvents(known.filter(event => event.delivery === question.delivery)))
        bed.questions.told('gateway', question.number, part, true)
    }
  }
  void run()
  return { [Symbol.dispose]: () => over.abort() }
}

async function neighbour(bed: JmapBed): Promise<AccountId> {
  const user = await bed.directory.addUser({ address: mallory })
  assert.ok(!('refused' in user) && 'account' in user)
  return user.account
}

test('both boxes as one timeline, with what the gateway found out', async () => {
  await withJmap(async bed => {
    const id = 'gateway.1.one'
    const email = await deliver(bed, { account: bed.account, recipient: address, id })
    record(bed, {
      at: at + 1_400,
      delivery: id,
      to: address,
      reply: `250 2.0.0 <${address}> ${id} Saved`,
      detail: {
        mailboxes: 'junk',
        by: 'junk filter',
        effects: 0,
        account: bed.account,
        score: 7.25,
        reasons: 'words list',
        takenInAt: at,
      },
    })
    using _ = tells(bed, [
      { kind: 'passed-on', at: at + 1_500, delivery: id, to: address, reply: '250 2.0.0 Saved' },
      {
        kind: 'received',
        delivery: id,
        client: '192.0.2.1',
        reply: '250 2.0.0 Saved',
        detail: {
          helo: 'mail.internet.test',
          senderTls: 'TLSv1.3 TLS_AES_256_GCM_SHA384',
          spf: 'pass internet.test',
          dmarc: 'fail internet.test p=none',
        },
      },
    ])
    await waited(bed)
    const told = await trace(bed, email)
    assert.deepEqual(
      told.list.map(({ box, kind, role }) => `${role} ${box} ${kind}`),
      ['gateway gateway@mx.home.test received', `home ${homeBox} delivered`, 'gateway gateway@mx.home.test passed-on'],
    )
    const [received, delivered] = told.list
    assert.deepEqual(received?.server, {
      name: 'mail.internet.test',
      address: '192.0.2.1',
      tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384',
    })
    assert.deepEqual(received?.verdicts, { spf: 'pass internet.test', dmarc: 'fail internet.test p=none' })
    assert.equal(delivered?.delay, 1_400)
    assert.deepEqual(delivered?.filed, {
      mailboxes: ['junk'],
      by: 'junk filter',
      score: 7.25,
      reasons: ['words', 'list'],
      effect: null,
    })
    assert.deepEqual(
      told.boxes.map(({ box, state }) => `${box} ${state}`),
      ['gateway@mx.home.test asked', `${homeBox} asked`],
    )
    assert.equal(told.direction, 'received')
    assert.deepEqual(
      told.recipients.map(({ email, state }) => `${email} ${state}`),
      [`${address} delivered`],
    )
  })
})

test('the gateway is away: that is said, and what it told with the letter is there', async () => {
  await withJmap(async bed => {
    const id = 'gateway.1.two'
    const email = await deliver(bed, { account: bed.account, recipient: address, id })
    const takenIn = {
      takenInBy: 'gateway',
      takenInAt: at - 60_000,
      sender: '192.0.2.1',
      helo: 'mail.internet.test',
      held: true,
      spf: 'none',
    }
    record(bed, {
      delivery: id,
      to: address,
      detail: { mailboxes: 'inbox', by: 'default', effects: 0, account: bed.account, ...takenIn },
    })
    const told = await trace(bed, email)
    assert.deepEqual(
      told.boxes.map(({ box, state }) => `${box} ${state}`),
      ['gateway@mx.home.test away', `${homeBox} asked`],
    )
    const [first, second] = told.list
    assert.deepEqual(
      [first?.kind, first?.role, first?.secondHand, first?.server?.address],
      ['received', 'gateway', true, '192.0.2.1'],
    )
    assert.deepEqual([second?.kind, second?.delay], ['delivered', 60_000])
  })
})

test('a Received line of a stranger leads to no delivery of anybody', async () => {
  await withJmap(async bed => {
    const theirs = await neighbour(bed)
    await deliver(bed, { account: theirs, recipient: mallory, id: 'gateway.1.theirs' })
    const secret = { delivery: 'gateway.1.theirs', to: mallory, reply: '250 2.0.0 secret', client: '203.0.113.5' }
    record(bed, secret, { ...secret, kind: 'received' })
    const own = await deliver(bed, { account: bed.account, recipient: address, id: 'gateway.1.mine' })
    record(bed, {
      delivery: 'gateway.1.mine',
      to: address,
      detail: { account: bed.account, mailboxes: 'inbox', by: 'default', effects: 0 },
    })
    // in a letter that was stored, and below our own lines in one that was delivered
    const forged = (id: string) =>
      `Received: from x (x [192.0.2.9])\r\n\tby mail.home.test with LMTP id ${id} for <${address}>; Fri, 27 Nov 2026 09:00:00 +0000\r\nSubject: forged\r\n\r\n`
    for (const text of [forged('gateway.1.theirs'), forged('gateway.1.mine')]) {
      const told = await trace(bed, await append(bed, text))
      assert.deepEqual([told.direction, told.list, told.recipients, told.foundBy], ['stored', [], [], null])
      assert.ok(Math.abs(Date.parse(told.storedAt ?? '') - Date.now()) < 60_000)
    }
    const below = await deliver(bed, {
      account: bed.account,
      recipient: address,
      id: 'gateway.1.below',
      text: forged('gateway.1.theirs'),
    })
    assert.deepEqual(
      (await trace(bed, below)).list,
      [],
      'its own delivery has no events, and the other is not looked at',
    )
    assert.equal((await trace(bed, own)).list.length, 1)
  })
})

test('the Message-ID of somebody else’s letter shows nothing of it; one that is an address or a delivery id neither', async () => {
  await withJmap(async bed => {
    await neighbour(bed)
    const about = { messageId: 'theirs@internet.test', delivery: 'gateway.1.theirs' }
    record(
      bed,
      { ...about, kind: 'received', client: '203.0.113.5' },
      { ...about, to: mallory, reply: `250 2.0.0 <${mallory}> Saved` },
      // sent by the neighbour, with hidden recipients
      {
        kind: 'submitted',
        messageId: 'sent@home.test',
        delivery: 'home-out.1.1',
        to: 'hidden@internet.test',
        detail: { account: 'zzzz' },
      },
      { kind: 'sent', delivery: 'home-out.1.1', to: 'hidden@internet.test', detail: { queue: 'outbound' } },
    )
    for (const id of ['theirs@internet.test', 'sent@home.test', mallory, 'gateway.1.theirs', 'home-out.1.1']) {
      const told = await trace(bed, await append(bed, `Message-ID: <${id}>\r\nSubject: x\r\n\r\n`))
      assert.deepEqual([told.direction, told.list, told.recipients], ['stored', [], []], id)
    }
    // a copy of what came to oneself as well: the own recipient alone
    record(bed, { ...about, to: address, reply: '250 2.0.0 Saved' })
    const told = await trace(bed, await append(bed, 'Message-ID: <theirs@internet.test>\r\n\r\n'))
    assert.equal(told.foundBy, 'messageId')
    assert.deepEqual(
      told.list.map(({ kind, recipient }) => `${kind} ${recipient}`),
      ['received null', `delivered ${address}`],
    )
    assert.doesNotMatch(JSON.stringify(told), /mallory/)
  })
})

test('other recipients of a received letter, and the filing of others behind a shared address, are not told', async () => {
  await withJmap(async bed => {
    const theirs = await neighbour(bed)
    await bed.directory.addAlias('team@home.test', [address, mallory])
    const id = 'gateway.1.team'
    const email = await deliver(bed, { account: bed.account, recipient: 'team@home.test', id })
    record(
      bed,
      {
        delivery: id,
        to: 'team@home.test',
        detail: { account: theirs, mailboxes: 'Affairs', by: 'script', effects: 1 },
      },
      { delivery: id, kind: 'sent-on', to: 'lover@internet.test', detail: { account: theirs, effect: 'redirect' } },
      { delivery: id, kind: 'sent-on', to: 'admin@internet.test', detail: { effect: 'redirect' } },
      { delivery: id, kind: 'sent-on', to: 'me@internet.test', detail: { account: bed.account, effect: 'redirect' } },
      { delivery: id, to: 'bcc@home.test', reply: '250 2.0.0 Saved' },
      { delivery: id, kind: 'received', reply: '550 5.1.1 <bcc@home.test> is not there' },
      { delivery: id, kind: 'attempt-deferred', to: 'bcc@home.test', reply: '452 4.2.2 full' },
      { delivery: id, kind: 'login', to: address },
    )
    const told = await trace(bed, email)
    assert.deepEqual(
      told.list.map(({ kind, recipient }) => `${kind} ${recipient}`),
      ['delivered team@home.test', 'sent-on me@internet.test', 'received null'],
    )
    assert.doesNotMatch(JSON.stringify(told), /Affairs|lover|admin@|bcc/)
    assert.equal(told.list[0]?.filed, null)
    assert.equal(told.list[1]?.filed?.effect, 'redirect')
  })
})

test('five hundred steps are told, the newest', async () => {
  await withJmap(async bed => {
    const id = 'gateway.1.long'
    const email = await deliver(bed, { account: bed.account, recipient: address, id })
    for (let n = 0; n < 700; n++) record(bed, { at: at + n, kind: 'attempt-deferred', delivery: id, to: address })
    const told = await trace(bed, email)
    assert.deepEqual([told.list.length, told.omitted], [500, true])
    assert.equal(told.list.at(-1)?.at, new Date(at + 699).toISOString())
  })
})

async function waited(bed: JmapBed): Promise<void> {
  while (bed.questions.lastHeard('gateway') === undefined) await new Promise(resolve => setTimeout(resolve, 5))
}
