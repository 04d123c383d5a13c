import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import test from 'node:test'
import fc from 'fast-check'
import { boundedWork } from './bounded-work.ts'
import { openPasswords, wantsUpgrade } from './passwords.ts'
import { saslPrep } from './saslprep.ts'
import { parseArgon2, printArgon2 } from './stored-crypt.ts'
import { isHashProblem, parseStoredHash, schemeName } from './stored-hash.ts'
import { weaknessOf } from './weak-password.ts'

const password = 'Tōkaidō 53!'

/** Made by Dovecot 2.3.19: `doveadm pw -s SCHEME -p 'Tōkaidō 53!'` */
const fromDovecot = `
{SHA512-CRYPT}$6$rFxHxewjatl/fZ28$cbyqmUKV0Hu8IqOPW0kGbGIqWMPlv08dwha1SDR08hRK6R0fI1Phsm0t18ghsD5fI05Q65p0Z8N9NPWkXJlLY1
{SHA256-CRYPT}$5$KE5VY.DCCivkd8/M$jr5g6U2EDW5tDZ1.TQhpwbxEZjIYqGkHFWEeczkd8nA
{BLF-CRYPT}$2y$05$IJkvoM3sLXblxjoGNL16leRFQpAgJSKSKUnLBbn38ZdnSqVPZh2M.
{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$zRiwi4i0QK5vh1P8jdE1ag$ZRyj8Na1UPn57DGO0wGefvVQXIIsMgCOjb35uVW0XSE
{ARGON2I}$argon2i$v=19$m=32768,t=4,p=1$qeVu7xUsMTFwsDM4Vo95Xg$cmxyMFD7j+BZ9dvh6HWgZt8oAE+sz/L2jPZjlxFhYKE
{PBKDF2}$1$o8PZ92E9phrlKItl$5000$e924406fe909852e6c292ff1a6d830058051ef84
{SSHA}HmY9PXX79kWWbICy2XepjabwnuozHRka
{SSHA256}grGFr2GfZaQXQvsuzZTet2pjT8EvqkN1+lv0+gKq7z5quHN5
{SSHA512}4wqWTHL9tZtKP63rj2g2O1ER09UPRfREnDxEs6kTou1sIVek2xEw63sW/M3YaQKVqj+T70B3tfMLsVVAXXvjhTisvbo=
{SHA}dyyIlsyYA73PF7RCt93isXDdfhY=
{SHA1}dyyIlsyYA73PF7RCt93isXDdfhY=
{SHA256}Vdpb0gHj1sjDOSu2J8fb2Az1QzJrN5sVLYNvUl2Roz0=
{SHA512}1g1+2IPobJYzwDxXfdGvZp5x2HaeobHH7S744ApnpxNGlmkYMnGcdqq+yFUWuHuGq7Rmlea79gz5wBfztmeAxA==
{MD5-CRYPT}$1$BTkg7hnT$Wwn39NpyejyC8DEFv8KCf.
{SMD5}mZDZpmUUmOf1DW9ZawfMBvKIN34=
{PLAIN-MD5}c4b19401afea1fc33959f6ba9aac8571
{LDAP-MD5}xLGUAa/qH8M5Wfa6mqyFcQ==
{CRYPT}$2y$05$fWM5naailUFPLxMU5ybiju3cI8CXbT9W/VsyZ2YcOOT7kRvl1p.km
{DES-CRYPT}bXPzn2gY1vhgw
{CRAM-MD5}7126d3f1cdd4363e349ae6344dbfdf8c9159a434956ee57a0a4b4df6d0214303
{PLAIN}Tōkaidō 53!
{CLEARTEXT}Tōkaidō 53!
{SCRAM-SHA-1}4096,oAtrRyGGOCLcNOK8JGdg2Q==,DbaZ72ZvvZqMcE0IzYPCqLG/WZ0=,XR6MbPv92N+kyZJ6nh+gMeWBeEQ=
{SCRAM-SHA-256}4096,YsMSYiRG168ST/LgP9BIIA==,CbWpv+m8xYmo4h2mXpN5S2vMt81w6ahxP55/qLnzq6Y=,UnDFWdx7rkYlgpM3GR5uEv2F/rTI3m8If1TVFcO1D4s=
{SHA256.HEX}55da5bd201e3d6c8c3392bb627c7dbd80cf543326b379b152d836f525d91a33d
{SSHA.HEX}58abc9c0ada8219631525f2537cfd61cf9a5dec0e782c902
{SHA512.B64}1g1+2IPobJYzwDxXfdGvZp5x2HaeobHH7S744ApnpxNGlmkYMnGcdqq+yFUWuHuGq7Rmlea79gz5wBfztmeAxA==
{PLAIN-MD5.B64}xLGUAa/qH8M5Wfa6mqyFcQ==`

/** `openssl passwd -6|-5|-1 -salt abcdefgh 'Tōkaidō 53!'`, and crypt(3) of glibc 2.36 with the salts that are to be seen */
const fromOthers = `
$6$abcdefgh$KSau0PmzasEosgY2bCv42IWdPCrvzb9UeRwBA0DqW7ttav7DwYw7mWkq2RLozY4TsuGxT5i2DkhBMMAa72plf/
{CRYPT}$5$abcdefgh$NuLoBkVNWfWKODUyxLhhFhjtLbJZDt7QFdhR46tJDw5
{MD5}$1$abcdefgh$IjlVJYNpSQoNBdlHuhqih/
abXxRozTuphNc
{crypt}$2y$05$abcdefghijklmnopqrstuu3MIzRQzHN/t3WgjyTPQVzAAz0YbzZ8W`

test('hashes made by Dovecot, OpenSSL and the C library', async () => {
  await using passwords = openPasswords()
  for (const stored of `${fromDovecot}${fromOthers}`.trim().split('\n')) {
    assert.equal(await passwords.verify(password, stored), true, stored)
    assert.equal(
      await passwords.verify(`${password} `, stored),
      stored.includes('DES') || stored.startsWith('abX'),
      stored,
    )
    assert.equal(await passwords.verify('', stored), false, stored)
  }
})

const hasDoveadm = spawnSync('doveadm', ['pw', '-l']).status === 0

test('whatever doveadm makes now', { skip: hasDoveadm ? false : 'doveadm is not installed' }, async () => {
  await using passwords = openPasswords()
  const schemes =
    'SHA512-CRYPT SHA256-CRYPT BLF-CRYPT ARGON2ID PBKDF2 SSHA SSHA256 SSHA512 MD5-CRYPT SMD5 CRAM-MD5 DES-CRYPT'
  const secrets = ['ascii only', '飛脚は走る', 'ą'.repeat(40), 'x']
  for (const scheme of schemes.split(' '))
    for (const secret of secrets) {
      const stored = execFileSync('doveadm', ['pw', '-s', scheme, '-p', secret], { encoding: 'utf8' }).trim()
      assert.equal(await passwords.verify(secret, stored), true, `${stored} of ${secret}`)
      assert.equal(await passwords.verify(`~${secret}`, stored), false, stored)
    }
})

test('and doveadm accepts ours', { skip: hasDoveadm ? false : 'doveadm is not installed' }, async () => {
  await using passwords = openPasswords()
  const stored = await passwords.hash('plain ascii')
  const result = spawnSync('doveadm', ['pw', '-t', `{ARGON2ID}${stored}`, '-p', 'plain ascii'], { encoding: 'utf8' })
  assert.match(result.stdout, /\(verified\)/)
})

test('our own hash: argon2id, and the same for either form of a letter', async () => {
  await using passwords = openPasswords()
  const stored = await passwords.hash('caf\u00e9 au lait')
  assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  assert.notEqual(await passwords.hash('caf\u00e9 au lait'), stored)
  assert.equal(await passwords.verify('cafe\u0301 au lait', stored), true)
  assert.equal(await passwords.verify('cafe au lait', stored), false)
  assert.equal(await passwords.verifyNothing('anything'), false)
  assert.equal(schemeName(stored), 'argon2id')
  assert.equal(wantsUpgrade(stored), false)
  assert.equal(wantsUpgrade(`{ARGON2ID}${stored}`), true)
  assert.equal(wantsUpgrade('{PLAIN}x'), true)
})

test('a hash that can never match is refused, and the reason does not show it', () => {
  const cases = [
    // AUTH-HASH: the dollar signs of {SHA512-CRYPT}$6$rFxHxewjatl/fZ28$… taken for variables
    ['{SHA512-CRYPT}/fZ28/v0Hu8IqOPW0kGbGIqWMPlv08', /86 characters; it has 30 characters and 0 of the \$ signs/],
    ['{SHA512-CRYPT}', /nothing behind/],
    ['{SHA512-CRYPT}$6$rFxHxewjatl/fZ28$cbyqmUKV0Hu8IqOPW0k', /perhaps cut off/],
    ['{SHA512-CRYPT}$5$KE5VY.DCCivkd8/M$jr5g6U2EDW5tDZ1.TQhpwbxEZjIYqGkHFWEeczkd8nA', /not of the form \$6\$/],
    ['{SHA512-CRYPT}$6$rounds=999999999$a$b', /./],
    ['{CRYPT}!', /locked entry/],
    ['{CRYPT}*LK*', /locked entry/],
    ['{CRYPT}$y$j9T$salt$hash', /yescrypt/],
    ['{BLF-CRYPT}$2y$31$IJkvoM3sLXblxjoGNL16leRFQpAgJSKSKUnLBbn38ZdnSqVPZh2M.', /cost 31/],
    ['{ARGON2ID}$argon2id$v=19$m=4194304,t=3,p=1$zRiwi4i0QK5vh1P8jdE1ag$ZRyj8Na1UPn57DGO0wGefvVQXIIs', /too much/],
    ['{ARGON2ID}$argon2i$v=19$m=32768,t=4,p=1$qeVu7xUsMTFwsDM4Vo95Xg$cmxyMFD7j+BZ9dvh6HWg', /not of the form/],
    ['{ARGON2ID}$argon2id$m=32768,t=4,p=1$qeVu7xUsMTFwsDM4Vo95Xg$cmxyMFD7j+BZ9dvh6HWg', /before version 1.3/],
    ['{PBKDF2}$1$salt$999999999$e924406fe909852e6c292ff1a6d830058051ef84', /rounds/],
    ['{SSHA}dyyIlsyYA73PF7RCt93isXDdfhY=', /20 octets, expected 20 and a salt/],
    ['{SHA256}c4b19401', /octets, expected 32/],
    ['{PLAIN-MD5}c4b19401afea1fc33959f6ba9aac85zz', /hexadecimal/],
    ['{CRAM-MD5.HEX}7126', /expected 32/],
    ['{SCRAM-SHA-256}4096,YsMS', /iterations,salt/],
    ['{DIGEST-MD5}a2aec56f92eb5ac39180df54ec8250c2', /\{DIGEST-MD5\} is not supported/],
    ['{__proto__}x', /not supported/],
    ['{SHA512-CRYPT', /without its/],
    ['', /./],
    ['x'.repeat(2000), /longer than/],
  ] as const
  for (const [stored, reason] of cases) {
    const parsed = parseStoredHash(stored)
    assert.ok(isHashProblem(parsed), stored)
    assert.match(parsed.problem, reason, stored)
    assert.ok(!/fZ28|rFxH|zRiwi4|c4b19401/.test(parsed.problem), parsed.problem)
  }
})

test('argon2 text is read back as printed', () => {
  const bytes = (from: number, to: number) => fc.uint8Array({ minLength: from, maxLength: to })
  fc.assert(
    fc.property(
      bytes(8, 64),
      bytes(4, 64),
      fc.integer({ min: 8, max: 65536 }),
      fc.integer({ min: 1, max: 20 }),
      (salt, hash, memoryKiB, passes) => {
        const stored = { kind: 'argon2', type: 'argon2id', memoryKiB, passes, parallelism: 1, salt, hash } as const
        const read = parseArgon2(printArgon2(stored))
        assert.ok(read && 'kind' in read && read.kind === 'argon2')
        assert.deepEqual(
          { ...read, salt: [...read.salt], hash: [...read.hash] },
          { ...stored, salt: [...salt], hash: [...hash] },
        )
      },
    ),
  )
})

test('no text breaks the reading of hashes', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('', '{CRYPT}', '{SSHA}', '{SHA256.HEX}', '{ARGON2ID}', '{SCRAM-SHA-1}', '{PBKDF2}'),
      fc.string(),
      (scheme, text) => {
        const parsed = parseStoredHash(scheme + text)
        assert.ok('kind' in parsed || parsed.problem.length > 0)
      },
    ),
  )
})

test('SASLprep, the examples of RFC 4013 §3', () => {
  assert.equal(saslPrep('I\u00adX'), 'IX')
  assert.equal(saslPrep('user'), 'user')
  assert.equal(saslPrep('USER'), 'USER')
  assert.equal(saslPrep('\u00aa'), 'a')
  assert.equal(saslPrep('\u2168'), 'IX')
  assert.equal(saslPrep('\u0007'), undefined)
  assert.equal(saslPrep('\u0627\u0031'), undefined)
  assert.equal(saslPrep('\u0627\u0031\u0628'), '\u0627\u0031\u0628')
  assert.equal(saslPrep('\u0627a\u0628'), undefined)
  assert.equal(saslPrep('全角\u3000空白'), '全角 空白')
  assert.equal(saslPrep('ｐａｓｓ'), 'pass')
  assert.equal(saslPrep('\ud800'), undefined)
  assert.equal(saslPrep('\ufffe'), undefined)
  assert.equal(saslPrep('飛脚🏃'), '飛脚🏃')
})

test('guessable passwords', () => {
  const weak = [
    'short',
    'testtest',
    'Password123',
    'yukiyuki',
    'yuki2024',
    'yuki@home.test',
    'aaaabbbb',
    'x'.repeat(2000),
    'nul\0inside',
  ]
  for (const one of weak) assert.ok(weaknessOf(one, 'yuki@home.test'), one)
  for (const one of ['correct horse', 'とうかいどう五十三次', 'yuki likes tea'])
    assert.equal(weaknessOf(one, 'yuki@home.test'), undefined, one)
})

test('a flood waits in a bounded line and is turned away beyond it', async () => {
  const work = boundedWork({ atOnce: 2, maxWaiting: 3 })
  const gates: (() => void)[] = []
  let most = 0
  let now = 0
  const job = async () => {
    most = Math.max(most, ++now)
    await new Promise<void>(resolve => gates.push(resolve))
    now--
    return 'done'
  }
  const five = [1, 2, 3, 4, 5].map(() => work.run(job, 5_000))
  await assert.rejects(work.run(job, 5_000), { name: 'WorkRefused' })
  assert.equal(work.waiting, 3)
  while (gates.length > 0 || work.waiting > 0) {
    gates.shift()?.()
    await new Promise(resolve => setImmediate(resolve))
  }
  assert.deepEqual(await Promise.all(five), ['done', 'done', 'done', 'done', 'done'])
  assert.equal(most, 2)
  // one that is late is given up by who asked, and its place is freed when it ends
  const late = work.run(job, 10)
  await assert.rejects(late, { name: 'WorkRefused' })
  gates.shift()?.()
})
