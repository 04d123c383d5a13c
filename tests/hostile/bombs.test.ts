// Letters that are built to cost their reader much, through the real server: each is delivered or refused by name, the next one is delivered
// at once, others are served meanwhile, and all of them can be read by IMAP and POP3. HOSTILE_SCALE=1 sends them at full size (minutes).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { hanako, password } from '../scenarios/boxes.ts'
import { folderOf, type Running, serve } from '../scenarios/running.ts'
import { withUser } from '../support/administer.ts'
import { Wire } from '../scenarios/wire.ts'
import { letterBytes, sendLetter } from '../support/mail-clients.ts'
import { bombs } from './bombs.ts'

const scale = Number(process.env['HOSTILE_SCALE'] ?? 0.01)
const yaml = `role: both
hostname: mx.home.test
data: ./data
dns: { servers: ['127.0.0.1:1'] }
tls: { localCa: true }
listen:
  - { service: mx, address: 127.0.0.1, port: 0 }
  - { service: imap, address: 127.0.0.1, port: 0, loginWithoutTls: true }
  - { service: pop3s, address: 127.0.0.1, port: 0 }
home: { recipientsFile: ./data/recipients.json }
gateway: { recipientsFile: ./data/recipients.json, checks: { greetingDelay: 0s, connectionsPerMinute: 10000 } }
`
/** Generous: the machine may have other work. Without the bounds it was seconds a letter at full size, and a gigabyte. */
const nextWithinMs = 15_000
const maxResidentMiB = 1_200

test('bombs: delivered or refused by name, the next letter at once, and all of them can be read', async t => {
  const folder = await folderOf(t)
  const box = await serve(t, { folder, yaml, before: file => withUser(file, hanako, password) })
  const send = (bytes: Buffer) =>
    sendLetter(box.port('mx'), { from: 'aki@internet.test', to: [hanako], bytes }).then(({ reply }) => reply)
  let taken = 0
  for (const { name, bytes } of bombs(scale)) {
    const reply = await send(bytes())
    assert.match(reply, /^250 |^554 5\.6\.0 The header is too long|^554 5\.4\.6 Mail loop/, name)
    const since = performance.now()
    assert.match(await send(letterBytes(`after-${name}`)), /^250 /, name)
    assert.ok(performance.now() - since < nextWithinMs, `${name}: the next letter waited`)
    taken += reply.startsWith('250') ? 2 : 1
  }
  await readAll(box, taken)
  const [, kiB = ''] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${box.child.pid}/status`, 'utf8')) ?? []
  t.diagnostic(`${Math.round(Number(kiB) / 1024)} MiB at most`)
  assert.ok(Number(kiB) / 1024 < maxResidentMiB)
  const failures = box.log().match(/^.*"level":"(?:error|warn)".*$/gm) ?? []
  assert.deepEqual(failures, [])
})

async function readAll(box: Running, count: number): Promise<void> {
  await using imap = await Wire.open(box.port('imap'))
  let tag = 0
  const ask = async (command: string) => {
    imap.send(`${++tag} ${command}`)
    return imap.read(new RegExp(`(?:^|\\n)${tag} (?:OK|NO|BAD) .*\\r\\n`), 120_000)
  }
  await ask(`LOGIN ${hanako} ${password}`)
  assert.match(await ask('SELECT INBOX'), new RegExp(`^\\* ${count} EXISTS`, 'm'))
  for (const command of [
    'FETCH 1:* (UID ENVELOPE)',
    'FETCH 1:* (BODYSTRUCTURE PREVIEW)',
    'FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT FROM TO REFERENCES)])',
    'FETCH 1:* (BODY.PEEK[1]<0.100> BODY.PEEK[1.1.1]<0.100>)',
    'FETCH 1:* (BINARY.SIZE[1])',
    'SEARCH SUBJECT zzz',
    'SEARCH OR TO zzz HEADER X-Long aaa',
    'SEARCH TEXT zzz',
    'SEARCH BODY zzz',
    'SORT (SUBJECT FROM DATE) UTF-8 ALL',
    'THREAD REFERENCES UTF-8 ALL',
  ]) {
    const answer = await ask(command)
    assert.match(answer, new RegExp(`(?:^|\\n)${tag} OK `), `${command}: ${answer.slice(-200)}`)
    if (command.startsWith('FETCH')) assert.ok((answer.match(/^\* \d+ FETCH /gm) ?? []).length >= count, command)
  }
  await using pop = await Wire.openTls(box.port('pop3s'))
  for (const command of ['', `USER ${hanako}`, `PASS ${password}`]) {
    if (command !== '') pop.send(command)
    await pop.read(/^\+OK.*\r\n/m)
  }
  for (let number = 1; number <= count; number++) {
    pop.send(`TOP ${number} 1`)
    await pop.read(/^\+OK[^]*?\r\n\.\r\n/, 60_000)
  }
}
