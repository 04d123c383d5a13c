// docs/setup.md as a person follows it: the files and commands of the page itself, with addresses on loopback.
import assert from 'node:assert/strict'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { folderOf, freePort, hikyaku, serve, until } from './running.ts'
import { plain, Wire } from './wire.ts'

const password = 'four-couriers-by-night'

/** The fenced blocks of a page, by language, in order. */
async function blocks(page: string): Promise<{ yaml: readonly string[]; commands: readonly string[] }> {
  const text = await readFile(new URL(`../../docs/${page}`, import.meta.url), 'utf8')
  const found = [...text.matchAll(/^```(yaml|sh)\n([\s\S]*?)^```$/gm)]
  const of = (language: string) => found.filter(match => match[1] === language).map(match => match[2] ?? '')
  return { yaml: of('yaml'), commands: of('sh').flatMap(block => block.trim().split('\n')) }
}

function onLoopback(yaml: string, linkPort: number): string {
  return yaml
    .replaceAll('address: 100.64.0.1, port: 2525', `address: 127.0.0.1, port: ${linkPort}`)
    .replaceAll('100.64.0.1:2525', `127.0.0.1:${linkPort}`)
    .replaceAll(/\{ service: (\w+) \}/g, '{ service: $1, address: 127.0.0.1, port: 0 }')
}

test('docs/setup.ja.md has the same files and commands as docs/setup.md', async () => {
  assert.deepEqual(await blocks('setup.ja.md'), await blocks('setup.md'))
})

test('docs/setup.md: two machines by its files and commands; a test letter arrives, a program logs in', async t => {
  const folder = await folderOf(t)
  const { yaml, commands } = await blocks('setup.md')
  const [homeFile = '', homeLines = '', gatewayFile = ''] = yaml
  const linkPort = await freePort()
  const [at, cloud] = [join(folder, 'home'), join(folder, 'gateway')]
  await mkdir(at)
  await mkdir(cloud)
  await writeFile(join(at, 'home.yaml'), onLoopback(homeFile, linkPort))
  await writeFile(join(at, 'sendgrid.key'), 'SG.test\n', { mode: 0o600 })
  const run = async (words: string, input = '') => {
    assert.ok(
      commands.some(line => line.startsWith(`./hikyaku ${words}`)),
      `${words} is on the page`,
    )
    const line = commands.find(line => line.startsWith(`./hikyaku ${words}`)) ?? ''
    const args = line.split(' ').slice(1)
    return hikyaku(input === '' ? args : [...args, '--password-stdin'], {
      input,
      cwd: line.includes('gateway.yaml') ? cloud : at,
    })
  }
  for (const [words, input] of [
    ['domain add', ''],
    ['user add', password],
  ] as const) {
    const ran = await run(words, input)
    assert.equal(ran.code, 0, ran.err)
  }
  const made = await run('tls client')
  assert.equal(made.code, 0, made.err)
  const forHome = /^home:\n(?: .*\n)+/m.exec(made.out)?.[0] ?? ''
  const forGateway = /^gateway:\n(?: .*\n)+/m.exec(made.out)?.[0] ?? ''
  const shape = (text: string) =>
    text.replace(/'[0-9a-f]{64}'/, "'FINGERPRINT'").replaceAll(/\S+\/gateway-tokyo/g, './gateway-tokyo')
  assert.equal(shape(forHome), homeLines, 'the page shows what the command prints')
  assert.equal(
    forGateway,
    onLoopback(gatewayFile.slice(gatewayFile.indexOf('gateway:\n')), linkPort).replace(
      '  domains: [example.com]\n',
      '',
    ),
  )
  const home = await serve(t, { folder: at, name: 'home', yaml: onLoopback(homeFile, linkPort) + forHome })
  await cp(join(at, 'gateway-tokyo'), join(cloud, 'link'), { recursive: true })
  const gateway = await serve(t, { folder: cloud, name: 'gateway', yaml: onLoopback(gatewayFile, linkPort) })
  for (const box of [home, gateway]) assert.deepEqual([(await box.command('config', 'check')).code], [0])

  const tested = await run('test in')
  assert.equal(tested.code, 0, tested.out + tested.err)
  await using imap = await Wire.openTls(home.port('imaps'))
  imap.send(`a LOGIN hanako@example.com ${password}`)
  await imap.read(/a OK[^\n]*\n/)
  imap.send('b STATUS INBOX (MESSAGES)')
  assert.match(await imap.read(/b OK[^\n]*\n/), /MESSAGES 1\b/)
  await using submissions = await Wire.openTls(home.port('submissions'))
  await submissions.reply()
  await submissions.say('EHLO client.example.com')
  assert.match(await submissions.say(`AUTH PLAIN ${plain('hanako@example.com', password)}`), /^235 /)
  await until('the link is well', async () => /✓ link/.test((await gateway.command('status')).out))
})
