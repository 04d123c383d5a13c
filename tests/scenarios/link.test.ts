// LMTP-PROTO, LMTP-DOWN and the trace over both boxes: what happens between gateway and home, on real processes.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { hanako, homeYaml, letterFrom, twoBoxes } from './boxes.ts'
import { folderOf, freePort, hikyaku, serve, until } from './running.ts'
import { Wire } from './wire.ts'

test('LMTP-PROTO: SMTP to the LMTP port and LMTP to the SMTP port are told so with a 421, so no sender gets a bounce', async t => {
  const folder = await folderOf(t)
  const port = await freePort()
  const yaml = homeYaml(port)
    .replace('role: home', 'role: both')
    .replace('listen:\n', 'listen:\n  - { service: mx, address: 127.0.0.1, port: 0 }\n')
    .replace('../link', './data')
  const running = await serve(t, { folder, yaml })
  for (const hello of ['EHLO mx.internet.test', 'HELO mx.internet.test']) {
    await using wire = await Wire.open(port)
    assert.match(await wire.reply(), /^220 mail\.home\.test LMTP /)
    assert.match(await wire.say(hello), /^421[ -]4\.5\.1 LMTP-PROTO: this port speaks LMTP, not SMTP/)
  }
  await using wire = await Wire.open(running.port('mx'))
  assert.match(await wire.reply(), /^220 mail\.home\.test ESMTP /)
  assert.match(await wire.say('LHLO mx.internet.test'), /^421[ -]4\.5\.1 SMTP-PROTO: this port speaks SMTP, not LMTP/)
})

test('LMTP-PROTO: a configuration that points SMTP at home does not run, in both languages', async t => {
  const file = join(await folderOf(t), 'gateway.yaml')
  await writeFile(
    file,
    'role: gateway\nhostname: mx.home.test\ndata: ./data\ngateway: { domains: [home.test], home: { url: "smtp://100.64.0.1:2525" } }\n',
  )
  const english = await hikyaku(['serve', '--config', file])
  assert.equal(english.code, 78)
  assert.match(
    english.err,
    /gateway\.yaml:4:\d+: LMTP-PROTO gateway\.home\.url: home speaks LMTP, not SMTP: write lmtp:\/\//,
  )
  const japanese = await hikyaku(['serve', '--config', file, '--language', 'ja'])
  assert.match(japanese.err, /LMTP-PROTO .*LMTPのポートにSMTPで送ると不達になります/)
})

test('LMTP-PROTO: a gateway pointed at an SMTP port holds the mail and says why; nothing is bounced', async t => {
  const folder = await folderOf(t)
  const wrong = await serve(t, {
    folder,
    name: 'wrong',
    yaml: 'role: gateway\nhostname: wrong.home.test\ndns: { servers: ["127.0.0.1:1"] }\ndata: ./wrong\nlisten: [{ service: mx, address: 127.0.0.1, port: 0 }]\ngateway: { domains: [home.test], home: { url: "lmtp://127.0.0.1:1" } }\n',
  })
  await writeFile(
    join(folder, 'recipients.json'),
    JSON.stringify({
      version: 1,
      writtenAt: Date.now(),
      names: 'plain',
      domains: [{ name: 'home.test', separators: '+', catchAll: false }],
      recipients: { [hanako]: 'known' },
    }),
  )
  const gateway = await serve(t, {
    folder,
    name: 'gateway',
    yaml: `role: gateway\nhostname: mx.home.test\ndns: { servers: ["127.0.0.1:1"] }\ndata: ./gateway\nlisten: [{ service: mx, address: 127.0.0.1, port: 0 }]\ngateway: { recipientsFile: ./recipients.json, home: { url: "lmtp://127.0.0.1:${wrong.port('mx')}" } }\n`,
  })
  await using wire = await Wire.open(gateway.port('mx'))
  const taken = await letterFrom(wire, { from: 'aki@internet.test', to: hanako, messageId: 'proto@internet.test' })
  assert.match(taken.data ?? taken.recipient, /^250 /)
  const listed = await gateway.command('queue', 'ls')
  assert.match(listed.out, /hold .*hanako@home\.test/)
  await gateway.command('queue', 'retry')
  const trace = await until('the attempt has been made', async () => {
    const { out } = await gateway.command('trace', 'proto@internet.test')
    return out.includes('will be tried again') && out
  })
  assert.match(trace, /held safely/)
  assert.match(trace + gateway.log(), /SMTP-PROTO|speaks SMTP, not LMTP/)
  assert.doesNotMatch(trace, /failed|given up/)
})

test('LMTP-DOWN: while home is away mail is taken and waits; the log, the queue and the status say so; it leaves by itself; one trace over both boxes', async t => {
  const { gateway, home, startHome } = await twoBoxes(t)
  await until('the gateway has the list', async () => {
    await using wire = await Wire.open(gateway.port('mx'))
    await wire.reply()
    await wire.say('EHLO mx.internet.test')
    await wire.say('MAIL FROM:<aki@internet.test>')
    return (await wire.say(`RCPT TO:<${hanako}>`)).startsWith('250')
  })
  assert.equal(await home.stop(), 0)
  await using wire = await Wire.open(gateway.port('mx'))
  const messageId = 'down@internet.test'
  const taken = await letterFrom(wire, { from: 'aki@internet.test', to: hanako, messageId })
  assert.match(taken.data ?? taken.recipient, /^250 /)
  await until('the log names it', () => gateway.log().includes('NET-LINK: home does not answer; mail is held'))
  assert.match((await gateway.command('queue', 'ls')).out, /hold .*hanako@home\.test/)
  const away = await gateway.command('status')
  assert.match(away.out, /✗ link: Home does not answer; 1 letter is waiting safely\./)
  assert.match((await gateway.command('status', '--language', 'ja')).out, /自宅が応答しません。1通は安全に待機中です。/)

  const again = await startHome()
  await until('the hold is empty', async () => !(await gateway.command('queue', 'ls')).out.includes(hanako))

  const both = await hikyaku(['trace', `<${messageId}>`, '--config', gateway.file, '--config', again.file])
  assert.equal(both.code, 0, both.err)
  const lines = both.out.split('\n')
  assert.equal(lines[0], 'gateway@mx.home.test home@mail.home.test')
  const steps = lines
    .slice(1)
    .map(line => / (gateway|home)@\S+ ((?:[a-z,]+ ?)+?)(?= <| ·|$)/.exec(line)?.slice(1, 3).join(': '))
  for (const step of ['gateway: received', 'gateway: held safely', 'home: delivered', 'gateway: passed on to home'])
    assert.ok(steps.includes(step), `${step} in ${both.out}`)
  const times = lines.slice(1, -1).map(line => Date.parse(line.split(' ')[0] ?? ''))
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  )
  const japanese = await hikyaku([
    'trace',
    hanako,
    '--config',
    gateway.file,
    '--config',
    again.file,
    '--language',
    'ja',
  ])
  assert.match(japanese.out, /預かり[\s\S]*配達/)
  const joined = await hikyaku(['trace', messageId, '--json', '--config', gateway.file, '--config', again.file])
  const value = JSON.parse(joined.out) as {
    boxes: string[]
    result: { kind: string; messageId?: string; box: string }[]
  }
  const withId = value.result.filter(event => event.messageId === messageId).map(({ box, kind }) => `${kind} ${box}`)
  assert.ok(
    withId.includes('received gateway@mx.home.test') && withId.includes('delivered home@mail.home.test'),
    withId.join(),
  )
})
