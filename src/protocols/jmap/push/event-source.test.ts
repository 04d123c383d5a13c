// RFC 8620 §7.3 over real HTTP: states as they come, in order; who resumes, who is slow, who leaves, and how it ends.
import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { printMailboxId } from '#mail/object-ids.ts'
import { memorySource } from '#formats/message-source.ts'
import { seenFlag } from '#mail/account.ts'
import { delivery } from '#mail/accounts.testbed.ts'
import type { Uid } from '#mail/ids.ts'
import { type JmapBed, withJmap } from '../jmap.testbed.ts'
import { maxEventSources } from '../limits.ts'
import type { Identity } from '../wire-sending.ts'
import { readQuery } from './event-source.ts'
import { listen, until } from './source.testbed.ts'
import { StateFeed } from './state-feed.ts'

async function letter({ accounts, account }: JmapBed): Promise<Uid> {
  const message = memorySource(utf8('From: aki@internet.test\r\nSubject: News\r\n\r\nHello\r\n'))
  const delivered = await accounts.deliver(delivery(account, { message }), AbortSignal.timeout(5_000))
  assert.ok(delivered.status === 'stored')
  return delivered.uid
}

async function seen({ accounts, account }: JmapBed, uid: Uid): Promise<void> {
  const opened = await accounts.account(account)
  const inbox = await opened.mailboxNamed('INBOX')
  assert.ok(inbox)
  await opened.changeFlags(inbox.id, [uid], { mode: 'add', system: seenFlag, keywords: [] })
}

async function watched({ accounts, account }: JmapBed): Promise<boolean> {
  return ((await accounts.account(account)) as unknown as { readonly isWatched: boolean }).isWatched
}

test('a letter is news of Email, Mailbox, Thread and EmailDelivery; read, it is no delivery (RFC 8620 §7.1, RFC 8621 §1.5)', async () => {
  await withJmap(async bed => {
    bed.quota.limitBytes = 1_000_000
    using source = await listen(bed, 'types=*&closeafter=no&ping=0')
    const uid = await letter(bed)
    const { change, id } = await source.state()
    const { state } = await bed.call('Email/get', { ids: [] })
    const { state: quota } = await bed.call('Quota/get')
    assert.deepEqual(change, {
      '@type': 'StateChange',
      changed: { [bed.accountId]: { Mailbox: state, Thread: state, Email: state, EmailDelivery: state, Quota: quota } },
    })
    assert.equal(id, state)
    await seen(bed, uid)
    const { change: read } = await source.state()
    assert.deepEqual(Object.keys(read.changed[bed.accountId] ?? {}), ['Mailbox', 'Email'])
  })
})

test('a letter that is delivered is told within moments; so is what is said of identities, and of being away', async () => {
  await withJmap(async bed => {
    using source = await listen(bed, 'types=EmailDelivery,Identity,VacationResponse&closeafter=no&ping=0')
    const began = performance.now()
    await bed.accounts.deliver(delivery(bed.account, { recipient: 'yuki@home.test' }), AbortSignal.timeout(5_000))
    const delivered = (await source.state()).change.changed[bed.accountId]
    assert.ok(performance.now() - began < 3_000)
    const { state } = await bed.call('Email/get', { ids: [] })
    assert.deepEqual(delivered, { EmailDelivery: state })
    const { list } = (await bed.call('Identity/get')) as unknown as { readonly list: readonly Identity[] }
    await bed.call('Identity/set', { update: { [list[0]?.id ?? '']: { name: 'Yuki' } } })
    const { state: identities } = await bed.call('Identity/get')
    assert.deepEqual((await source.state()).change.changed[bed.accountId], { Identity: identities })
    await bed.call('VacationResponse/set', { update: { singleton: { isEnabled: true } } })
    const { state: vacation } = await bed.call('VacationResponse/get')
    assert.deepEqual((await source.state()).change.changed[bed.accountId], { VacationResponse: vacation })
  })
})

test('what is moved, copied, appended or made comes into mailboxes, and is no delivery (RFC 8621 §1.5)', async () => {
  await withJmap(async bed => {
    const uid = await letter(bed)
    using source = await listen(bed, 'types=EmailDelivery,Email&closeafter=no&ping=0')
    const account = await bed.accounts.account(bed.account)
    const [inbox, plans] = [await account.mailboxNamed('INBOX'), await account.createMailbox('Plans')]
    assert.ok(inbox && !('refused' in plans))
    const types = async () => Object.keys((await source.state()).change.changed[bed.accountId] ?? {})
    await account.copy(inbox.id, [uid], plans.id)
    assert.deepEqual(await types(), ['Email'])
    await account.move(plans.id, [1 as Uid], inbox.id)
    assert.deepEqual(await types(), ['Email'])
    const message = memorySource(utf8('Subject: Filed\r\n\r\nHello\r\n'))
    await account.append(plans.id, [{ message, flags: { mode: 'add', system: 0, keywords: [] }, internalDate: 0 }])
    assert.deepEqual(await types(), ['Email'])
    const mailboxIds = { [printMailboxId(plans.id)]: true }
    await bed.call('Email/set', { create: { k: { mailboxIds, subject: 'Made' } } })
    assert.deepEqual(await types(), ['Email'])
    await letter(bed)
    assert.deepEqual(await types(), ['Email', 'EmailDelivery'])
  })
})

test('scripts and the vacation response, which is one of them, are told whichever of the two changes them', async () => {
  await withJmap(async bed => {
    using scripts = await listen(bed, 'types=SieveScript&closeafter=no&ping=0')
    using vacations = await listen(bed, 'types=VacationResponse&closeafter=no&ping=0')
    await bed.call('VacationResponse/set', { update: { singleton: { isEnabled: true } } })
    const told = async (source: typeof scripts) => (await source.state()).change.changed[bed.accountId]
    const stateOf = async (type: string) => ({ [type]: (await bed.call(`${type}/get`))['state'] })
    assert.deepEqual(await told(scripts), await stateOf('SieveScript'))
    assert.deepEqual(await told(vacations), await stateOf('VacationResponse'))
    await bed.call('SieveScript/set', { onSuccessDeactivateScript: true })
    assert.deepEqual(await told(scripts), await stateOf('SieveScript'))
    assert.deepEqual(await told(vacations), await stateOf('VacationResponse'))
  })
})

test('only the types that were asked for; a mailbox made is no news of emails', async () => {
  await withJmap(async bed => {
    using deliveries = await listen(bed, 'types=EmailDelivery,Calendar&closeafter=no&ping=0')
    using mailboxes = await listen(bed, 'types=Mailbox&closeafter=no&ping=0')
    using emails = await listen(bed, 'types=Email&closeafter=no&ping=0')
    await (await bed.accounts.account(bed.account)).createMailbox('Plans')
    assert.deepEqual(Object.keys((await mailboxes.state()).change.changed[bed.accountId] ?? {}), ['Mailbox'])
    assert.equal(emails.events.length, 0)
    await letter(bed)
    assert.deepEqual(Object.keys((await deliveries.state()).change.changed[bed.accountId] ?? {}), ['EmailDelivery'])
    assert.deepEqual(Object.keys((await emails.state()).change.changed[bed.accountId] ?? {}), ['Email'])
  })
})

test('closeafter=state ends after one event; who resumes learns at once what changed meanwhile', async () => {
  await withJmap(async bed => {
    using first = await listen(bed, 'types=Email&closeafter=state&ping=0')
    await letter(bed)
    const { id } = await first.state()
    await until(() => first.ended)
    using same = await listen(bed, 'types=Email&closeafter=no&ping=0', { 'last-event-id': id })
    await letter(bed)
    const later = await same.state()
    assert.notEqual(later.id, id)
    assert.equal(same.events.length, 0)
    for (const older of [id, 'nonsense', '99.1']) {
      using resumed = await listen(bed, 'types=Email&closeafter=state&ping=0', { 'last-event-id': older })
      assert.deepEqual(await resumed.state(), later)
      await until(() => resumed.ended)
    }
  })
})

test('pings say their interval, which is ours when the client wanted too much or too little', async () => {
  await withJmap(async bed => {
    using source = await listen(bed, 'types=*&closeafter=no&ping=1')
    assert.deepEqual(await source.next(), { event: 'ping', id: undefined, data: '{"interval":1}' })
    const interval = (ping: number) => {
      const query = readQuery(new URLSearchParams({ types: '*', closeafter: 'no', ping: String(ping) }))
      return typeof query === 'string' ? query : query.pingSeconds
    }
    assert.deepEqual([0, 1, 30, 300, 86_400].map(interval), [0, 1, 30, 300, 900])
  })
})

test('errors: arguments that are none, other methods, no login, too many sources', async () => {
  await withJmap(async bed => {
    const status = async (query: string, more: object = {}) =>
      (await bed.ask({ path: `/jmap/eventsource?${query}`, ...more })).status
    for (const query of [
      '',
      'types=*',
      'types=&closeafter=no&ping=0',
      'types=*&closeafter=maybe&ping=0',
      'types=*&closeafter=no&ping=-1',
      'types=*,Email&closeafter=no&ping=0',
    ])
      assert.equal(await status(query), 400, query)
    assert.equal(await status('types=*&closeafter=no&ping=0', { anonymous: true }), 401)
    assert.equal(await status('types=*&closeafter=no&ping=0', { method: 'POST' }), 405)
    const open = await Promise.all(
      Array.from({ length: maxEventSources }, () => listen(bed, 'types=*&closeafter=no&ping=0')),
    )
    assert.equal(await status('types=*&closeafter=no&ping=0'), 429)
    for (const source of open) source[Symbol.dispose]()
    await until(async () => !(await watched(bed)))
    using again = await listen(bed, 'types=*&closeafter=no&ping=0')
    await letter(bed)
    await again.state()
  })
})

test('race: states come in commit order while two others change the account, and the last one is the last', async () => {
  await withJmap(async bed => {
    using source = await listen(bed, 'types=Email&closeafter=no&ping=0')
    await Promise.all(
      [1, 2].map(async () => {
        for (let count = 0; count < 20; count++) await seen(bed, await letter(bed))
      }),
    )
    const { state } = await bed.call('Email/get', { ids: [] })
    const ids: string[] = []
    while (ids.at(-1) !== state) ids.push((await source.state()).id)
    const numbers = ids.map(one => Number(one.split('.')[1]))
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].sort((a, b) => a - b),
    )
  })
})

test('who does not read costs nothing but the newest state of each type', async () => {
  await withJmap(async bed => {
    let rung = 0
    using feed = await StateFeed.open(
      await bed.accounts.account(bed.account),
      bed.sending,
      new Set(['Email', 'EmailDelivery']),
      undefined,
      () => rung++,
    )
    const uid = await letter(bed)
    const delivered = (await bed.call('Email/get', { ids: [] }))['state']
    await seen(bed, uid)
    await seen(bed, await letter(bed))
    await seen(bed, uid)
    const { state } = await bed.call('Email/get', { ids: [] })
    assert.ok(rung >= 4, `${rung} times`)
    const news = await feed.take()
    assert.ok(news)
    assert.equal(news.state, state)
    assert.equal(news.changed.size, 2)
    assert.equal(news.changed.get('Email'), state)
    assert.ok(![state, delivered].includes(news.changed.get('EmailDelivery') ?? ''))
    assert.equal(await feed.take(), undefined)
  })
})

test('it ends when the user is disabled, and when the server stops', async () => {
  await withJmap(async bed => {
    using source = await listen(bed, 'types=*&closeafter=no&ping=0')
    await bed.directory.setEnabled('yuki@home.test', false)
    await until(() => source.ended)
    await until(async () => !(await watched(bed)))
    await bed.directory.setEnabled('yuki@home.test', true)
    using second = await listen(bed, 'types=*&closeafter=no&ping=0')
    bed.stop.abort()
    await until(() => second.ended)
  })
})
