// Killed without warning again and again while letters are redirected and answered: each effect leaves once.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { hanako, homeYaml, password } from './boxes.ts'
import { pretendRelay } from './pretend-relay.ts'
import { folderOf, freePort, hikyaku, type Running, serve, until } from './running.ts'
import { withUser } from '../support/administer.ts'
import { Wire } from './wire.ts'

const script =
  'require ["vacation", "copy", "fileinto"]; redirect :copy "kei@example.org"; vacation "away"; if header :contains "subject" "7" { discard; }\n'
const letters = Number(process.env['EFFECTS_LETTERS'] ?? 40)

/** Whether the letter was answered with 250; a sender that was not tells it again. */
async function told(box: Running, number: number): Promise<boolean> {
  try {
    await using wire = await Wire.open(box.port('mx'))
    await wire.read(/220 [^\n]*\n/)
    for (const line of [
      'EHLO mx.internet.test',
      `MAIL FROM:<p${number}@internet.test>`,
      `RCPT TO:<${hanako}>`,
      'DATA',
    ]) {
      wire.send(line)
      await wire.read(/^\d{3} [^\n]*\n/m, 3000)
    }
    const head = `From: p${number}@internet.test\r\nTo: ${hanako}\r\nSubject: ${number}\r\nDate: Mon, 23 Nov 2026 02:00:00 +0000`
    wire.send(`${head}\r\nMessage-ID: <${number}@internet.test>\r\n\r\nHello\r\n.`)
    return /^250 /m.test(await wire.read(/^\d{3} [^\n]*\n/m, 3000))
  } catch {
    return false
  }
}

test('killed again and again: each letter is redirected once and each sender answered once', async t => {
  const relay = await pretendRelay(t, { open: false })
  const folder = await folderOf(t)
  const file = join(folder, 'main.sieve')
  await writeFile(file, script)
  const yaml = `${homeYaml(await freePort())
    .replace('role: home', "role: both\ndns: { servers: ['127.0.0.1:1'] }")
    .replace('listen:\n', 'listen:\n  - { service: mx, address: 127.0.0.1, port: 0 }\n')
    .replace(
      '../link',
      './data',
    )}outbound:\n  upstreams:\n    - { name: relay, host: 127.0.0.1, port: ${relay.port}, tls: none-on-loopback-only }\n`
  let isFirst = true
  const start = () =>
    serve(t, {
      folder,
      yaml,
      async before(config) {
        if (!isFirst) return
        isFirst = false
        await withUser(config, hanako, password)
        for (const args of [
          ['put', hanako, 'main', file],
          ['activate', hanako, 'main'],
        ]) {
          const ran = await hikyaku(['sieve', ...args, '--config', config])
          assert.equal(ran.code, 0, ran.err)
        }
      },
    })
  const open = new Set(Array.from({ length: letters }, (_, number) => number))
  for (const killedAfterMs of [150, 500, undefined]) {
    const box = await start()
    const killer = killedAfterMs === undefined ? undefined : sleep(killedAfterMs).then(() => box.child.kill('SIGKILL'))
    const waiting = [...open]
    const next = async () => {
      for (let number = waiting.shift(); number !== undefined && box.child.exitCode === null; number = waiting.shift())
        if (await told(box, number)) open.delete(number)
    }
    await Promise.all([next(), next(), next(), next()])
    await killer
    if (killer) continue
    assert.deepEqual([...open], [], 'all were taken')
    relay.open = true
    await until('all effects left', async () => {
      await box.command('queue', 'retry')
      return relay.received.length >= 2 * letters
    })
    // another copy would come now
    await sleep(500)
  }
  const copies = Map.groupBy(relay.received, ({ to, text }) =>
    to.join() === 'kei@example.org' ? `redirect ${/^Message-ID: <(\d+)@/im.exec(text)?.[1]}` : `reply ${to.join()}`,
  )
  assert.deepEqual(
    [...copies].filter(([, items]) => items.length !== 1).map(([key]) => key),
    [],
  )
  assert.equal(copies.size, 2 * letters)
})
