import assert from 'node:assert/strict'
import { once } from 'node:events'
import test from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { Connection } from '#net/connection.ts'
import { ImapClient } from './client/client.ts'
import { CommandRefused } from './client/failure.ts'
import type { UntaggedResponse } from './client/response.ts'
import { testAddress, testPassword, withImap, type Testbed } from './imap.testbed.ts'
import { star } from './syntax/sequence-set.ts'
import { LineClient } from './line-client.testbed.ts'

async function loggedIn(bed: Testbed): Promise<ImapClient> {
  const client = await ImapClient.open(new Connection(bed.connect()))
  await client.login(testAddress, testPassword)
  return client
}

const everything = [{ first: 1, last: star }]

test('what is appended is fetched byte for byte, small and large', async () => {
  await withImap(async bed => {
    const client = await loggedIn(bed)
    const large = new Uint8Array(3 * 1024 * 1024).fill(120)
    large.set(utf8('Subject: large\r\n\r\n'))
    const small = utf8('Subject: small\r\n\r\n\u4f1a\u8b70\r\n')
    for (const bytes of [small, large]) await client.append('INBOX', memorySource(bytes), { flags: ['\\Seen'] })
    await client.select('INBOX')
    const section = { part: [], text: { kind: 'ALL' } } as const
    const items = [{ item: 'BODY[]', section, peek: true, partial: undefined }] as const
    const fetched = await client.fetch(everything, items)
    for (const [index, bytes] of [small, large].entries()) {
      const place = fetched[index]?.values.bodies[0]?.source?.place
      assert.ok(place?.kind === 'memory' && Buffer.compare(place.bytes, bytes) === 0)
    }
    await client.logout()
  })
})

test('STORE through the client, and a refusal as an error', async () => {
  await withImap(async bed => {
    const client = await loggedIn(bed)
    await client.append('INBOX', memorySource(utf8('Subject: x\r\n\r\n')))
    await client.select('INBOX')
    const answer = await client.store([{ first: 1, last: 1 }], 'add', ['\\Flagged', 'Work'])
    const told = answer.responses.at(-1)
    assert.ok(told?.kind === 'fetch' && told.message === 1 && told.values.uid === 1)
    assert.deepEqual(told.values.flags, ['\\Flagged', 'Work'])
    await assert.rejects(client.select('Nowhere'), CommandRefused)
    await client.logout()
  })
})

test('IDLE tells at once what another connection does', async () => {
  await withImap(async bed => {
    const watcher = await loggedIn(bed)
    await watcher.select('INBOX')
    const told: UntaggedResponse[] = []
    const stop = new AbortController()
    const onResponse = (response: UntaggedResponse) => {
      told.push(response)
      stop.abort()
    }
    const idling = watcher.idle({ onResponse, stop: stop.signal })
    const writer = await loggedIn(bed)
    await writer.append('INBOX', memorySource(utf8('Subject: x\r\n\r\n')))
    await idling
    assert.deepEqual(told, [{ kind: 'exists', number: 1 }])
  })
})

test('a server that stops says BYE, to who waits and to who idles', async () => {
  await withImap(async bed => {
    const waiting = new LineClient(bed.connect())
    const idle = new LineClient(bed.connect())
    await waiting.line()
    await idle.line()
    await idle.command('a', `LOGIN ${testAddress} ${testPassword}`)
    idle.send('b IDLE')
    assert.equal(await idle.line(), '+ idling')
    bed.stop.abort()
    for (const client of [waiting, idle]) assert.equal(await client.line(), '* BYE The server is shutting down')
  })
})

test('a disabled user or a new password ends the session', async () => {
  await withImap(async bed => {
    const client = new LineClient(bed.connect())
    await client.line()
    await client.command('a', `LOGIN ${testAddress} ${testPassword}`)
    bed.endLogins.abort()
    assert.equal(await client.line(), '* BYE This login has been ended')
  })
})

test('who does not log in is sent away, and so is who falls silent', async () => {
  await withImap(
    async bed => {
      const silent = new LineClient(bed.connect())
      await silent.line()
      assert.equal(await silent.line(), '* BYE Autologout; idle for too long')
      // talk without a login does not lengthen the time
      const talker = new LineClient(bed.connect())
      await talker.line()
      const started = performance.now()
      while (performance.now() - started < 140) {
        talker.send('a NOOP')
        await delay(20)
      }
      assert.ok(talker.waiting.includes('* BYE Autologout; idle for too long'))
      const known = new LineClient(bed.connect({ timeouts: { idleMs: 50 } }))
      await known.line()
      await known.command('a', `LOGIN ${testAddress} ${testPassword}`)
      assert.equal(await known.line(), '* BYE Autologout; idle for too long')
    },
    { timeouts: { loginMs: 100 } },
  )
})

test('without TLS no password is taken, and none is asked for', async () => {
  await withImap(
    async bed => {
      const client = new LineClient(bed.connect())
      assert.match(await client.line(), /CAPABILITY IMAP4rev1 IMAP4rev2 SASL-IR ID ENABLE LITERAL- LOGINDISABLED\]/)
      assert.deepEqual(await client.command('a', `LOGIN ${testAddress} ${testPassword}`), [
        'a NO [PRIVACYREQUIRED] Use TLS first',
      ])
      assert.deepEqual(await client.command('b', 'AUTHENTICATE PLAIN'), ['b NO [PRIVACYREQUIRED] Use TLS first'])
      assert.deepEqual(await client.command('c', 'STARTTLS'), ['c BAD [CLIENTBUG] TLS is not available'])
    },
    { allowPlaintextLogin: false },
  )
})

test('a line that never ends is not kept', async () => {
  await withImap(async bed => {
    const stream = bed.connect()
    const client = new LineClient(stream)
    await client.line()
    for (let sent = 0; sent < 40; sent += 1) if (!stream.write('x'.repeat(16 * 1024))) await once(stream, 'drain')
    stream.write('\r\n')
    assert.equal(await client.line(), '* BYE [TOOBIG] The line is too long')
  })
})

test('commands sent ahead are answered in their order', async () => {
  await withImap(async bed => {
    const client = new LineClient(bed.connect())
    await client.line()
    const lines = [
      `a1 LOGIN ${testAddress} ${testPassword}`,
      'a2 SELECT INBOX',
      'a3 NOOP',
      'a4 UID FETCH 1:* FLAGS',
      'a5 LOGOUT',
    ]
    client.stream.write(lines.map(line => `${line}\r\n`).join(''))
    const tags: string[] = []
    for (let line = await client.line(); line !== '<end>'; line = await client.line())
      if (!line.startsWith('*')) tags.push(line.slice(0, 5))
    assert.deepEqual(tags, ['a1 OK', 'a2 OK', 'a3 OK', 'a4 OK', 'a5 OK'])
  })
})

test('who sends an octet now and then without logging in is let go in time; who logs in may take longer', async () => {
  await withImap(
    async bed => {
      const known = new LineClient(bed.connect())
      await known.line()
      await known.command('a', `LOGIN ${testAddress} ${testPassword}`)
      const client = new LineClient(bed.connect())
      await client.line()
      const dribble = setInterval(() => client.stream.write('x'), 20)
      assert.equal(await client.line(), '* BYE Autologout; idle for too long')
      clearInterval(dribble)
      assert.deepEqual(await known.command('b', 'NOOP'), ['b OK NOOP completed'])
    },
    { timeouts: { loginMs: 400 } },
  )
})
