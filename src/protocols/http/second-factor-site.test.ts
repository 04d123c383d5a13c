import assert from 'node:assert/strict'
import test from 'node:test'
import { TOTP } from 'otpauth'
import { address, type Answer, type JmapBed, password, withJmap } from '../jmap/jmap.testbed.ts'
import { asks, json, ours, signedIn, signIn } from './sign-in.testbed.ts'

const parse = (answer: Answer) => JSON.parse(answer.bytes.toString())

/** Half minutes pass when a test says so. */
async function withClock(act: (bed: JmapBed, time: { now: number }) => Promise<void>): Promise<void> {
  const time = { now: 1_800_000_000_000 }
  await withJmap(bed => act(bed, time), { clock: { now: () => time.now, monotonic: () => time.now } })
}

function sends(bed: JmapBed, cookie: string) {
  return (method: string, path: string, body: object) =>
    bed.ask({ method, path, headers: { ...json, ...ours, cookie }, body: JSON.stringify(body), anonymous: true })
}

async function turnOn(bed: JmapBed, cookie: string, time: { now: number }) {
  const send = sends(bed, cookie)
  const begun = await send('POST', '/second-factor', { password })
  assert.equal(begun.status, 201, begun.bytes.toString())
  const { secret, uri } = parse(begun)
  assert.match(uri, /^otpauth:\/\/totp\/Hikyaku:yuki%40home\.test\?issuer=Hikyaku&secret=[A-Z2-7]{32}&/)
  const app = new TOTP({ secret })
  const code = (halfMinutes = 0) => app.generate({ timestamp: time.now + halfMinutes * 30_000 })
  assert.equal((await send('POST', '/second-factor/confirm', { code: 'x' })).status, 403)
  assert.equal(parse(await asks(bed, cookie)('GET', '/second-factor')).totp, null)
  const confirmed = await send('POST', '/second-factor/confirm', { code: code() })
  assert.equal(confirmed.status, 200)
  const { recoveryCodes } = parse(confirmed) as { recoveryCodes: readonly string[] }
  assert.equal(recoveryCodes.length, 10)
  return { code, recoveryCodes }
}

test('codes of an app (RFC 6238): asked for after the password, each good once, clocks half a minute off', async () => {
  await withClock(async (bed, time) => {
    const cookie = await signedIn(bed)
    assert.equal((await sends(bed, cookie)('POST', '/second-factor', { password: 'wrong' })).status, 401)
    const { code } = await turnOn(bed, cookie, time)
    const status = async (totp?: string) => (await signIn(bed, { username: address, password, totp })).status
    const needed = await signIn(bed, { username: address, password })
    assert.deepEqual([needed.status, parse(needed).type], [401, '/problems/second-factor-needed'])
    // a wrong password says nothing of a second factor
    assert.equal(parse(await signIn(bed, { username: address, password: 'wrong' })).type, 'about:blank')
    const used = await signIn(bed, { username: address, password, totp: code() })
    assert.deepEqual([used.status, parse(used).type], [401, '/problems/wrong-code'])
    assert.equal(await status(code(1)), 200)
    assert.equal(await status(code(1)), 401)
    time.now += 60_000
    assert.equal(await status(code(-2)), 401)
    assert.equal(await status(` ${code().slice(0, 3)} ${code().slice(3)}`), 200)
    assert.equal(parse(await asks(bed, cookie)('GET', '/second-factor')).recoveryCodesLeft, 10)
  })
})

test('one code signs in one browser, though two send it at once', async () => {
  await withClock(async (bed, time) => {
    const { code } = await turnOn(bed, await signedIn(bed), time)
    time.now += 60_000
    const given = { username: address, password, totp: code() }
    const answers = await Promise.all([signIn(bed, given), signIn(bed, given), signIn(bed, given)])
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  })
})

test('guesses at the code are slowed down although the password is right each time', async () => {
  await withClock(async (bed, time) => {
    const { code } = await turnOn(bed, await signedIn(bed), time)
    time.now += 60_000
    const right = code()
    const statuses: number[] = []
    for (let guess = 0; guess < 8; guess++) {
      const totp = String((Number(right) + 1 + guess) % 1_000_000).padStart(6, '0')
      statuses.push((await signIn(bed, { username: address, password, totp })).status)
    }
    assert.deepEqual(statuses.slice(0, 5), [401, 401, 401, 401, 401])
    assert.equal(statuses.at(-1), 429)
    // the right one has to wait as well, else a guesser would know it by that
    assert.equal((await signIn(bed, { username: address, password, totp: right })).status, 429)
  })
})

test('recovery codes are good once, are renewed, and go with the second factor', async () => {
  await withClock(async (bed, time) => {
    const cookie = await signedIn(bed)
    const { code, recoveryCodes } = await turnOn(bed, cookie, time)
    const [one = '', two = '', three = ''] = recoveryCodes
    const status = async (totp: string) => (await signIn(bed, { username: address, password, totp })).status
    assert.equal(await status(one.toUpperCase().replace('-', ' ')), 200)
    assert.equal(await status(one), 401)
    time.now += 60_000
    const renewed = await sends(bed, cookie)('POST', '/second-factor/recovery-codes', { code: code() })
    assert.equal(renewed.status, 200)
    assert.equal(await status(two), 401)
    assert.equal((await sends(bed, cookie)('POST', '/second-factor/off', { code: three })).status, 403)
    const [fresh = ''] = parse(renewed).recoveryCodes
    assert.equal((await sends(bed, cookie)('POST', '/second-factor/off', { code: fresh })).status, 204)
    assert.equal((await signIn(bed, { username: address, password })).status, 200)
    assert.equal((await sends(bed, cookie)('POST', '/second-factor/off', { code: fresh })).status, 409)
  })
})

test('with a second factor programs come by app passwords, and are told so', async () => {
  await withClock(async (bed, time) => {
    const cookie = await signedIn(bed)
    await turnOn(bed, cookie, time)
    const basic = (word: string) => {
      const authorization = `Basic ${Buffer.from(`${address}:${word}`).toString('base64')}`
      return bed.ask({ path: '/jmap/session', headers: { authorization }, anonymous: true })
    }
    const refused = await basic(password)
    assert.equal(refused.status, 401)
    assert.match(parse(refused).detail, /programs need an app password/)
    assert.match(parse(await basic('wrong')).detail, /name or the password is wrong/)
    const app = parse(await sends(bed, cookie)('POST', '/app-passwords', { name: 'phone' }))
    assert.equal((await basic(app.password)).status, 200)
  })
})
