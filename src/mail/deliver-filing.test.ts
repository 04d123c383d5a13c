// Where letters go: mailboxes, flags, Junk, the hold; and what a repeat gets.
import assert from 'node:assert/strict'
import test from 'node:test'
import { asciiText, utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { printReply } from '#formats/smtp-reply.ts'
import type { DeliveryId } from './ids.ts'
import { collect, envelopeFrom, letter, noSignal, startFlow } from './receive/mail-flow.testbed.ts'
import type { AuthenticationResult, Authenticity, Verdicts } from './verdicts.ts'
import {
  hanako,
  aki,
  kept,
  discarded,
  into,
  redirect,
  judgedAs,
  filing,
  deliver,
  accountOf,
  outboxOf,
  verdictsOf,
  take,
} from './deliver-filing.testbed.ts'

test('one letter in several mailboxes, with flags; those that are not there are made', async t => {
  const flow = await filing(t, () => ({
    ...kept,
    placements: [
      into('Lists/Hikyaku', ['\\Flagged', 'work']),
      into('INBOX', ['work', '\\flagged']),
      into('Lists/Hikyaku'),
    ],
  }))
  await deliver(flow)
  const account = await flow.accounts.account(await accountOf(flow, hanako))
  assert.deepEqual([await flow.count(hanako), await flow.count(hanako, 'Lists/Hikyaku')], [1, 1])
  assert.equal((await account.quota()).messages, 1, 'one email')
  const list = await account.mailboxNamed('Lists/Hikyaku')
  assert.ok(list?.subscribed)
  using view = await account.open(list.id)
  assert.equal(view?.flags(0), 4 + 32)
  assert.deepEqual(await account.keywordNames(), ['work'])
})

test('other flags make an email of its own; an edited letter too', async t => {
  const flow = await filing(t, () => ({
    ...kept,
    placements: [
      into('A', ['\\Seen']),
      into('B'),
      { ...into('B'), edited: memorySource(utf8('Subject: other\r\n\r\nx\r\n')) },
    ],
  }))
  await deliver(flow)
  const account = await flow.accounts.account(await accountOf(flow, hanako))
  assert.deepEqual([await flow.count(hanako, 'A'), await flow.count(hanako, 'B')], [1, 2])
  assert.equal((await account.quota()).messages, 3)
  using view = await account.open((await account.mailboxNamed('B'))?.id as never)
  const edited = view && (await account.message(view.emailId(1)))
  assert.equal(asciiText(await collect(edited ?? memorySource(utf8('')))), 'Subject: other\r\n\r\nx\r\n')
})

test('a mailbox that is not there and not to be made, or cannot be, is the inbox', async t => {
  const flow = await filing(t, () => ({
    ...kept,
    placements: [
      { mailbox: { name: 'None', create: false }, flags: [] },
      { mailbox: { mailboxId: 'M99', orName: '//', create: true }, flags: [] },
    ],
  }))
  await deliver(flow)
  assert.equal(await flow.count(hanako), 1)
})

test('discarded: answered 250, nothing kept, and a repeat does not run into another rule', async t => {
  let runs = 0
  const flow = await filing(t, () => (++runs === 1 ? discarded : kept))
  const first = await take(flow, {}, [hanako], 'gw.1.discarded')
  assert.match(first, /^250 /)
  assert.match(await take(flow, {}, [hanako], 'gw.1.discarded'), /^250 /)
  // another letter has another fingerprint: a box that counts anew
  assert.deepEqual([runs, await flow.count(hanako)], [2, 1])
})

test('the repeat of a delivery gets the first result, whatever the script says by now', async t => {
  let runs = 0
  const reasons = ['No thanks.\r\nReally.', 'Changed']
  const flow = await filing(t, () => ({ ...discarded, rejected: { kind: 'ereject', reason: reasons[runs++] ?? '' } }))
  const attempt = { id: 'gw.1.again' as DeliveryId, origin: 'gw', boot: 1, gone: [], confirmed: false }
  const facts = { attempt, clientAddress: '', helo: '', tls: undefined, receivedAt: 5, held: false }
  const message = letter()
  const replies: string[] = []
  for (let times = 0; times < 2; times++) {
    const transaction = flow.home.take(facts, envelopeFrom(aki), undefined)
    await transaction.recipient({ address: hanako })
    replies.push(printReply((await transaction.deliver(new Uint8Array(0), message, noSignal)).reply))
  }
  assert.deepEqual(replies, ['550 5.7.1 No thanks. Really.', '550 5.7.1 No thanks. Really.'])
})

test('junk goes to Junk, unless the script wants it elsewhere, and is never redirected', async t => {
  const judge = judgedAs('junk')
  const plain = await startFlow(t, { home: { judge } })
  await deliver(plain)
  assert.deepEqual([await plain.count(hanako), await plain.count(hanako, 'Junk')], [0, 1])
  const keeping = await filing(t, () => kept, { judge })
  await deliver(keeping)
  assert.deepEqual([await keeping.count(hanako), await keeping.count(hanako, 'Junk')], [0, 1])
  const choosing = await filing(t, () => ({ ...kept, placements: [{ mailbox: { role: 'inbox' }, flags: [] }] }), {
    judge,
  })
  await deliver(choosing)
  assert.deepEqual([await choosing.count(hanako), await choosing.count(hanako, 'Junk')], [1, 0])
  const passing = await filing(t, one => ({ ...discarded, effects: [redirect('kei@example.org', one)] }), { judge })
  await deliver(passing)
  assert.deepEqual([await passing.count(hanako, 'Junk'), (await outboxOf(passing)).length], [1, 0])
})

test('what says that it is from one of us, and does not prove it, is not redirected: our reverse-path would vouch for it', async t => {
  const flow = await filing(t, one => ({ ...discarded, effects: [redirect('kei@example.org', one)] }))
  const ours = (change: (found: Authenticity) => Partial<Authenticity>): Verdicts => {
    const found = { ...verdictsOf('fail').authenticity, fromDomain: 'home.test' } as Authenticity
    return { authenticity: { ...found, ...change(found) } }
  }
  const dmarc = (result: AuthenticationResult) => (found: Authenticity) => ({ dmarc: { ...found.dmarc, result } })
  const signedBy = (domain: string, result: AuthenticationResult) => (found: Authenticity) => ({
    ...dmarc('none')(found),
    dkim: [{ result, domain, selector: 's', algorithm: 'rsa-sha256' }],
  })
  const spfOf = (domain: string, scope: 'mailfrom' | 'helo') => (found: Authenticity) => ({
    ...dmarc('none')(found),
    spf: { result: 'pass' as const, domain, scope },
  })
  const stays: Record<string, Verdicts> = {
    failed: ours(dmarc('fail')),
    'no policy, no proof': ours(dmarc('none')),
    'a domain within ours': ours(found => ({ ...dmarc('fail')(found), fromDomain: 'shop.home.test' })),
    'somebody else signed': ours(signedBy('internet.test', 'pass')),
    'a broken signature': ours(signedBy('home.test', 'fail')),
    'SPF of another': ours(spfOf('internet.test', 'mailfrom')),
    'SPF of HELO': ours(spfOf('home.test', 'helo')),
  }
  const goes: Record<string, Verdicts | undefined> = {
    passed: ours(dmarc('pass')),
    'DNS was away': ours(dmarc('temperror')),
    'no policy, signed by us': ours(signedBy('home.test', 'pass')),
    'no policy, our SPF': ours(spfOf('home.test', 'mailfrom')),
    'a stranger as such': verdictsOf('fail'),
    'a name that only ends alike': ours(found => ({ ...dmarc('fail')(found), fromDomain: 'nothome.test' })),
    'not judged': {},
    'no verdicts': undefined,
  }
  let inInbox = 0
  let sent = 0
  for (const [what, verdicts] of [...Object.entries(stays), ...Object.entries(goes)]) {
    if (what in stays) inInbox++
    else sent++
    assert.match(await take(flow, verdicts ? { verdicts } : {}), /^250 /, what)
    assert.deepEqual([await flow.count(hanako), (await outboxOf(flow)).length], [inInbox, sent], what)
  }
})

test('… also where From cannot be told from the fields: then every domain in them counts', async t => {
  const flow = await filing(t, one => ({ ...discarded, effects: [redirect('kei@example.org', one)] }))
  const found: Authenticity = { ...(verdictsOf('fail').authenticity as Authenticity), fromDomain: undefined }
  const cases = [
    ['From: Aki <aki@internet.test>\r\nFrom: Taro <taro@home.test>\r\n', 1],
    ['From: Aki <aki@internet.test>, Taro <taro@HOME.test>\r\n', 2],
    ['From: Aki <aki@internet.test>, Kei <kei@example.org>\r\n', 2],
    ['', 2],
    ['From: Aki\r\n', 3],
    ['From: Aki <aki@internet.test> "" <ta"ro@home.test>\r\n', 4],
  ] as const
  for (const [from, inInbox] of cases) {
    const message = memorySource(utf8(`${from}Subject: x\r\n\r\nx\r\n`))
    await take(flow, { verdicts: { authenticity: found } }, [hanako], undefined, message)
    assert.equal(await flow.count(hanako), inInbox, from)
  }
  assert.equal((await outboxOf(flow)).length, 2)
})

test('a redirect that is left out stands in the events', async t => {
  const flow = await filing(t, one => ({ ...kept, effects: [redirect('kei@example.org', one)] }))
  const found = { ...(verdictsOf('fail').authenticity as Authenticity), fromDomain: 'home.test' }
  await take(flow, { verdicts: { authenticity: found } })
  await take(flow, {})
  const details = flow.events.filter(({ kind }) => kind === 'delivered').map(({ detail }) => detail?.notRedirected)
  assert.deepEqual(details, ['author not proved', undefined])
})

test('quarantine by DMARC is Junk', async t => {
  const flow = await startFlow(t)
  await take(flow, { verdicts: verdictsOf('fail', 'quarantine') })
  await take(flow, { verdicts: verdictsOf('fail') })
  assert.deepEqual([await flow.count(hanako), await flow.count(hanako, 'Junk')], [1, 1])
})

test('a script hears that a letter goes to Junk because its domain calls it forged', async t => {
  const heard: (boolean | undefined)[] = []
  const flow = await filing(t, ({ junk }) => (heard.push(junk), kept))
  for (const disposition of ['quarantine', 'none'] as const)
    await take(flow, { verdicts: verdictsOf('fail', disposition) })
  assert.deepEqual(heard, [true, false])
})
