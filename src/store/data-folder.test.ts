import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { openDataFolder } from './data-folder.ts'
import { mountedType } from './file-system.ts'

function temporaryFolder(t: { after(act: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'data-folder-'))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  return folder
}

test('the boot counter rises and derived keys stay over a reopening', t => {
  const path = join(temporaryFolder(t), 'made', 'here')
  const seen: { boot: number; key: string }[] = []
  for (let round = 0; round < 3; round++) {
    using folder = openDataFolder(path)
    seen.push({ boot: folder.boot, key: Buffer.from(folder.deriveKey('fingerprint')).toString('hex') })
    assert.notDeepEqual(folder.deriveKey('fingerprint'), folder.deriveKey('scram'))
    assert.equal(folder.deriveKey('x').length, 32)
  }
  const boots = seen.map(one => one.boot)
  assert.deepEqual(
    boots,
    [...new Set(boots)].toSorted((a, b) => a - b),
  )
  assert.equal(new Set(seen.map(one => one.key)).size, 1)
  assert.equal(statSync(path).mode & 0o777, 0o700)
  assert.equal(statSync(join(path, 'secret')).mode & 0o777, 0o600)
  assert.ok(!readdirSync(path).includes('secret.new'))
})

test('a folder made anew under the same name counts on: no id is made twice', t => {
  const before = openDataFolder(join(temporaryFolder(t), 'before'))
  before[Symbol.dispose]()
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 60_000 })
  using anew = openDataFolder(join(temporaryFolder(t), 'anew'))
  assert.ok(anew.boot > before.boot)
})

test('a second opener in the same process is refused by name', t => {
  const path = temporaryFolder(t)
  using first = openDataFolder(path)
  assert.ok(first.boot > 0)
  assert.throws(() => openDataFolder(path), { code: 'in-use', message: new RegExp(`process ${process.pid}$`) })
})

test('another process is refused while we live, and comes in after kill -9', { timeout: 20_000 }, async t => {
  const path = temporaryFolder(t)
  const script = `
    const { openDataFolder } = await import(${JSON.stringify(new URL('./data-folder.ts', import.meta.url).href)})
    globalThis.kept = openDataFolder(${JSON.stringify(path)})
    console.log('open ' + kept.boot)
    setInterval(() => kept.boot, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const boot = Number(/^open (\d+)\n$/.exec(line.toString())?.[1])
  assert.throws(() => openDataFolder(path), { code: 'in-use', message: new RegExp(`process ${child.pid}$`) })
  child.kill('SIGKILL')
  await once(child, 'exit')
  using after = openDataFolder(path)
  assert.ok(after.boot > boot)
})

test('a secret of the wrong length is not replaced in silence', t => {
  const path = temporaryFolder(t)
  openDataFolder(path)[Symbol.dispose]()
  writeFileSync(join(path, 'secret'), 'short')
  assert.throws(() => openDataFolder(path), { code: 'bad-secret' })
})

test('the mount that holds a path', () => {
  const info = [
    '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
    '30 27 0:25 / /srv rw - xfs /dev/vdb rw',
    '31 30 0:26 / /srv/far\\040away rw - fuse.sshfs host: rw',
  ].join('\n')
  assert.equal(mountedType('/srv/far away/mail', info), 'fuse.sshfs')
  assert.equal(mountedType('/srv/farther', info), 'xfs')
  assert.equal(mountedType('/home', info), 'ext4')
  assert.equal(mountedType('/srv', info), 'xfs')
})
