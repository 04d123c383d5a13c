// From the connection to the greeting, and what the session tells its visit afterwards.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { SessionFacts } from '#mail/receiving.ts'
import type { Visit, Visitors } from '#mail/visitors.ts'
import { smtpBench } from './smtp.testbed.ts'

type Guests = Visitors & { readonly arrived: SessionFacts[]; readonly said: string[]; due: Promise<void> }

/** Waits as long as `due`; `refuse` and `early` are what it says. */
function guests(options: { refuse?: SmtpReply; early?: SmtpReply } = {}): Guests {
  const said: string[] = []
  const all: Guests = {
    arrived: [],
    said,
    due: Promise.resolve(),
    arrive(session) {
      all.arrived.push(session)
      if (options.refuse) return { kind: 'refused', reply: options.refuse }
      const visit: Visit = {
        greetingDue: () => all.due,
        spokeEarly() {
          said.push('early')
          return options.early
        },
        recipientUnknown() {
          said.push('unknown')
          return { pauseMs: 30, isEnough: said.filter(word => word === 'unknown').length > 2 }
        },
        recipient: async () => undefined,
        findings: async () => ({ reverse: { result: 'none' }, lists: [], remarks: [] }),
        delivered: () => void said.push('delivered'),
        leave: () => void said.push('left'),
      }
      return { kind: 'open', visit }
    },
    visit: () => undefined,
  }
  return all
}

async function heard(client: Duplex, pattern: RegExp): Promise<string> {
  let text = ''
  while (!pattern.test(text)) text += String((await once(client, 'data', { signal: AbortSignal.timeout(5_000) }))[0])
  return text
}

test('who may not come in hears why instead of the greeting, and nothing it says is read', async () => {
  await using bench = await smtpBench('mx')
  const visitors = guests({ refuse: smtpReply(421, '4.7.0', 'Too many connections') })
  const { client, ended } = bench.session({ visitors })
  client.write('EHLO x\r\n')
  assert.equal(await heard(client, /\n/), '421 4.7.0 Too many connections\r\n')
  client.end()
  await ended
  assert.deepEqual(visitors.said, [])
})

test('a patient peer is greeted when its time has come, and not before', async () => {
  await using bench = await smtpBench('mx')
  const visitors = guests()
  visitors.due = sleep(60)
  const since = performance.now()
  const { client, ended } = bench.session({ visitors })
  assert.match(await heard(client, /\n/), /^220 mx\.home\.test ESMTP/)
  assert.ok(performance.now() - since >= 55)
  client.end('QUIT\r\n')
  await ended
  assert.deepEqual(visitors.said, ['left'])
})

test('a hasty peer is remarked and served; what it said early is not lost', async () => {
  await using bench = await smtpBench('mx')
  const visitors = guests()
  visitors.due = sleep(2_000, undefined, { ref: false })
  const { client, ended } = bench.session({ visitors })
  client.write('EHLO x\r\nMAIL FROM:<a@example.org>\r\n')
  const text = await heard(client, /250 2\.1\.0/)
  assert.match(text, /^220 .*\r\n250-mx\.home\.test\r\n/)
  client.end('QUIT\r\n')
  await ended
  assert.deepEqual(visitors.said, ['early', 'left'])
})

test('a hasty peer is sent away by setting; one that is no mail client is told so', async () => {
  await using bench = await smtpBench('mx')
  for (const [speech, answer] of [
    ['EHLO x\r\n', /^554 5\.5\.1 You spoke/],
    ['GET / HTTP/1.1\r\n', /^554 5\.5\.1 This is a mail server/],
    ['\u0016\u0003\u0001', /^554 5\.5\.1 This port begins in plaintext/],
    ['PROXY TCP4 192.0.2.1 198.51.100.1 1 25\r\n', /^421 4\.3\.2 /],
  ] as const) {
    const visitors = guests({ early: smtpReply(554, '5.5.1', 'You spoke before you were greeted') })
    visitors.due = sleep(2_000, undefined, { ref: false })
    const { client, ended } = bench.session({ visitors })
    client.write(speech)
    assert.match(await heard(client, /\n/), answer)
    client.end()
    await ended
  }
})

test('a peer that leaves while it waits, and a server that stops: no session stays', async () => {
  await using bench = await smtpBench('mx')
  const visitors = guests()
  visitors.due = sleep(60_000, undefined, { ref: false })
  const gone = bench.session({ visitors })
  gone.client.end()
  gone.client.resume()
  await gone.ended
  const stop = new AbortController()
  const stopped = bench.session({ visitors }, stop.signal)
  stop.abort()
  assert.match(await heard(stopped.client, /\n/), /^421 4\.3\.2 /)
  stopped.client.end()
  await stopped.ended
  assert.deepEqual(visitors.said, ['left', 'left'])
})

test('unknown recipients: each answer waits as long as the visit says, and the session ends when it is enough', async () => {
  await using bench = await smtpBench('mx')
  bench.receiver.begin = async () => ({
    kind: 'open',
    reply: smtpReply(250, '2.1.0', 'Sender taken'),
    transaction: {
      recipient: async () => smtpReply(550, '5.1.1', 'No such user here'),
      message: async () => ({ reply: smtpReply(250, '2.0.0', 'Taken'), results: [] }),
      settle: () => undefined,
    },
  })
  const visitors = guests()
  const { client, ended } = bench.session({ visitors })
  await heard(client, /^220/)
  const since = performance.now()
  client.write(`EHLO x\r\nMAIL FROM:<a@example.org>\r\n${'RCPT TO:<nobody@home.test>\r\n'.repeat(5)}`)
  const text = await heard(client, /421/)
  assert.equal(text.split('550 5.1.1').length - 1, 2)
  assert.match(text, /421 4\.7\.0 Too many recipients that do not exist/)
  assert.ok(performance.now() - since >= 85)
  client.end()
  await ended
})

test('XCLIENT: the old client leaves, the new one arrives with all that the proxy says; it may be refused', async () => {
  await using bench = await smtpBench('mx')
  const visitors = guests()
  const { client, ended } = bench.session({ visitors, isTrustedProxy: address => address === '192.0.2.1' })
  await heard(client, /^220/)
  client.write('EHLO proxy.test\r\nXCLIENT ADDR=198.51.100.7 PORT=99 NAME=spike.example HELO=spike.example\r\n')
  await heard(client, /^220/m)
  client.write('MAIL FROM:<a@spike.example>\r\nRCPT TO:<b@home.test>\r\nDATA\r\n')
  await heard(client, /^354/m)
  client.write(
    'Subject: x\r\n\r\ntext\r\n.\r\nXCLIENT ADDR=198.51.100.8 NAME=[UNAVAILABLE] REVERSE_NAME=liar.example\r\n',
  )
  await heard(client, /^220/m)
  client.end('QUIT\r\n')
  await ended
  const [own, first, second] = visitors.arrived
  assert.equal(own?.clientAddress, '192.0.2.1')
  const { clientAddress, clientPort, via, helo, reverse } = first ?? {}
  assert.deepEqual([clientAddress, clientPort, via, helo], ['198.51.100.7', 99, '192.0.2.1', 'spike.example'])
  assert.deepEqual(reverse, { result: 'pass', name: 'spike.example' })
  assert.deepEqual([second?.clientAddress, second?.helo], ['198.51.100.8', undefined])
  assert.deepEqual(second?.reverse, { result: 'fail', name: 'liar.example' })
  assert.equal(bench.receiver.taken[0]?.session.clientAddress, '198.51.100.7')
  assert.deepEqual(visitors.said, ['left', 'left', 'left'])

  const full = guests()
  const refused = bench.session({ visitors: full, isTrustedProxy: () => true })
  await heard(refused.client, /^220/)
  full.arrive = () => ({ kind: 'refused', reply: smtpReply(421, '4.7.0', 'Too many connections') })
  refused.client.write('XCLIENT ADDR=198.51.100.9\r\nEHLO x\r\n')
  assert.match(await heard(refused.client, /\n/), /^421 4\.7\.0 /)
  refused.client.end()
  await refused.ended
})
