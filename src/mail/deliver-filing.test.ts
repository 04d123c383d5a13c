import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { asciiText, utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { isPositive, printReply } from '#formats/smtp-reply.ts'
import { keptVerdict, readJunkField } from './content/field.ts'
import type { ForwardedMessage, HomeOptions, RefusedMessage } from './deliver/options.ts'
import type { WaitingOutboxItem } from './delivery.ts'
import type { DeliveryFacts } from './downstream.ts'
import type { Envelope } from '#formats/envelope.ts'
import type { Filed, MessageToFile } from './filing.ts'
import type { AccountId, DeliveryId } from './ids.ts'
import type { ContentVerdict } from './judging.ts'
import type { QueueReport } from './queue/report.ts'
import {
  again,
  collect,
  envelopeFrom,
  type Flow,
  letter,
  noSignal,
  send,
  sessionFacts,
  startFlow,
  storedText,
} from './receive/mail-flow.testbed.ts'
import { createSrs } from './srs.ts'
import type { AuthenticationResult, Authenticity, Verdicts } from './verdicts.ts'

const hanako = 'hanako@home.test'
const taro = 'taro@home.test'
const aki = 'aki@internet.test'
const postfix = sessionFacts('lmtp', { id: 'postfix' })
const srs = createSrs(new Uint8Array(32).fill(3))

const kept: Filed = {
  placements: [{ mailbox: { role: 'inbox' }, flags: [], implicit: true }],
  effects: [],
  copies: [],
  remember: [],
}
const discarded: Filed = { ...kept, placements: [] }
const into = (name: string, flags: readonly string[] = []) => ({ mailbox: { name, create: true }, flags })
const redirect = (to: string, message: MessageToFile): Filed['effects'][number] => {
  return { kind: 'redirect', index: 0, to, message: message.message }
}

const clean: ContentVerdict = { verdict: 'clean', score: 0, junkFrom: 5, reasons: [], spamtest: 1, virustest: 1 }
const judgedAs = (verdict: ContentVerdict['verdict']) => async () => ({ ...clean, verdict })

/** A flow in which the accounts have this rule. */
function filing(
  t: TestContext,
  rule: (message: MessageToFile) => Filed | Promise<Filed>,
  home: Partial<HomeOptions> = {},
): Promise<Flow> {
  return startFlow(t, { home: { srs, filerFor: async () => async message => rule(message), ...home } })
}

async function deliver(flow: Flow, to = [hanako], message = letter(), reversePath = aki) {
  return send(flow.home, to, message, { session: postfix, reversePath })
}

async function accountOf(flow: Flow, address: string): Promise<AccountId> {
  const user = await flow.directory.user(address)
  assert.ok(user)
  return user.account
}

async function outboxOf(flow: Flow, address = hanako): Promise<readonly WaitingOutboxItem[]> {
  return flow.accounts.outbox(await accountOf(flow, address), 100)
}

const verdictsOf = (spf: 'pass' | 'fail', disposition: 'none' | 'quarantine' = 'none'): Verdicts => ({
  authenticity: {
    fromDomain: 'internet.test',
    spf: { result: spf, scope: 'mailfrom', domain: 'internet.test' },
    dkim: [],
    dmarc: { result: spf, domain: 'internet.test', policy: 'quarantine', alignedBy: [], disposition },
    arc: { result: 'none', sealers: [] },
  },
})

let takes = 0
/** As the gateway of the same process hands it over. */
async function take(
  flow: Flow,
  more: Partial<DeliveryFacts>,
  to = [hanako],
  id = `gw.1.${++takes}`,
  message = letter(),
  signal = noSignal,
) {
  const attempt = { id: id as DeliveryId, origin: 'gw', boot: 1, gone: [], confirmed: false }
  const facts = { attempt, clientAddress: '192.0.2.1', helo: 'x', tls: undefined, receivedAt: 5, held: false, ...more }
  const transaction = flow.home.take(facts, envelopeFrom(aki), undefined)
  for (const address of to) assert.ok(isPositive(await transaction.recipient({ address })))
  return printReply((await transaction.deliver(new Uint8Array(0), message, signal)).reply)
}

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

test('a redirect waits in the outbox, with our reverse-path, our marker and without Return-Path', async t => {
  const flow = await filing(t, message => ({ ...discarded, effects: [redirect('kei@example.org', message)] }))
  assert.match((await deliver(flow)).reply, /^250 /)
  const [item, ...more] = await outboxOf(flow)
  assert.ok(item)
  assert.deepEqual([more.length, await flow.count(hanako)], [0, 0])
  const envelope = JSON.parse(item.envelope) as Envelope
  assert.match(envelope.reversePath, /^SRS0=.*=internet\.test=aki@home\.test$/)
  assert.deepEqual(envelope.recipients, [{ address: 'kei@example.org' }])
  assert.match(
    asciiText(await collect(item.message)),
    /^Delivered-To: hanako@home\.test\r\nReceived: [^]*\r\nFrom: Aki/,
  )
})

test('a gateway that counts anew: its redirect has an id of its own, a repeat the same', async t => {
  const flow = await filing(t, message => ({ ...discarded, effects: [redirect('kei@example.org', message)] }))
  const ids: string[] = []
  const one = letter('one')
  for (const message of [one, again(one), letter('two')]) {
    const attempt = { id: 'gw.1.anew' as DeliveryId, origin: 'gw', boot: 1, gone: [], confirmed: false }
    const facts = { attempt, clientAddress: '', helo: '', tls: undefined, receivedAt: 5, held: false }
    const transaction = flow.home.take(facts, envelopeFrom(aki), undefined)
    await transaction.recipient({ address: hanako })
    await transaction.deliver(new Uint8Array(0), message, noSignal)
    const items = await outboxOf(flow)
    ids.push(...items.map(({ id }) => id))
    // as if the queue had it: it knows the id for weeks
    await flow.accounts.outboxDone(
      await accountOf(flow, hanako),
      items.map(({ id }) => id),
    )
  }
  assert.deepEqual([ids.length, new Set(ids).size], [2, 2])
})

test('redirects of our own people and of reports keep their reverse-path', async t => {
  const flow = await filing(t, message => ({ ...kept, effects: [redirect('kei@example.org', message)] }))
  for (const reversePath of ['', taro]) await deliver(flow, [hanako], letter(), reversePath)
  const paths = (await outboxOf(flow)).map(item => (JSON.parse(item.envelope) as Envelope).reversePath)
  assert.deepEqual(paths, ['', taro])
})

test('NOTIFY and RET travel with a redirect; success has been told of by us', async t => {
  const flow = await filing(t, message => ({ ...kept, effects: [redirect('kei@example.org', message)] }))
  const envelope = envelopeFrom(aki, { dsnReturn: 'HDRS', dsnEnvelopeId: 'e1' })
  const begun = await flow.home.begin(postfix, envelope, undefined, noSignal)
  assert.equal(begun.kind, 'open')
  const notify = { success: true, failure: true, delay: false }
  await begun.transaction.recipient({ address: hanako, notify }, noSignal)
  await begun.transaction.message(letter(), noSignal)
  const sent = JSON.parse((await outboxOf(flow))[0]?.envelope ?? '{}') as Envelope
  assert.deepEqual(sent.recipients, [{ address: 'kei@example.org', notify: { ...notify, success: false } }])
  assert.deepEqual([sent.dsnReturn, sent.dsnEnvelopeId], ['HDRS', 'e1'])
})

test('an effect that an earlier letter has had is left out, and its copy with it', async t => {
  const message = utf8('Subject: away\r\n\r\n')
  const flow = await filing(t, () => ({
    ...kept,
    effects: [{ kind: 'reply', index: 1, envelope: envelopeFrom(''), message, once: 'vacation aki' }],
    copies: [{ index: 1, mailbox: { role: 'sent' }, flags: ['\\Seen'], message, once: 'vacation aki' }],
    remember: [{ key: 'vacation aki', until: Date.now() + 60_000 }],
  }))
  await deliver(flow)
  await deliver(flow)
  assert.deepEqual(
    [await flow.count(hanako), await flow.count(hanako, 'Sent'), (await outboxOf(flow)).length],
    [2, 1, 1],
  )
})

test('a large redirect is a file until it is in the queue', async t => {
  const flow = await filing(t, message => ({ ...discarded, effects: [redirect('kei@example.org', message)] }))
  await deliver(flow, [hanako], letter('x'.repeat(300_000)))
  const [item] = await outboxOf(flow)
  assert.ok(item && item.message.place.kind === 'file' && item.message.sizeBytes > 300_000)
  assert.equal((await collect(item.message)).length, item.message.sizeBytes)
  await flow.accounts.outboxDone(await accountOf(flow, hanako), [item.id])
  await assert.rejects(collect(item.message), { code: 'ENOENT' })
})

test('a script that fails: its owner is told, once a day', async t => {
  const problem = { script: '本番', line: 3, column: 7, text: { en: 'Too many steps', ja: '手数が多すぎます' } }
  const flow = await filing(t, () => ({ ...kept, problem }))
  await deliver(flow)
  await deliver(flow)
  assert.equal(await flow.count(hanako), 3)
  const notice = await storedText(flow, hanako, 1)
  assert.match(notice, /^From: Hikyaku <postmaster@home\.home\.test>\r\nTo: <hanako@home\.test>/)
  assert.match(notice.replaceAll('=\r\n', ''), /failed at line 3, column 7: Too many steps\r\n/)
})

// ---- judged

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

test('what is refused for its content is answered 550 and handed on to be kept; from the hold it is junk', async t => {
  const refused: RefusedMessage[] = []
  const flow = await startFlow(t, {
    home: { judge: judgedAs('reject'), keepRefused: async about => void refused.push(about) },
  })
  assert.match((await deliver(flow)).reply, /^550 5\.7\.1 /)
  assert.equal(refused.length, 1)
  assert.deepEqual([refused[0]?.recipient, refused[0]?.reply.code], [hanako, 550])
  assert.match(await take(flow, { held: true }), /^250 /)
  assert.deepEqual([await flow.count(hanako), await flow.count(hanako, 'Junk'), refused.length], [0, 1, 1])
})

// The sender heard 550 and nobody had the letter.
test('what cannot be kept is not refused: the letter comes again', async t => {
  let broken = true
  const refused: RefusedMessage[] = []
  const keepRefused = async (about: RefusedMessage) => {
    if (broken) throw Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR' })
    refused.push(about)
  }
  const flow = await startFlow(t, { home: { judge: judgedAs('reject'), keepRefused } })
  assert.match(await take(flow, {}, [hanako], 'gw.1.kept'), /^45[12] /)
  assert.deepEqual([await flow.count(hanako), await flow.count(hanako, 'Junk'), refused.length], [0, 0, 0])
  broken = false
  assert.match(await take(flow, {}, [hanako], 'gw.1.kept'), /^550 5\.7\.1 /)
  assert.equal(refused.length, 1)
})

test('a script’s run that is broken off: 451, nothing is kept, and it runs anew when the letter comes again', async t => {
  const over = new AbortController()
  let runs = 0
  const filerFor = async () => async (message: MessageToFile, signal: AbortSignal) => {
    if (runs++ === 0) over.abort(new Error('the server stops'))
    signal.throwIfAborted()
    return { ...kept, effects: [redirect('x@internet.test', message)] }
  }
  const flow = await startFlow(t, { home: { srs, filerFor } })
  assert.match(await take(flow, {}, [hanako], 'gw.1.cut', letter(), over.signal), /^451 /)
  assert.deepEqual([await flow.count(hanako), (await outboxOf(flow)).length], [0, 0])
  assert.match(await take(flow, {}, [hanako], 'gw.1.cut'), /^250 /)
  assert.deepEqual([await flow.count(hanako), (await outboxOf(flow)).length, runs], [1, 1, 2])
})

// A gateway that was set up anew counts its ids from the beginning again.
test('another letter under the same delivery id makes Message-IDs of its own, a repeat the same', async t => {
  const heard: string[] = []
  const flow = await filing(t, ({ deliveryId }) => (heard.push(deliveryId), discarded))
  const [one, two] = [letter('one'), letter('two')]
  for (const message of [one, two, one]) await take(flow, {}, [hanako], 'gw.1.same', message)
  assert.equal(heard.length, 3)
  assert.notEqual(heard[0], heard[1])
  assert.equal(heard[0], heard[2])
})

test('a message whose first line is a folded one adds nothing to what we say of it', async t => {
  const flow = await startFlow(t, { home: { judge: judgedAs('junk') } })
  const forged = memorySource(utf8(`\tscore=-9 virus=Eicar reason=allowed:-9\r\nFrom: ${aki}\r\n\r\nHello\r\n`))
  assert.match((await deliver(flow, [hanako], forged)).reply, /^250 /)
  const field = readJunkField(utf8(await storedText(flow, hanako, 0, 'Junk')))
  assert.deepEqual(field, keptVerdict({ ...clean, verdict: 'junk' }))
})

test('behind an alias of several accounts nothing is refused', async t => {
  const flow = await startFlow(t, { home: { judge: judgedAs('reject') } })
  assert.match((await deliver(flow, ['both@home.test'])).reply, /^250 /)
  assert.deepEqual([await flow.count(hanako, 'Junk'), await flow.count(taro, 'Junk')], [1, 1])
})

test('not judged for now: 451, and nothing is stored', async t => {
  const flow = await startFlow(t, { home: { judge: judgedAs('try-later') } })
  assert.match((await deliver(flow)).reply, /^451 4\.7\.1 /)
  assert.equal(await flow.count(hanako), 0)
})

test('a judge or a script that fails loses nothing', async t => {
  const fail = () => Promise.reject(new Error('planted'))
  const flow = await startFlow(t, { home: { judge: fail, filerFor: async () => fail } })
  assert.match((await deliver(flow)).reply, /^250 /)
  assert.equal(await flow.count(hanako), 1)
})

test('a script sees what was judged, and the letter as it will be stored', async t => {
  const seen: string[] = []
  const flow = await filing(
    t,
    async ({ content, message, recipient }) => {
      seen.push(`${recipient} ${content?.spamtest} ${asciiText(await collect(message)).slice(0, 30)}`)
      return kept
    },
    { judge: judgedAs('clean') },
  )
  await deliver(flow)
  assert.deepEqual(seen, ['hanako@home.test 1 Return-Path: <aki@internet.tes'])
})

// ---- refused by the script when nobody can be told at once

const refuses = (): Filed => ({ ...discarded, rejected: { kind: 'ereject', reason: 'いりません' } })

test('from the hold: a report to a sender whose address is proved, else Junk', async t => {
  const reports: QueueReport[] = []
  const flow = await filing(t, refuses, { report: async report => void reports.push(report) })
  assert.match(await take(flow, { held: true, verdicts: verdictsOf('pass') }), /^250 /)
  assert.deepEqual(
    reports.map(({ kind, recipients }) => [kind, recipients[0]?.result && printReply(recipients[0].result.reply)]),
    [['failed', '550 5.7.1 The recipient refuses this message']],
  )
  assert.match(await take(flow, { held: true, verdicts: verdictsOf('fail') }), /^250 /)
  assert.deepEqual([reports.length, await flow.count(hanako), await flow.count(hanako, 'Junk')], [1, 0, 1])
})

test('refused while the sender waited, and then held all the same: not lost', async t => {
  const flow = await filing(t, refuses)
  const attempt = { id: 'gw.1.held' as DeliveryId, origin: 'gw', boot: 1, gone: [], confirmed: false }
  const facts = { attempt, clientAddress: '', helo: '', tls: undefined, receivedAt: 5 }
  const message = letter()
  const replies: string[] = []
  for (const held of [false, true]) {
    const transaction = flow.home.take({ ...facts, held }, envelopeFrom(aki), undefined)
    await transaction.recipient({ address: hanako })
    replies.push(printReply((await transaction.deliver(new Uint8Array(0), message, noSignal)).reply).slice(0, 3))
  }
  assert.deepEqual([replies, await flow.count(hanako, 'Junk')], [['550', '250'], 1])
})

test('reject with words that are not ASCII: a letter says them to a proved sender, all others are refused', async t => {
  const rules: Filed[] = []
  const flow = await filing(t, () => rules.shift() ?? kept)
  const rejects = (kind: 'reject' | 'ereject', reason: string): Filed => {
    const message = utf8(`Subject: Rejected\r\n\r\n${reason}\r\n`)
    const effects = [{ kind: 'reply' as const, index: 0, envelope: envelopeFrom(''), message }]
    return { ...discarded, effects, rejected: { kind, reason } }
  }
  const replies: string[] = []
  for (const [kind, reason, spf] of [
    ['reject', 'いりません', 'pass'],
    ['reject', 'いりません', 'fail'],
    ['reject', 'No thanks', 'pass'],
    ['ereject', 'いりません', 'pass'],
  ] as const) {
    rules.push(rejects(kind, reason))
    replies.push((await take(flow, { verdicts: verdictsOf(spf) })).slice(0, 30))
  }
  const outbox = await outboxOf(flow)
  assert.match(replies.shift() ?? '', /^250 /)
  assert.deepEqual(replies, ['550 5.7.1 The recipient refuse', '550 5.7.1 No thanks', '550 5.7.1 The recipient refuse'])
  assert.deepEqual([outbox.length, await flow.count(hanako), await flow.count(hanako, 'Junk')], [1, 0, 0])
  assert.ok(outbox[0] && Buffer.from(await collect(outbox[0].message)).includes('いりません'))
})

// ---- what comes back

test('a report to a rewritten reverse-path goes on to the sender; nothing else does', async t => {
  const forwarded: ForwardedMessage[] = []
  const flow = await filing(t, () => kept, { forward: async message => void forwarded.push(message) })
  const address = srs.forward(aki, 'home.test', Date.now())
  const report = letter('Undelivered')
  const sent = await deliver(flow, [address], report, '')
  assert.match(sent.reply, /^250 /)
  const [one] = forwarded
  assert.ok(one)
  assert.deepEqual(one.envelope, { reversePath: '', recipients: [{ address: aki }], body: '8BITMIME', smtpUtf8: false })
  assert.match(asciiText(one.trace), /^Delivered-To: srs0=/)
  const sentOn = flow.events.filter(({ kind }) => kind === 'sent-on')
  assert.deepEqual(
    sentOn.map(({ detail, to }) => [to, detail]),
    [[aki, { effect: 'forward', as: one.id }]],
  )
  assert.equal(sentOn[0]?.delivery, flow.events.find(({ kind }) => kind === 'delivered')?.delivery)
  const others = [
    await deliver(flow, [address], letter(), 'spam@internet.test'),
    await deliver(flow, [address.replace('aki', 'kei')], letter(), ''),
    await deliver(flow, [address.replace('home.test', 'example.org')], letter(), ''),
  ]
  assert.deepEqual(
    others.map(({ recipients }) => recipients[0]?.slice(0, 9)),
    ['550 5.7.1', '550 5.1.1', '550 5.7.1'],
  )
  assert.equal(forwarded.length, 1)
})

test('while home is away nobody can tell what it has rewritten: a bounce waits at its sender', async t => {
  const flow = await startFlow(t)
  flow.link.fault = 'away'
  const address = srs.forward(aki, 'home.test', Date.now())
  const sent = await send(flow.gateway, [address, 'nobody@home.test'], letter(), { reversePath: '' })
  assert.deepEqual(
    sent.recipients.map(reply => reply.slice(0, 9)),
    ['451 4.3.0', '550 5.1.1'],
  )
})
