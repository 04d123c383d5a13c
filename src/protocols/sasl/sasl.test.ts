import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { duplexPair } from 'node:stream'
import test from 'node:test'
import { connect, TLSSocket } from 'node:tls'
import fc from 'fast-check'
import { utf8 } from '#base/bytes.ts'
import type { Authenticator, AuthResult, ScramHash, ScramVerifier } from '#mail/auth.ts'
import type { AccountId } from '#mail/ids.ts'
import { scramDigests, scramKeys } from '#mail/passwords/scram-verifier.ts'
import { openLocalCa } from '#net/tls/local-ca.ts'
import { fromBase64, initialFromBase64 } from './base64.ts'
import { channelBindingOf } from './channel-binding.ts'
import type { ChannelBinding } from './channel-binding.ts'
import { chooseMechanism, loginClient, plainClient, scramClient } from './client.ts'
import type { SaslClient } from './client.ts'
import { offeredMechanisms, startSasl } from './mechanisms.ts'
import type { SaslContext, SaslStep } from './sasl.ts'
import { encodeName, parseClientFirst } from './syntax/scram.ts'

/** An authenticator for one user, whose calls are kept. The verifier is that of RFC 7677 §3 when no other is given. */
function authenticatorOf(
  name: string,
  password: string,
  salt = 'W22ZaJ0SNY7soEsUEjb6gQ==',
  hash: ScramHash = 'sha-256',
) {
  const calls: string[] = []
  const verifierSalt = Buffer.from(salt, 'base64')
  const iterations = 4096
  const keys = scramKeys(scramDigests[hash].digest, password, verifierSalt, iterations)
  const verifier: ScramVerifier = { hash, salt: verifierSalt, iterations, ...keys }
  const ok: AuthResult = {
    kind: 'ok',
    login: { account: 'a'.repeat(16) as AccountId, address: name, ended: new AbortController().signal },
  }
  const refused: AuthResult = { kind: 'refused', reason: 'wrong-password' }
  const authenticator: Authenticator = {
    password(asked, given, attempt) {
      calls.push(`${attempt.mechanism} ${asked} ${given}`)
      return Promise.resolve(asked === name && given === password ? ok : refused)
    },
    scram(asked, attempt, wanted) {
      calls.push(`${attempt.mechanism} ${asked}`)
      assert.equal(wanted, hash)
      return Promise.resolve({
        kind: 'scram',
        verifier,
        finish: proved => Promise.resolve(proved && asked === name ? ok : refused),
      })
    },
    scramReady: () => true,
  }
  return { authenticator, calls }
}

function contextOf(authenticator: Authenticator, extra: Partial<SaslContext> = {}): SaslContext {
  const attempt = { clientAddress: '192.0.2.1', protocol: 'imap', session: 's' } as const
  return { authenticator, attempt, channelBinding: undefined, ...extra }
}

const everything = ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-1-PLUS', 'SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN', 'LOGIN']

function begin(mechanism: string, initial: string | undefined, context: SaslContext): Promise<SaslStep> {
  const step = startSasl(mechanism, initial === undefined ? undefined : utf8(initial), context, everything)
  assert.ok(step, mechanism)
  return step
}

function textOf(step: SaslStep): string {
  assert.equal(step.kind, 'challenge')
  return step.kind === 'challenge' ? Buffer.from(step.data).toString() : ''
}

async function answer(step: SaslStep, response: string): Promise<SaslStep> {
  assert.equal(step.kind, 'challenge', 'the server expects no more')
  return step.kind === 'challenge' ? step.next(utf8(response)) : step
}

function outcome(step: SaslStep): string {
  return step.kind === 'done' ? step.result.kind : step.kind
}

/** Client and server to the end. */
async function converse(client: SaslClient, context: SaslContext): Promise<string> {
  let step = await (startSasl(client.mechanism, client.initial, context, everything) as Promise<SaslStep>)
  while (step.kind === 'challenge') step = await step.next(client.respond(step.data))
  if (outcome(step) === 'ok') assert.ok(client.complete)
  return outcome(step)
}

test('SCRAM-SHA-256, the exchange of RFC 7677 §3', async () => {
  const { authenticator } = authenticatorOf('user', 'pencil')
  const context = contextOf(authenticator, { nonce: () => '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0' })
  const first = await begin('SCRAM-SHA-256', 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO', context)
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
  assert.equal(textOf(first), `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`)
  const final = await answer(first, `c=biws,r=${nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`)
  assert.equal(textOf(final), 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')
  assert.equal(outcome(await answer(final, '')), 'ok')
  const client = scramClient({ name: 'user', password: 'pencil', nonce: () => 'rOprNGfwEbeRWgbNEkqO' }, false)
  assert.equal(Buffer.from(client.initial ?? []).toString(), 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO')
  assert.equal(
    Buffer.from(client.respond(utf8(textOf(first)))).toString(),
    `c=biws,r=${nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
  )
})

test('the keys of RFC 5802 §5, which is SHA-1', () => {
  const nonce = 'fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j'
  const keys = scramKeys('sha1', 'pencil', Buffer.from('QSXCR+Q6sek8bf92', 'base64'), 4096)
  const message = `n=user,r=fyko+d2lbbFgONRv9qkxdawL,r=${nonce},s=QSXCR+Q6sek8bf92,i=4096,c=biws,r=${nonce}`
  const hmac = (key: Uint8Array) => createHmac('sha1', key).update(message).digest()
  const proof = hmac(keys.storedKey).map((octet, at) => octet ^ (keys.clientKey[at] ?? 0))
  assert.equal(Buffer.from(proof).toString('base64'), 'v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=')
  assert.equal(hmac(keys.serverKey).toString('base64'), 'rmF9pqV8S7suAoZWja4dJRkFsKQ=')
})

test('SCRAM-SHA-1, the exchange of RFC 5802 §5', async () => {
  const { authenticator, calls } = authenticatorOf('user', 'pencil', 'QSXCR+Q6sek8bf92', 'sha-1')
  const context = contextOf(authenticator, { nonce: () => '3rfcNHYJY1ZVvWVs7j' })
  const first = await begin('SCRAM-SHA-1', 'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL', context)
  const nonce = 'fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j'
  assert.equal(textOf(first), `r=${nonce},s=QSXCR+Q6sek8bf92,i=4096`)
  const final = await answer(first, `c=biws,r=${nonce},p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=`)
  assert.equal(textOf(final), 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=')
  assert.equal(outcome(await answer(final, '')), 'ok')
  assert.deepEqual(calls, ['SCRAM-SHA-1 user'])
  const wrong = await begin('SCRAM-SHA-1', 'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL', context)
  // a proof of SHA-256's length, and one of a wrong password
  const long = Buffer.alloc(32).toString('base64')
  assert.equal(outcome(await answer(wrong, `c=biws,r=${nonce},p=${long}`)), 'refused')
  const again = await begin('SCRAM-SHA-1', 'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL', context)
  assert.equal(outcome(await answer(again, `c=biws,r=${nonce},p=v0X8v3Bz2T0CJGbJQyF0X+HI4Tw=`)), 'refused')
})

test('SCRAM-SHA-1-PLUS binds like its sister', async () => {
  const { authenticator } = authenticatorOf('yuki', 'fifty-three stations', undefined, 'sha-1')
  const [mine, other] = [{ 'tls-exporter': utf8('mine') }, { 'tls-exporter': utf8('other') }]
  const context = contextOf(authenticator, { channelBinding: mine })
  const options = { name: 'yuki', password: 'fifty-three stations' }
  const bound = scramClient({ ...options, channelBinding: mine }, true, 'sha-1')
  assert.equal(bound.mechanism, 'SCRAM-SHA-1-PLUS')
  assert.equal(await converse(bound, context), 'ok')
  assert.equal(await converse(scramClient({ ...options, channelBinding: other }, true, 'sha-1'), context), 'refused')
  // somebody took -PLUS out of the list
  assert.equal(outcome(await begin('SCRAM-SHA-1', 'y,,n=yuki,r=x', context)), 'refused')
})

test('PLAIN, with the examples of RFC 4616 §4', async () => {
  const { authenticator, calls } = authenticatorOf('tim', 'tanstaaftanstaaf')
  const context = contextOf(authenticator)
  assert.equal(outcome(await begin('PLAIN', '\0tim\0tanstaaftanstaaf', context)), 'ok')
  assert.equal(outcome(await begin('plain', 'tim\0tim\0tanstaaftanstaaf', context)), 'ok')
  const asked = await begin('PLAIN', undefined, context)
  assert.equal(textOf(asked), '')
  assert.equal(outcome(await answer(asked, '\0tim\0wrong')), 'refused')
  const before = calls.length
  // an authorization identity that is another is refused before any password is looked at
  assert.equal(outcome(await begin('PLAIN', 'Ursel\0tim\0tanstaaftanstaaf', context)), 'refused')
  for (const bad of ['', 'tim', '\0tim', '\0\0x', '\0tim\0', '\0tim\0x\0y', 'tim tanstaaftanstaaf'])
    assert.equal(outcome(await begin('PLAIN', bad, context)), 'bad', JSON.stringify(bad))
  const broken = startSasl('PLAIN', Uint8Array.of(0, 0xff, 0, 0x61), context, everything)
  assert.equal(outcome(await (broken as Promise<SaslStep>)), 'bad')
  const long = startSasl('PLAIN', new Uint8Array(10_000).fill(0x61), context, everything)
  assert.equal(outcome(await (long as Promise<SaslStep>)), 'bad')
  assert.equal(calls.length, before)
})

test('LOGIN asks for name and password', async () => {
  const { authenticator } = authenticatorOf('tim', 'tanstaaftanstaaf')
  const context = contextOf(authenticator)
  const name = await begin('LOGIN', undefined, context)
  assert.equal(textOf(name), 'Username:')
  const password = await answer(name, 'tim')
  assert.equal(textOf(password), 'Password:')
  assert.equal(outcome(await answer(password, 'tanstaaftanstaaf')), 'ok')
  assert.equal(outcome(await answer(await begin('LOGIN', 'tim', context), 'x')), 'refused')
  assert.equal(outcome(await answer(await begin('LOGIN', '', context), '')), 'bad')
})

test('SCRAM refuses what is not from who knows the password', async () => {
  const { authenticator } = authenticatorOf('yuki', 'fifty-three stations')
  const context = contextOf(authenticator)
  const client = (name: string, password: string) => scramClient({ name, password }, false)
  assert.equal(await converse(client('yuki', 'fifty-three stations'), context), 'ok')
  assert.equal(await converse(client('yuki', 'fifty-two stations'), context), 'refused')
  assert.equal(await converse(client('ken', 'fifty-three stations'), context), 'refused')
  const first = await begin('SCRAM-SHA-256', 'n,,n=yuki,r=abc', context)
  const [, nonce] = /^r=([^,]+)/.exec(textOf(first)) ?? []
  const proof = Buffer.alloc(32).toString('base64')
  for (const [final, expected] of [
    [`c=biws,r=${nonce},p=${proof}`, 'refused'],
    [`c=biws,r=${nonce},p=AAAA`, 'refused'],
    [`c=biws,r=abc,p=${proof}`, 'refused'],
    [`c=eSws,r=${nonce},p=${proof}`, 'refused'],
    ['', 'bad'],
    [`c=biws,r=${nonce}`, 'bad'],
    [`r=${nonce},c=biws,p=${proof}`, 'bad'],
  ] as const)
    assert.equal(outcome(await answer(first, final)), expected, final)
  for (const bad of [
    'n',
    'n,,',
    'n,,n=,r=x',
    'n,,n=yuki',
    'n,,m=x,n=yuki,r=x',
    'x,,n=yuki,r=x',
    'n,,n=a=2Db,r=x',
    'n,,n=yuki,r=a b',
  ])
    assert.equal(outcome(await begin('SCRAM-SHA-256', bad, context)), 'bad', bad)
  assert.equal(outcome(await begin('SCRAM-SHA-256', 'n,a=ken,n=yuki,r=x', context)), 'refused')
})

test('SCRAM tells apart whoever cannot be asked', async () => {
  const { authenticator } = authenticatorOf('yuki', 'x')
  const down = { ...authenticator, scram: () => Promise.resolve({ kind: 'unavailable', reason: 'gone' } as const) }
  assert.equal(outcome(await begin('SCRAM-SHA-256', 'n,,n=yuki,r=x', contextOf(down))), 'unavailable')
})

test('a taken-away -PLUS is noticed, and bindings must be those of this connection', async () => {
  const { authenticator } = authenticatorOf('yuki', 'fifty-three stations')
  const mine: ChannelBinding = { 'tls-exporter': utf8('mine'), 'tls-server-end-point': utf8('certificate') }
  const other: ChannelBinding = { 'tls-exporter': utf8('other') }
  const context = contextOf(authenticator, { channelBinding: mine })
  const options = { name: 'yuki', password: 'fifty-three stations' }
  assert.equal(await converse(scramClient({ ...options, channelBinding: mine }, true), context), 'ok')
  const byCertificate = { 'tls-server-end-point': utf8('certificate') }
  assert.equal(await converse(scramClient({ ...options, channelBinding: byCertificate }, true), context), 'ok')
  assert.equal(await converse(scramClient({ ...options, channelBinding: other }, true), context), 'refused')
  // the client could bind, somebody removed -PLUS from what it saw
  const stripped = chooseMechanism(['SCRAM-SHA-256', 'PLAIN'], { ...options, channelBinding: mine })
  assert.equal(stripped?.mechanism, 'SCRAM-SHA-256')
  assert.equal(await converse(stripped ?? plainClient(options), context), 'refused')
  // where the server truly cannot, the same message is right
  const honest = chooseMechanism(['SCRAM-SHA-256'], { ...options, channelBinding: mine })
  assert.equal(await converse(honest ?? plainClient(options), contextOf(authenticator)), 'ok')
  assert.equal(outcome(await begin('SCRAM-SHA-256', 'p=tls-exporter,,n=yuki,r=x', context)), 'refused')
  assert.equal(outcome(await begin('SCRAM-SHA-256-PLUS', 'n,,n=yuki,r=x', context)), 'refused')
  assert.equal(outcome(await begin('SCRAM-SHA-256-PLUS', 'p=tls-unique,,n=yuki,r=x', context)), 'refused')
  assert.equal(outcome(await begin('SCRAM-SHA-256-PLUS', 'p=constructor,,n=yuki,r=x', context)), 'refused')
})

test('both ends of a TLS connection see the same bindings', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'sasl-'))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  const ca = await openLocalCa(folder)
  for (const options of [{ rsa: true }, { rsa: false }])
    for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
      const pair = await ca.issueServer(['home.test'], options)
      const [near, far] = duplexPair()
      const server = new TLSSocket(far as ConstructorParameters<typeof TLSSocket>[0], { isServer: true, ...pair })
      const client = connect({ socket: near, servername: 'home.test', ca: ca.certificatePem, maxVersion: version })
      await Promise.all([once(client, 'secureConnect'), once(server, 'secure')])
      const [a, b] = [channelBindingOf(server, 'server'), channelBindingOf(client, 'client')]
      assert.deepEqual(a, b)
      assert.equal(a?.['tls-exporter']?.length, version === 'TLSv1.3' ? 32 : undefined)
      assert.ok(a?.['tls-server-end-point'])
      const { authenticator } = authenticatorOf('yuki', 'fifty-three stations')
      const sasl = chooseMechanism(everything, { name: 'yuki', password: 'fifty-three stations', channelBinding: b })
      assert.equal(sasl?.mechanism, 'SCRAM-SHA-256-PLUS')
      assert.equal(await converse(sasl ?? assert.fail(), contextOf(authenticator, { channelBinding: a })), 'ok')
      client.destroy()
      server.destroy()
    }
})

test('what is offered when', () => {
  const binding = { 'tls-exporter': utf8('x') }
  const [all, none] = [() => true, () => false]
  const sha256 = (hash: ScramHash) => hash === 'sha-256'
  assert.deepEqual(offeredMechanisms({ tls: true, scramReady: all, channelBinding: binding }), everything)
  assert.deepEqual(
    offeredMechanisms({ tls: true, scramReady: sha256, channelBinding: binding }),
    everything.filter(name => !name.includes('SHA-1')),
  )
  assert.deepEqual(offeredMechanisms({ tls: true, scramReady: none, channelBinding: binding }), ['PLAIN', 'LOGIN'])
  assert.deepEqual(offeredMechanisms({ tls: false, scramReady: all, channelBinding: undefined }), [])
  assert.deepEqual(
    offeredMechanisms({ tls: false, scramReady: sha256, channelBinding: undefined, plaintextAllowed: true }),
    ['SCRAM-SHA-256', 'PLAIN', 'LOGIN'],
  )
  const { authenticator } = authenticatorOf('tim', 'x')
  assert.equal(startSasl('PLAIN', undefined, contextOf(authenticator), []), undefined)
  assert.equal(startSasl('CRAM-MD5', undefined, contextOf(authenticator), ['CRAM-MD5']), undefined)
})

test('a client believes no server that proves nothing', () => {
  const client = () => scramClient({ name: 'user', password: 'pencil', nonce: () => 'abc' }, false)
  const first = 'r=abcdef,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096'
  for (const bad of ['', 'v=AAAA', 'e=invalid-proof', 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=']) {
    const one = client()
    one.respond(utf8(first))
    assert.throws(() => one.respond(utf8(bad)), { name: 'SaslFailure' }, bad)
    assert.equal(one.complete, false)
  }
  for (const bad of [
    'x',
    'r=abc,s=AAAA,i=4096',
    'r=xyzdef,s=AAAA,i=4096',
    'r=abcdef,s=AAAA,i=1',
    'r=abcdef,s=AAAA,i=9999999999',
  ])
    assert.throws(() => client().respond(utf8(bad)), { name: 'SaslFailure' }, bad)
  const login = loginClient({ name: 'a', password: 'b' })
  login.respond(utf8('?'))
  login.respond(utf8('?'))
  assert.throws(() => login.respond(utf8('?')), { name: 'SaslFailure' })
})

test('names are read back as written, and nothing breaks the reader', () => {
  const name = fc.string({ minLength: 1, unit: 'grapheme' }).filter(text => !text.includes('\0') && text.isWellFormed())
  fc.assert(
    fc.property(name, text => {
      assert.equal(parseClientFirst(`n,,n=${encodeName(text)},r=abc`)?.name, text)
    }),
  )
  fc.assert(fc.property(fc.string(), text => void parseClientFirst(text)))
})

test('base64 is strict', () => {
  assert.deepEqual(fromBase64('AGE='), Uint8Array.of(0, 97))
  assert.deepEqual(initialFromBase64('='), new Uint8Array(0))
  for (const bad of ['=', 'A', 'AG', 'AGE', 'AGE=\r', 'A GE', 'AGE==', '=AGE', 'A-_E'])
    assert.equal(fromBase64(bad), undefined, bad)
})
