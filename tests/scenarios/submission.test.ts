// SUB-BANNER and SUB-NOAUTH: the greeting waits for nobody, and AUTH is missing only where it would be heard by others.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import test from 'node:test'
import { hanako, homeYaml, password } from './boxes.ts'
import { folderOf, freePort, serve } from './running.ts'
import { withUser } from '../support/administer.ts'
import { plain, Wire } from './wire.ts'

const greetingMs = 200
const rounds = 9

/** How long each greeting took; opened one after the other. */
async function greetings(port: number, pattern: RegExp): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now()
    await using wire = await Wire.open(port)
    await wire.read(pattern)
    times.push(performance.now() - begun)
  }
  return times.sort((a, b) => a - b)
}

test('SUB-BANNER: the greeting comes within 200 ms while passwords are being checked without end and the users’ database is locked', async t => {
  const folder = await folderOf(t)
  const yaml = homeYaml(await freePort()).replace('../link', './data')
  const running = await serve(t, { folder, yaml, before: file => withUser(file, hanako, password) })
  const services = [
    ['submission', /^220 [^\n]*\n/],
    ['imap', /^\* OK [^\n]*\n/],
    ['pop3', /^\+OK [^\n]*\n/],
  ] as const
  const locked = new DatabaseSync(join(folder, 'data', 'directory.db'))
  locked.exec('PRAGMA busy_timeout = 5000; BEGIN EXCLUSIVE')
  // Each keeps a password worker busy, or waits for the directory.
  const logins = await Promise.all(
    Array.from({ length: 24 }, async (_, index) => {
      const wire = await Wire.openTls(running.port('submissions'))
      await wire.reply()
      await wire.say('EHLO client.home.test')
      wire.send(`AUTH PLAIN ${plain(hanako, `wrong-${index}`)}`)
      return wire
    }),
  )
  try {
    for (const [service, pattern] of services) {
      const times = await greetings(running.port(service), pattern)
      const median = times[Math.floor(rounds / 2)] ?? Infinity
      assert.ok(median < greetingMs, `${service} greeted after ${times.map(Math.round).join(', ')} ms`)
    }
  } finally {
    locked.exec('ROLLBACK')
    locked.close()
    for (const wire of logins) await wire[Symbol.asyncDispose]()
  }
})

test('SUB-NOAUTH: before STARTTLS there is no AUTH and the reply to it says why; after it there is', async t => {
  const folder = await folderOf(t)
  const yaml = homeYaml(await freePort()).replace('../link', './data')
  const running = await serve(t, { folder, yaml, before: file => withUser(file, hanako, password) })
  await using wire = await Wire.open(running.port('submission'))
  await wire.reply()
  const before = await wire.say('EHLO client.home.test')
  assert.doesNotMatch(before, /AUTH/)
  assert.match(before, /STARTTLS/)
  assert.match(await wire.say(`AUTH PLAIN ${plain(hanako, password)}`), /^538 5\.7\.11 .*STARTTLS/)
  assert.match(await wire.say(`MAIL FROM:<${hanako}>`), /^530 5\.7\.0 /)
  assert.match(await wire.say('STARTTLS'), /^220 /)
  await wire.secure()
  const after = await wire.say('EHLO client.home.test')
  assert.match(after, /AUTH [^\r\n]*PLAIN/)
  assert.doesNotMatch(after, /STARTTLS/)
  assert.match(await wire.say(`AUTH PLAIN ${plain(hanako, password)}`), /^235 /)

  await using imap = await Wire.open(running.port('imap'))
  assert.match(await imap.read(/\* OK[^\n]*\n/), /LOGINDISABLED/)
  imap.send(`a LOGIN ${hanako} ${password}`)
  assert.match(await imap.read(/a (NO|BAD)[^\n]*\n/), /PRIVACYREQUIRED|STARTTLS/)
  assert.doesNotMatch(running.log(), new RegExp(password), 'no password is in the log')
})
