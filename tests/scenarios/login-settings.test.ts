// What settings change about logins and IMAP sessions, on a running home: SCRAM-SHA-1, capabilities off by client, administrators.
import assert from 'node:assert/strict'
import test from 'node:test'
import { scramClient } from '#protocols/sasl/client.ts'
import { hanako, homeYaml, password } from './boxes.ts'
import { folderOf, freePort, hikyaku, serve } from './running.ts'
import { withUser } from '../support/administer.ts'
import { Wire } from './wire.ts'

/** From the challenge on; gives the last line. */
async function scram(wire: Wire, command: string, challenge: RegExp): Promise<string> {
  const sasl = scramClient({ name: hanako, password }, false, 'sha-1')
  wire.send(command)
  for (;;) {
    const line = await wire.read(/^[^\n]*\n/)
    const [, data] = challenge.exec(line) ?? []
    if (data === undefined) {
      assert.ok(sasl.complete, line)
      return line
    }
    wire.send(Buffer.from(sasl.respond(Buffer.from(data, 'base64'))).toString('base64'))
  }
}

test('SCRAM-SHA-1 is offered by IMAP, POP3 and submission where home.scramSha1 says so, and not otherwise', async t => {
  const folder = await folderOf(t)
  const yaml = homeYaml(await freePort(), '  scramSha1: true\n').replace('../link', './data')
  const running = await serve(t, { folder, yaml, before: file => withUser(file, hanako, password) })
  await using imap = await Wire.openTls(running.port('imaps'))
  assert.match(
    await imap.read(/^[^\n]*\n/),
    /AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-1-PLUS AUTH=SCRAM-SHA-256 AUTH=SCRAM-SHA-1 /,
  )
  assert.match(await scram(imap, 'a AUTHENTICATE SCRAM-SHA-1', /^\+ ([^\r]*)/), /^a OK /)
  await using submission = await Wire.openTls(running.port('submissions'))
  await submission.reply()
  assert.match(await submission.say('EHLO client.home.test'), /AUTH [^\r]*\bSCRAM-SHA-1\b/)
  assert.match(await scram(submission, 'AUTH SCRAM-SHA-1', /^334 ([^\r]*)/), /^235 /)
  await using pop3 = await Wire.open(running.port('pop3'))
  await pop3.read(/^\+OK[^\n]*\n/)
  pop3.send('STLS')
  await pop3.read(/^\+OK[^\n]*\n/)
  await pop3.secure()
  pop3.send('CAPA')
  assert.match(await pop3.read(/\r\n\.\r\n/), /SASL [^\r]*\bSCRAM-SHA-1\b/)
  assert.match(await scram(pop3, 'AUTH SCRAM-SHA-1', /^\+ ([^\r]*)/), /^\+OK/)
  await running.stop()

  const without = await serve(t, { folder, yaml: yaml.replace('  scramSha1: true\n', '') })
  await using later = await Wire.openTls(without.port('imaps'))
  const greeting = await later.read(/^[^\n]*\n/)
  assert.match(greeting, /AUTH=SCRAM-SHA-256 /)
  assert.doesNotMatch(greeting, /SHA-1/)
})

test('home.imap.quirks: a client that says its name is not offered what it stumbles over; a rule that is read again counts for the next connection', async t => {
  const folder = await folderOf(t)
  const quirks = `  imap:
    quirks:
      - { client: "example mail*", version: "3.*", off: [IDLE, QRESYNC], reason: loses flags after a reconnect }
`
  const yaml = homeYaml(await freePort(), quirks).replace('../link', './data')
  const running = await serve(t, { folder, yaml, before: file => withUser(file, hanako, password) })
  const identified = async (version: string) => {
    await using imap = await Wire.openTls(running.port('imaps'))
    await imap.read(/^[^\n]*\n/)
    imap.send(`a ID ("name" "Example Mail" "version" "${version}")`)
    await imap.read(/a OK[^\n]*\n/)
    imap.send(`b LOGIN ${hanako} ${password}`)
    const capabilities = await imap.read(/b OK[^\n]*\n/)
    imap.send('c IDLE')
    return { capabilities, idle: await imap.read(/^[^\n]*\n/) }
  }
  const old = await identified('3.1')
  assert.doesNotMatch(old.capabilities, / IDLE| QRESYNC/)
  assert.match(old.capabilities, / CONDSTORE /)
  assert.match(old.idle, /^c BAD /)
  const [line] = running.said('Capabilities are switched off for this client')
  assert.equal(line?.['reason'], 'loses flags after a reconnect')
  assert.match((await identified('4.0')).idle, /^\+ /)
  await running.reread(yaml.replace('3.*', '4.*'))
  assert.match((await identified('4.0')).idle, /^c BAD /)
  assert.match((await identified('3.1')).idle, /^\+ /)
})

test('hikyaku user admin: who is one sets the quotas of others by IMAP, on the same connection as soon as it is said', async t => {
  const folder = await folderOf(t)
  const yaml = homeYaml(await freePort(), '').replace('../link', './data')
  const before = async (file: string) => {
    await withUser(file, hanako, password)
    await withUser(file, 'aki@home.test', password)
  }
  const running = await serve(t, { folder, yaml, before })
  const administer = (...args: readonly string[]) => hikyaku(['user', ...args, '--config', running.file])
  await using imap = await Wire.openTls(running.port('imaps'))
  await imap.read(/^[^\n]*\n/)
  const say = async (command: string) => {
    imap.send(`a ${command}`)
    return await imap.read(/(^|\n)a [^\n]*\n/)
  }
  assert.match(await say(`LOGIN ${hanako} ${password}`), / QUOTASET /)
  assert.match(await say('SETQUOTA aki@home.test (STORAGE 10)'), /^a NO \[NOPERM\]/)
  assert.equal((await administer('admin', hanako, 'perhaps')).code, 2)
  assert.equal((await administer('admin', hanako, 'on')).code, 0)
  assert.match((await administer('ls')).out, new RegExp(`${hanako} .* yes +yes`))
  assert.match(await say('SETQUOTA aki@home.test (STORAGE 10)'), /^\* QUOTA aki@home.test \(STORAGE 0 10\)\r\na OK/)
  await using other = await Wire.openTls(running.port('imaps'))
  await other.read(/^[^\n]*\n/)
  other.send(`b LOGIN aki@home.test ${password}`)
  await other.read(/b OK[^\n]*\n/)
  other.send('c GETQUOTA ""')
  assert.match(await other.read(/c OK[^\n]*\n/), /^\* QUOTA "" \(STORAGE 0 10\)/)
  assert.equal((await administer('admin', hanako, 'off')).code, 0)
  assert.match(await say('SETQUOTA aki@home.test ()'), /^a NO \[NOPERM\]/)
  const [line] = running.said('A quota was set')
  assert.equal(line?.['limitBytes'], 10_240)
})
