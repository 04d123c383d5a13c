// The administrator's scripts and lists: found broken before and at the start, running for everybody, read again at SIGHUP, and tried out
// by the command line.
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { hanako, homeYaml, letterFrom, password } from './boxes.ts'
import { folderOf, freePort, hikyaku, serve, until } from './running.ts'
import { withUser } from '../support/administer.ts'
import { Wire } from './wire.ts'

const list = 'tag:home.test,2026:partners'

test('scripts of the administrator run around the owner’s; a broken one is named and loses nothing', async t => {
  const folder = await folderOf(t)
  await mkdir(join(folder, 'global'))
  const at = (name: string) => join(folder, name)
  await writeFile(at('archive.sieve'), 'require ["fileinto", "copy", "mailbox"]; fileinto :copy :create "Archive";')
  await writeFile(at('broken.sieve'), 'keep;\nfileinto "x";\n')
  const partners = `require ["fileinto", "extlists", "mailbox"];
if address :list "From" "${list}" { fileinto :create "Partners"; }
if address :list "From" ":addrbook:default" { fileinto :create "Known"; }
`
  await writeFile(at('global/partners.sieve'), partners)
  await writeFile(at('partners.txt'), '# who we work with\nAki@Internet.Test\nkei@internet.test # since spring\n')
  const events = 'if environment "imap.cause" "APPEND" { addflag "$Appended"; redirect :copy "taro@home.test"; }'
  await writeFile(at('global/events.sieve'), `require ["imapsieve", "environment", "imap4flags", "copy"];\n${events}\n`)
  await writeFile(at('own.sieve'), 'require "include"; include :global "partners";')
  const settings = `sieve:
    before: [./archive.sieve, ./broken.sieve]
    globalFolder: ./global
    imapScript: events
    lists: [{ name: '${list}', file: ./partners.txt }]`
  const yaml = homeYaml(await freePort())
    .replace('role: home', "role: both\ndns: { servers: ['127.0.0.1:1'] }")
    .replace('listen:\n', 'listen:\n  - { service: mx, address: 127.0.0.1, port: 0 }\n')
    .replace('../link', './data')
    .replace('home:\n', `home:\n  ${settings}\n`)
  const running = await serve(t, {
    folder,
    yaml,
    async before(config) {
      for (const address of [hanako, 'taro@home.test']) await withUser(config, address, password)
      const checked = await hikyaku(['config', 'check', '--config', config])
      assert.equal(checked.code, 1)
      assert.match(checked.err, /broken\.sieve:2:1: .*fileinto/)
      const japanese = await hikyaku(['config', 'check', '--config', config], { env: { LC_ALL: 'ja_JP.UTF-8' } })
      assert.match(japanese.err, /broken\.sieve:2:1: .*[ぁ-ん]/)
    },
  })
  assert.match(running.log(), /broken\.sieve:2:1/)
  assert.equal((await running.command('sieve', 'put', hanako, 'main', at('own.sieve'))).code, 0)
  assert.equal((await running.command('sieve', 'activate', hanako, 'main')).code, 0)
  const listed = await running.command('sieve', 'global')
  assert.match(listed.out, /^before +archive +\S+archive\.sieve *$/m)
  assert.match(listed.out, /^before +broken +\S+broken\.sieve +2:1: .+$/m)
  assert.match(listed.out, /^global +partners +/m)
  assert.match(listed.out, /^list +tag:home\.test,2026:partners +/m)

  let count = 0
  const send = async (from: string) => {
    await using wire = await Wire.open(running.port('mx'))
    const sent = await letterFrom(wire, { from, to: hanako, messageId: `${++count}@internet.test` })
    assert.match(sent.data ?? '', /^250 /)
  }
  const messages = async () => {
    await using wire = await Wire.openTls(running.port('imaps'))
    wire.send(`a LOGIN ${hanako} ${password}`)
    await wire.read(/a OK[^\n]*\n/)
    const found: number[] = []
    for (const mailbox of ['INBOX', 'Archive', 'Partners']) {
      wire.send(`b STATUS "${mailbox}" (MESSAGES)`)
      found.push(Number(/MESSAGES (\d+)/.exec(await wire.read(/b (?:OK|NO)[^\n]*\n/))?.[1] ?? 0))
    }
    return found
  }
  await send('aki@internet.test')
  await send('stranger@internet.test')
  assert.deepEqual(await messages(), [1, 2, 1])

  // a broken file keeps what is in effect
  await writeFile(at('archive.sieve'), 'nonsense;')
  await running.reread()
  await until('the reload is refused', async () => /archive\.sieve:1:1/.test(running.log()))
  await send('kei@internet.test')
  assert.deepEqual(await messages(), [1, 3, 2])
  await writeFile(at('archive.sieve'), 'keep;')
  await writeFile(at('broken.sieve'), 'keep;')
  await running.reread()
  await until('the reload has taken effect', async () => /read again/.test(running.log()))
  await send('kei@internet.test')
  assert.deepEqual(await messages(), [1, 3, 3])

  await writeFile(at('letter.eml'), 'From: aki@internet.test\nSubject: x\n\nWords\n')
  const tried = await running.command('sieve', 'test', hanako, at('letter.eml'), '--from', 'aki@internet.test')
  assert.match(tried.out, /^into Partners$/m)
  await writeFile(at('other.sieve'), 'redirect "jiro@example.net";\nrequire "x";\n')
  const other = await running.command('sieve', 'test', hanako, at('letter.eml'), '--script', at('other.sieve'))
  assert.match(other.out, /^failed: test:2:1: /m)
  assert.deepEqual(await messages(), [1, 3, 3])

  // what IMAP clients do is shown to the administrator's script, where the mailbox names no other
  await using wire = await Wire.openTls(running.port('imaps'))
  wire.send(`a LOGIN ${hanako} ${password}`)
  assert.match(await wire.read(/a OK[^\n]*\n/), / IMAPSIEVE=/)
  const text = 'Subject: appended\r\n\r\nWords\r\n'
  wire.send(`b APPEND INBOX {${text.length}+}\r\n${text}`)
  await wire.read(/b OK[^\n]*\n/)
  wire.send('c SELECT INBOX')
  await wire.read(/c OK[^\n]*\n/)
  await until('the script has run', async () => {
    wire.send('d FETCH * FLAGS')
    return /\$Appended/.test(await wire.read(/d OK[^\n]*\n/))
  })
  await using friend = await Wire.openTls(running.port('imaps'))
  friend.send(`a LOGIN taro@home.test ${password}`)
  await friend.read(/a OK[^\n]*\n/)
  await until('what it sends on is there', async () => {
    friend.send('b STATUS INBOX (MESSAGES)')
    return /[(]MESSAGES 1[)]/.test(await friend.read(/b OK[^\n]*\n/))
  })
})
