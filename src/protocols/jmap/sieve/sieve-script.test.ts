import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { type JmapBed, withJmap } from '../jmap.testbed.ts'
import type { JsonObject } from '../wire.ts'
import type { SieveCapability, SieveScript } from '../wire-sending.ts'

async function upload({ call }: JmapBed, text: string): Promise<string> {
  const { created } = await call('Blob/upload', { create: { b: { data: [{ 'data:asText': text }] } } })
  return (created as { b: { id: string } }).b.id
}

const listOf = (answer: JsonObject) => answer['list'] as unknown as readonly SieveScript[]

test('the Session object says what scripts may be (RFC 9661 §1.2.1)', async () => {
  await withJmap(async ({ session, accountId }) => {
    const told = await session()
    const capability = 'urn:ietf:params:jmap:sieve'
    assert.deepEqual(told.capabilities[capability], { implementation: 'Hikyaku' })
    const account = told.accounts[accountId]?.accountCapabilities[capability] as SieveCapability
    assert.equal(account.maxSizeScriptName, 512)
    assert.equal(account.maxSizeScript, 100_000)
    assert.equal(account.maxNumberScripts, 64)
    assert.equal(account.maxNumberRedirects, 4)
    assert.ok(account.sieveExtensions.includes('fileinto') && account.sieveExtensions.includes('vacation'))
    assert.deepEqual(account.notificationMethods, ['mailto'])
    assert.deepEqual(account.externalLists, ['tag', 'urn'])
  })
})

test('changes by JMAP and ManageSieve at once: each is whole, one script at most is active, a state is of one moment', async () => {
  await withJmap(async bed => {
    const { account, accounts, call } = bed
    const { scripts } = accounts
    const blobId = await upload(bed, 'keep;')
    const work: Promise<unknown>[] = []
    for (let n = 0; n < 12; n++) {
      // an account has so many requests under way and no more
      if (n % 3 === 0) await Promise.all(work.splice(0))
      const create = { k: { name: `jmap ${n % 4}`, blobId } }
      work.push(call('SieveScript/set', { create, onSuccessActivateScript: '#k' }))
      work.push(scripts.put(account, `sieve ${n % 4}`, utf8(`stop; # ${n}`)))
      work.push(scripts.activate(account, `sieve ${n % 4}`))
      work.push(scripts.rename(account, `jmap ${n % 4}`, `renamed ${n % 4}`))
      work.push(scripts.delete(account, `renamed ${(n + 1) % 4}`))
      work.push(call('VacationResponse/set', { update: { singleton: { isEnabled: n % 2 === 0 } } }))
    }
    await Promise.all(work)
    const answer = await call('SieveScript/get')
    const list = listOf(answer)
    assert.ok(list.filter(({ isActive }) => isActive).length <= 1)
    assert.equal(new Set(list.map(({ id }) => id)).size, list.length)
    assert.deepEqual(
      list.map(({ name, isActive }) => [name, isActive]),
      (await scripts.list(account)).map(({ name, active }) => [name, active]),
    )
    assert.equal(answer['state'], (await scripts.all(account)).state)
    const vacation = listOf(await call('VacationResponse/get'))[0] as unknown as { isEnabled: boolean }
    const own = list.find(({ name }) => name === 'Vacation response')
    assert.equal(vacation.isEnabled, own?.isActive ?? false)
  })
})

test('two creations of one name at once: one is made, the other is told which', async () => {
  await withJmap(async bed => {
    const blobId = await upload(bed, 'keep;')
    const create = { k: { name: 'one', blobId } }
    const answers = await Promise.all([1, 2, 3].map(() => bed.call('SieveScript/set', { create })))
    assert.equal(answers.filter(({ created }) => created !== null).length, 1)
    const [{ id } = { id: '' }] = listOf(await bed.call('SieveScript/get'))
    for (const { notCreated } of answers)
      if (notCreated) assert.deepEqual(notCreated, { k: { type: 'alreadyExists', existingId: id } })
  })
})

test('limits: octets of one script, number of scripts, names', async () => {
  await withJmap(async bed => {
    const { call } = bed
    const long = await upload(bed, `# ${'x'.repeat(100_000)}`)
    const blobId = await upload(bed, 'keep;')
    const set = async (create: object) => (await call('SieveScript/set', { create }))['notCreated'] as JsonObject
    assert.deepEqual(await set({ k: { name: 'long', blobId: long } }), { k: { type: 'tooLarge', maxSize: 100_000 } })
    const names = ['', 'x'.repeat(129), 'a\u2028b']
    for (const name of names)
      assert.equal(((await set({ k: { name, blobId } }))['k'] as { type?: string }).type, 'invalidProperties')
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`k${n}`, { blobId }]))
    const refused = await set(many)
    assert.deepEqual(
      Object.values(refused).map(one => (one as { type?: string }).type),
      ['overQuota'],
    )
    assert.equal(listOf(await call('SieveScript/get')).length, 64)
  })
})
