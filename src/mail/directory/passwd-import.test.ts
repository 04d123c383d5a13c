import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { systemClock } from '#base/clock.ts'
import { openPasswords } from '../passwords/passwords.ts'
import { openDirectory } from './open.ts'
import { parsePasswdFile } from './passwd-file.ts'
import { applyPasswdImport, passwdProblemText, planPasswdImport } from './passwd-import.ts'

const crypt = '$6$abcdefgh$KSau0PmzasEosgY2bCv42IWdPCrvzb9UeRwBA0DqW7ttav7DwYw7mWkq2RLozY4TsuGxT5i2DkhBMMAa72plf/'

const sample = `# made by hand
yuki@home.test:{SHA512-CRYPT}${crypt}:5000:5000:Yuki Sato,room 3:/var/mail/yuki::userdb_quota_rule=*:storage=2G userdb_mail=maildir:~/Maildir

Ken@Home.test:${crypt}
aki@home.test:abXxRozTuphNc::::::nologin
mio@home.test::::::: nopassword=y
rin@home.test:{SHA512-CRYPT}.rFxH:5000:5000
yuki@home.test:{PLAIN}second
x@example.org:{PLAIN}other domain
bare:{PLAIN}without domain
no colon here
:{PLAIN}nobody
sales@home.test:{PLAIN}is an alias
old@home.test:{PLAIN}has one::::::userdb_quota_rule=maildir:x
odd name@home.test:{PLAIN}x
`

async function start(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'passwd-import-'))
  const passwords = openPasswords()
  const directory = await openDirectory({
    folder,
    passwords,
    clock: systemClock,
    createAccount: () => Promise.resolve(),
  })
  t.after(async () => {
    await directory[Symbol.asyncDispose]()
    await passwords[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  })
  await directory.addDomain('home.test')
  await directory.addUser({ address: 'old@home.test', password: 'fifty-three stations' })
  await directory.addAlias('sales@home.test', ['old@home.test'])
  return { directory, passwords }
}

const codes = (problems: readonly { line: number; code: string }[]) => problems.map(one => `${one.line} ${one.code}`)

test('a file is reported line by line before anything is changed', async t => {
  const { directory } = await start(t)
  const report = await planPasswdImport(Buffer.from(sample), directory)
  assert.equal(report.found, 11)
  assert.deepEqual(
    report.willDo.map(act => `${act.line} ${act.act} ${act.address}`),
    ['2 add yuki@home.test', '4 add ken@home.test', '5 add aki@home.test'],
  )
  assert.deepEqual(codes(report.cannot), [
    '7 bad-hash',
    '8 duplicate',
    '11 bad-line',
    '12 bad-line',
    '13 is-alias',
    '15 bad-address',
  ])
  assert.deepEqual(codes(report.needsDecision), ['6 no-password', '9 unknown-domain', '10 no-domain', '14 exists'])
  assert.deepEqual(codes(report.noticed), ['14 quota-not-understood'])
  assert.equal((await directory.users()).length, 1)
  const hashLine = report.cannot[0]
  assert.ok(hashLine)
  assert.deepEqual([hashLine.line, hashLine.address], [7, 'rin@home.test'])
  assert.match(passwdProblemText(hashLine).en, /^the stored hash is malformed.* \(not of the form \$6\$/)
  assert.match(passwdProblemText(hashLine).ja, /^パスワードのハッシュが壊れています/)
  assert.ok(!JSON.stringify(report.cannot).includes('rFxH'))
})

test('with decisions made, everything that can be is taken over, and again changes nothing more', async t => {
  const { directory, passwords } = await start(t)
  const options = { domain: 'home.test', addDomains: true, replacePasswords: true, withoutPassword: true }
  const report = await planPasswdImport(Buffer.from(sample), directory, options)
  assert.deepEqual(report.needsDecision, [])
  assert.deepEqual(report.domains, ['example.org'])
  const results = await applyPasswdImport(report, directory)
  assert.ok(results.every(result => result.refused === undefined))
  assert.equal(results.length, 7)
  const yuki = await directory.user('yuki@home.test')
  assert.deepEqual([yuki?.name, yuki?.quotaBytes, yuki?.passwordScheme], ['Yuki Sato', 2 * 1024 ** 3, 'SHA512-CRYPT'])
  assert.equal((await directory.user('aki@home.test'))?.enabled, false)
  assert.equal((await directory.user('mio@home.test'))?.passwordScheme, undefined)
  for (const [name, password] of [
    ['yuki@home.test', 'Tōkaidō 53!'],
    ['ken@home.test', 'Tōkaidō 53!'],
    ['aki@home.test', 'Tōkaidō 53!'],
    ['old@home.test', 'has one'],
    ['bare@home.test', 'without domain'],
    ['x@example.org', 'other domain'],
  ] as const) {
    const hash = (await directory.credential(name))?.hash
    assert.equal(await passwords.verify(password, hash ?? ''), true, name)
  }
  const again = await planPasswdImport(Buffer.from(sample), directory, { domain: 'home.test' })
  assert.deepEqual(again.willDo, [])
  const results2 = await applyPasswdImport(report, directory)
  assert.ok(results2.every(result => result.refused === undefined || result.refused.refused === 'exists'))
})

test('byte order mark, CRLF, foreign charsets and empty files are named', async t => {
  const { directory } = await start(t)
  const report = await planPasswdImport(
    Buffer.from(`\ufeffken@home.test:{PLAIN}x y z 1\r\nmio@home.test:{PLAIN}x\r\n`),
    directory,
  )
  assert.deepEqual(codes(report.noticed), ['1 bom', '1 crlf'])
  assert.deepEqual(
    report.willDo.map(act => [act.address, act.entry.password]),
    [
      ['ken@home.test', { kind: 'hash', hash: '{PLAIN}x y z 1' }],
      ['mio@home.test', { kind: 'hash', hash: '{PLAIN}x' }],
    ],
  )
  assert.deepEqual(codes((await planPasswdImport(Buffer.from('# nothing\n\n'), directory)).cannot), ['1 empty'])
  assert.deepEqual(codes((await planPasswdImport(new Uint8Array(0), directory)).cannot), ['1 empty'])
  assert.deepEqual(codes((await planPasswdImport(Uint8Array.of(0x82, 0xa0, 0x3a), directory)).cannot), ['1 not-utf8'])
})

test('the scheme of bare hashes is a setting, quota rules are read in every unit', () => {
  const [entry] = parsePasswdFile(Buffer.from('a@home.test:c4b19401afea1fc33959f6ba9aac8571'), 'PLAIN-MD5').entries
  assert.deepEqual(entry?.password, { kind: 'hash', hash: '{PLAIN-MD5}c4b19401afea1fc33959f6ba9aac8571' })
  for (const [rule, bytes] of [
    ['*:storage=1', 1024],
    ['*:storage=5M', 5 * 1024 ** 2],
    ['*:messages=9:storage=1T', 1024 ** 4],
    ['*:bytes=77', 77],
    ['*:storage=0', undefined],
    ['*:storage=10%', undefined],
  ] as const) {
    const [one] = parsePasswdFile(Buffer.from(`a@home.test:{PLAIN}x::::::userdb_quota_rule=${rule}`)).entries
    assert.equal(one?.quotaBytes, bytes, rule)
  }
})

test('no file breaks the reader', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constant(':'), fc.constant('\n'), fc.constant('{'))), parts => {
      const { entries } = parsePasswdFile(Buffer.from(parts.join('')))
      for (const entry of entries) assert.ok(entry.user !== '' && entry.line > 0)
    }),
  )
})
