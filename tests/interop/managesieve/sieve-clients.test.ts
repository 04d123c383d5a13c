// Programs of others that keep mail filters on a server: sieve-connect (Perl) and sievelib (Python). See README.md.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import { missing } from '../../support/debian.ts'
import { eventually, run } from '../../support/peers.ts'
import { type InteropDemo, startInteropDemo } from '../demo.ts'
import { handTo } from '../hand-to.ts'
import { japaneseLetter } from '../letters.ts'
import { type MailboxAt, messagesIn } from '../mailbox.ts'

const script = 'require ["fileinto", "mailbox"];\nif header :contains "from" "@" {\n  fileinto :create "フィルタ";\n}\n'
const wrong = 'require ["fileinto"];\nfileinto "x"\n'

const withoutConnect = await missing('sieveConnect')
const withoutLib = await missing('sievelib')

describe('ManageSieve clients', { timeout: 120_000 }, () => {
  const scope = new AsyncDisposableStack()
  let at: InteropDemo
  let mailbox: MailboxAt
  let folder: string

  before(async () => {
    at = await startInteropDemo(scope)
    mailbox = await at.addUser('saburo')
    folder = join(at.folder, 'scripts')
    mkdirSync(folder)
    writeFileSync(join(folder, 'main.sieve'), script)
    writeFileSync(join(folder, 'wrong.sieve'), wrong)
    writeFileSync(join(folder, 'password'), `${mailbox.password}\n`)
  })
  after(() => scope.disposeAsync())

  test('sieve-connect: STARTTLS verified, upload, mistakes shown, activate, list, download, delete; the script files mail', {
    skip: withoutConnect,
  }, async () => {
    const connect = async (mechanism: string, ...args: string[]) => {
      const server = ['--server', 'localhost', '--port', String(at.port('managesieve')), '--4', '--user', mailbox.user]
      const how = ['--tlscafile', at.ca, '--authmech', mechanism, '--passwordfd', '0']
      const { code, output } = await run('/usr/bin/sieve-connect', [...server, ...how, ...args], {
        input: `${mailbox.password}\n`,
      })
      return { code, output }
    }
    const main = join(folder, 'main.sieve')
    const uploaded = await connect('PLAIN', '--localsieve', main, '--remotesieve', 'main', '--upload')
    assert.equal(uploaded.code, 0, uploaded.output)
    const refused = await connect(
      'PLAIN',
      '--localsieve',
      join(folder, 'wrong.sieve'),
      '--remotesieve',
      'x',
      '--upload',
    )
    assert.match(refused.output, /3:1: /)
    assert.equal((await connect('PLAIN', '--remotesieve', 'main', '--activate')).code, 0)
    assert.match((await connect('PLAIN', '--list')).output, /"?main"?.*ACTIVE/i)
    const copy = join(folder, 'copy.sieve')
    const loaded = await connect('PLAIN', '--localsieve', copy, '--remotesieve', 'main', '--download')
    assert.equal(loaded.code, 0, loaded.output)
    assert.equal(readFileSync(copy, 'utf8'), script)

    const letter = japaneseLetter()
    await handTo(at.port('mx'), letter, { recipients: [{ address: mailbox.user }] })
    await eventually('it is filed', async () =>
      (await messagesIn(mailbox, 'フィルタ')).some(one => one.includes(letter.mark)),
    )
    assert.match((await connect('PLAIN', '--remotesieve', 'main', '--delete')).output, /active/i)
    assert.equal((await connect('PLAIN', '--deactivate')).code, 0)
    assert.equal((await connect('PLAIN', '--remotesieve', 'main', '--delete')).code, 0)
  })

  test('sievelib: TLS, have space, put, rename, check, get, delete', { skip: withoutLib }, async () => {
    const program = join(folder, 'client.py')
    writeFileSync(program, readFileSync(new URL('client.py', import.meta.url)))
    const port = String(at.port('managesieve'))
    const { code, output } = await run('/usr/bin/python3', [program, port, mailbox.user, mailbox.password], {})
    assert.equal(code, 0, output)
    assert.match(output, /^well$/m)
  })
})
