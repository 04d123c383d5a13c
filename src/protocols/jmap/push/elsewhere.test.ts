// What changes outside of the account is told as well, as a change of the account: the directory's limits and addresses, ManageSieve's scripts, the queue.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { utf8 } from '#base/bytes.ts'
import { address, type JmapBed, withJmap } from '../jmap.testbed.ts'
import type { PushType } from '../wire.ts'
import type { EmailSubmission, Identity } from '../wire-sending.ts'
import { listen, type Source, until } from './source.testbed.ts'

const all = 'types=*&closeafter=no&ping=0'

async function told(bed: JmapBed, source: Source): Promise<Readonly<Record<string, string>>> {
  return (await source.state()).change.changed[bed.accountId] ?? {}
}

async function stateOf(bed: JmapBed, type: PushType): Promise<string> {
  const { state } = await bed.call(`${type}/get`, { ids: [] })
  assert.ok(typeof state === 'string')
  return state
}

test('the directory: a limit, an address that is given and taken, told once to each; what is not of this account is not', async () => {
  await withJmap(async bed => {
    using source = await listen(bed, all)
    using other = await listen(bed, 'types=Identity&closeafter=no&ping=0')
    bed.quota.limitBytes = 5_000
    await bed.directory.setQuota(address, 5_000)
    assert.deepEqual(await told(bed, source), { Quota: await stateOf(bed, 'Quota') })
    await bed.directory.addAlias('info@home.test', [address])
    const identities = await stateOf(bed, 'Identity')
    assert.deepEqual(await told(bed, source), { Identity: identities })
    assert.deepEqual(await told(bed, other), { Identity: identities })
    await bed.directory.addUser({ address: 'aki@home.test', password: 'a long enough one 7' })
    await bed.directory.removeAlias('info@home.test')
    const { list } = (await bed.call('Identity/get')) as unknown as { readonly list: readonly Identity[] }
    assert.deepEqual(
      list.map(({ email }) => email),
      [address],
    )
    assert.deepEqual(await told(bed, source), { Identity: await stateOf(bed, 'Identity') })
    await sleep(50)
    assert.equal(source.events.length, 0)
  })
})

test('what the directory did while nobody followed is told to whoever goes on from before, and nothing besides', async () => {
  await withJmap(async bed => {
    const before = await stateOf(bed, 'Identity')
    let id = ''
    {
      using source = await listen(bed, all)
      await (await bed.accounts.account(bed.account)).createMailbox('Plans')
      ;({ id } = await source.state())
    }
    await bed.directory.addAlias('info@home.test', [address])
    using again = await listen(bed, all, { 'last-event-id': id })
    const identities = await told(bed, again)
    assert.deepEqual(identities, { Identity: await stateOf(bed, 'Identity') })
    assert.notEqual(identities['Identity'], before)
  })
})

test('ManageSieve: a script that is put, made active, renamed, deleted; the vacation response where it is that', async () => {
  await withJmap(async bed => {
    const { scripts } = bed.accounts
    using source = await listen(bed, all)
    const keep = utf8('keep;')
    const change = async (act: () => Promise<object>) => {
      assert.deepEqual(await act(), {})
      assert.deepEqual(await told(bed, source), { SieveScript: await stateOf(bed, 'SieveScript') })
    }
    await change(() => scripts.put(bed.account, 'one', keep))
    await change(() => scripts.activate(bed.account, 'one'))
    await change(() => scripts.rename(bed.account, 'one', 'two'))
    // nothing is another
    assert.deepEqual(await scripts.put(bed.account, 'two', keep), {})
    assert.deepEqual(await scripts.activate(bed.account, 'two'), {})
    await change(() => scripts.activate(bed.account, undefined))
    await change(() => scripts.delete(bed.account, 'two'))
    await bed.call('VacationResponse/set', { update: { singleton: { isEnabled: true } } })
    assert.deepEqual(Object.keys(await told(bed, source)), ['VacationResponse', 'SieveScript'])
    assert.deepEqual(await scripts.activate(bed.account, undefined), {})
    assert.deepEqual(await told(bed, source), {
      VacationResponse: await stateOf(bed, 'VacationResponse'),
      SieveScript: await stateOf(bed, 'SieveScript'),
    })
    await sleep(50)
    assert.equal(source.events.length, 0)
  })
})

async function submit(bed: JmapBed, to: string, parameters: object | null = null): Promise<string> {
  const mailboxes = await (await bed.accounts.account(bed.account)).mailboxes()
  const drafts = mailboxes.find(({ role }) => role === 'drafts')
  const { list } = (await bed.call('Identity/get')) as unknown as { readonly list: readonly Identity[] }
  const envelope = { mailFrom: { email: address, parameters }, rcptTo: [{ email: to, parameters: null }] }
  const [, made] = await bed.calls(
    [
      'Email/set',
      {
        accountId: bed.accountId,
        create: { d: { mailboxIds: { [`M${drafts?.id}`]: true }, from: [{ email: address }], subject: 'Plans' } },
      },
    ],
    [
      'EmailSubmission/set',
      { accountId: bed.accountId, create: { s: { identityId: list[0]?.id, emailId: '#d', envelope } } },
    ],
  )
  assert.ok(made)
  const { created } = made[1] as unknown as { readonly created: { readonly s: { readonly id: string } } }
  return created.s.id
}

test('the queue: an attempt, another answer, its end, and a submission that is stopped by hand; /changes tells which', async () => {
  await withJmap(async bed => {
    using source = await listen(bed, 'types=EmailSubmission&closeafter=no&ping=0')
    const before = await stateOf(bed, 'EmailSubmission')
    const id = await submit(bed, 'later@example.com')
    const status = async () => {
      const { list } = (await bed.call('EmailSubmission/get', { ids: [id] })) as unknown as {
        readonly list: readonly EmailSubmission[]
      }
      return list[0]?.deliveryStatus?.['later@example.com']?.smtpReply
    }
    while (!(await status())?.startsWith('451')) await sleep(5)
    const known = await stateOf(bed, 'EmailSubmission')
    const news: string[] = []
    while (news.at(-1) !== known) news.push((await told(bed, source))['EmailSubmission'] ?? '')
    assert.equal(new Set([before, ...news]).size, news.length + 1)
    const held = await submit(bed, 'jane@example.com', { HOLDFOR: '600' })
    await told(bed, source)
    const since = await stateOf(bed, 'EmailSubmission')
    const { list } = (await bed.call('EmailSubmission/get', { ids: [held] })) as unknown as {
      readonly list: readonly EmailSubmission[]
    }
    assert.equal(list[0]?.undoStatus, 'pending')
    const delivery = /Queued as (\S+)/.exec(list[0]?.deliveryStatus?.['jane@example.com']?.smtpReply ?? '')?.[1]
    assert.ok(delivery !== undefined && (await bed.sending.queue.remove(delivery)))
    assert.deepEqual(await told(bed, source), { EmailSubmission: await stateOf(bed, 'EmailSubmission') })
    const changes = await bed.call('EmailSubmission/changes', { sinceState: since })
    assert.deepEqual([changes['created'], changes['updated'], changes['destroyed']], [[], [held], []])
  })
})

test('race: submissions, their attempts, the directory and scripts at once; the last state told of each is the one that is', async () => {
  await withJmap(async bed => {
    using source = await listen(bed, all)
    const work = [
      ...[1, 2, 3].map(() => submit(bed, 'later@example.com')),
      ...[1, 2, 3].map(number => bed.directory.addAlias(`a${number}@home.test`, [address])),
      ...[1, 2, 3].map(number => bed.accounts.scripts.put(bed.account, `s${number}`, utf8('keep;'))),
    ]
    await Promise.all(work)
    const last: Record<string, string> = {}
    const types = ['EmailSubmission', 'Identity', 'SieveScript', 'Email', 'Mailbox', 'Thread'] as const
    // attempts of the queue go on meanwhile: what is told catches up with what is
    const isCaughtUp = async () => {
      while (source.events.length > 0) Object.assign(last, await told(bed, source))
      const states = await Promise.all(types.map(type => stateOf(bed, type)))
      return states.every((state, at) => last[types[at] ?? ''] === state)
    }
    await until(isCaughtUp)
  })
})
