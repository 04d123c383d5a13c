import assert from 'node:assert/strict'
import test from 'node:test'
import { TOTP } from 'otpauth'
import { address, type JmapBed, password, withJmap } from '../jmap/jmap.testbed.ts'
import { body, json, ours, signedIn, signIn } from './sign-in.testbed.ts'

function sends(bed: JmapBed, cookie: string, headers: object = ours) {
  return (path: string, given: object) =>
    bed.ask({
      method: 'POST',
      path,
      headers: { ...json, ...headers, cookie },
      body: JSON.stringify(given),
      anonymous: true,
    })
}

test('a link for one’s own phone: by the password only, good once, for two minutes, and not by other pages', async () => {
  const time = { now: 1_800_000_000_000 }
  await withJmap(
    async bed => {
      const cookie = await signedIn(bed)
      const send = sends(bed, cookie)
      assert.equal((await send('/session/ticket', {})).status, 401)
      assert.equal((await send('/session/ticket', { password: 'wrong' })).status, 401)
      const elsewhere = sends(bed, cookie, { 'sec-fetch-site': 'same-site' })
      assert.equal((await elsewhere('/session/ticket', { password })).status, 403)
      assert.equal((await sends(bed, '')('/session/ticket', { password })).status, 401)
      const made = await send('/session/ticket', { password })
      assert.equal(made.status, 201, made.bytes.toString())
      const { ticket } = body(made)
      assert.equal(Number(body(made)['expiresInSeconds']), 120)
      assert.equal((await signIn(bed, { ticket })).status, 200)
      assert.equal((await signIn(bed, { ticket })).status, 401)
      const late = body(await send('/session/ticket', { password }))
      time.now += 121_000
      assert.equal((await signIn(bed, { ticket: late['ticket'] })).status, 401)
    },
    { clock: { now: () => time.now, monotonic: () => time.now } },
  )
})

test('where a second factor is on, a link needs a code of it too', async () => {
  const time = { now: 1_800_000_000_000 }
  await withJmap(
    async bed => {
      const send = sends(bed, await signedIn(bed))
      const { secret = '' } = body(await send('/second-factor', { password }))
      const app = new TOTP({ secret })
      const code = (halfMinutes: number) => app.generate({ timestamp: time.now + halfMinutes * 30_000 })
      assert.equal((await send('/second-factor/confirm', { code: code(0) })).status, 200)
      const refused = await send('/session/ticket', { password })
      assert.deepEqual([refused.status, body(refused)['type']], [401, '/problems/second-factor-needed'])
      assert.equal(body(await send('/session/ticket', { password, totp: '000000x' }))['type'], '/problems/wrong-code')
      const made = body(await send('/session/ticket', { password, totp: code(1) }))
      const entered = await signIn(bed, { ticket: made['ticket'] })
      assert.deepEqual([entered.status, body(entered)['username']], [200, address])
    },
    { clock: { now: () => time.now, monotonic: () => time.now } },
  )
})
