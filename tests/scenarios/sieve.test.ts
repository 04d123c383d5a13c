// Mail filters as an owner keeps them by the command line, on a stopped and on a running installation, and what they do to mail.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { ask, traceOf } from './asking.ts'
import { hanako, homeYaml, letterFrom, password } from './boxes.ts'
import { folderOf, freePort, hikyaku, serve, until } from './running.ts'
import { withUser } from '../support/administer.ts'
import { Wire } from './wire.ts'

const taro = 'taro@home.test'
const script = `require ["fileinto", "mailbox", "copy"];
if address :is "from" "aki@internet.test" { fileinto :create "Lists/アキ"; redirect :copy "${taro}"; }
elsif address :is "from" "spam@internet.test" { discard; }
`

test('a script is checked, kept, made active and runs: filed, redirected to another user, discarded', async t => {
  const folder = await folderOf(t)
  const file = join(folder, 'filter.sieve')
  await writeFile(file, script)
  const bad = join(folder, 'bad.sieve')
  await writeFile(bad, 'keep;\nfileinto "x";\n')
  const yaml = homeYaml(await freePort())
    .replace('role: home', "role: both\ndns: { servers: ['127.0.0.1:1'] }")
    .replace('listen:\n', 'listen:\n  - { service: mx, address: 127.0.0.1, port: 0 }\n')
    .replace('../link', './data')
  const running = await serve(t, {
    folder,
    yaml,
    async before(config) {
      await withUser(config, hanako, password)
      // stopped: the data folder itself
      const kept = await hikyaku(['sieve', 'put', hanako, 'main', file, '--config', config])
      assert.deepEqual([kept.code, kept.out], [0, 'both@mail.home.test\nkept main\n'], kept.err)
    },
  })

  await ask(running, 'user.add', { address: taro, password })

  const checked = await hikyaku(['sieve', 'check', bad])
  assert.equal(checked.code, 1)
  assert.match(checked.err, /bad\.sieve:2:1: .*fileinto/)
  const japanese = await hikyaku(['sieve', 'check', bad], { env: { LC_ALL: 'ja_JP.UTF-8' } })
  assert.match(japanese.err, /bad\.sieve:2:1: .*[ぁ-ん]/)
  const refused = await running.command('sieve', 'put', hanako, 'main', bad)
  assert.equal(refused.code, 1)
  assert.match(refused.err, /^invalid: \n2:1: /)
  assert.match((await running.command('sieve', 'show', hanako)).err, /^none-active: /)
  assert.equal((await running.command('sieve', 'activate', hanako, 'main')).code, 0)
  assert.match((await running.command('sieve', 'ls', hanako)).out, /^main +\d+ +\S+ +active$/m)
  assert.ok((await running.command('sieve', 'show', hanako)).out.endsWith(script))

  const receive = async (from: string, index: number) => {
    await using wire = await Wire.open(running.port('mx'))
    const sent = await letterFrom(wire, {
      from: `${from}@internet.test`,
      to: hanako,
      messageId: `${index}@internet.test`,
    })
    assert.match(sent.data ?? '', /^250 /)
  }
  for (const [index, from] of ['aki', 'spam', 'kei'].entries()) await receive(from, index)
  const messages = async (user: string, mailbox: string) => {
    await using wire = await Wire.openTls(running.port('imaps'))
    wire.send(`a LOGIN ${user} ${password}`)
    await wire.read(/a OK[^\n]*\n/)
    wire.send(`b STATUS "${mailbox}" (MESSAGES)`)
    return Number(/MESSAGES (\d+)/.exec(await wire.read(/b (?:OK|NO)[^\n]*\n/))?.[1])
  }
  assert.deepEqual([await messages(hanako, 'INBOX'), await messages(hanako, 'Lists/&MKIwrQ-')], [1, 1])
  await until('the redirected letter is there', async () => (await messages(taro, 'INBOX')) === 1)

  // the letter's own trace, by whatever name, goes on with what its script sent away
  const byMessageId = await traceOf(running, '0@internet.test')
  const [, id] = / sent on <[^>]*> → taro@home\.test .*redirect, as (outbox\.0\.\w+)/.exec(byMessageId) ?? []
  assert.ok(id, byMessageId)
  assert.match(byMessageId, new RegExp(` sent <[^>]*> → taro@home\\.test · ${id}`))
  const own = / delivered <[^>]*> → hanako@home\.test · (\S+)/.exec(byMessageId)?.[1] ?? ''
  const byDelivery = await traceOf(running, own, 'ja')
  assert.match(byDelivery, new RegExp(`ここから送出 .*転送、${id}`))
  assert.match(byDelivery, new RegExp(` 送信 <[^>]*> → taro@home\\.test · ${id}`))

  // who has a stolen password can install a script: a pause holds what it sends, too
  assert.equal((await running.command('user', 'pause', hanako)).code, 0)
  await receive('aki', 3)
  const held = async () => /"held"/.test(JSON.stringify(await ask(running, 'queue.ls')))
  await until('the redirected letter is held', held)
  assert.equal(await messages(taro, 'INBOX'), 1)
  assert.equal((await running.command('user', 'resume', hanako)).code, 0)
  await until('the redirected letter is there', async () => (await messages(taro, 'INBOX')) === 2)
})
