import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { openGatewayContacts } from './gateway-contacts.ts'

const open = (folder: string, configured: readonly string[]) =>
  openGatewayContacts({ folder, configured, clock: systemClock, log: silentLog })

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-gateways-'))
  try {
    await use(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function kept(file: string, text: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if ((await readFile(file, 'utf8').catch(() => '')) === text) return
    await sleep(20)
  }
  assert.equal(await readFile(file, 'utf8'), text)
}

test('what gateways call themselves is known after a restart, when they spoke is not', () =>
  inFolder(async folder => {
    const file = join(folder, 'gateways', 'names.json')
    const first = await open(folder, ['cloud', 'spare'])
    first.note({ gateway: 'cloud', helo: 'old.example.org' })
    first.note({ gateway: 'cloud', helo: 'gw.example.org' })
    first.note({ gateway: undefined, helo: 'stranger.example.org' })
    assert.equal(first.lastSpoke.size, 1)
    await kept(file, '{"cloud":"gw.example.org"}')
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    const second = await open(folder, ['cloud'])
    assert.deepEqual([...second.names], [['cloud', 'gw.example.org']])
    assert.equal(second.lastSpoke.size, 0)
  }))

test('a gateway that is no longer configured is forgotten, and a damaged file is like none', () =>
  inFolder(async folder => {
    const file = join(folder, 'gateways', 'names.json')
    ;(await open(folder, ['cloud'])).note({ gateway: 'cloud', helo: 'gw.example.org' })
    await kept(file, '{"cloud":"gw.example.org"}')
    assert.equal((await open(folder, ['other'])).names.size, 0)
    await writeFile(file, '{"cloud":')
    assert.equal((await open(folder, ['cloud'])).names.size, 0)
    await writeFile(file, '{"cloud":7,"spare":null}')
    assert.equal((await open(folder, ['cloud', 'spare'])).names.size, 0)
  }))
