import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readMailParameters, readRecipientParameters } from '#protocols/smtp/syntax/parameters.ts'
import { type JmapBed, withJmap } from '../jmap.testbed.ts'
import type { JsonObject } from '../wire.ts'
import { envelopeParameters } from './parameters.ts'

const now = Date.parse('2026-11-27T00:00:00Z')

function read(sender: Record<string, string | null>, recipient: Record<string, string | null> = {}) {
  const envelope = {
    mailFrom: { email: 'yuki@home.test', parameters: sender },
    rcptTo: [{ email: 'jane@example.com', parameters: recipient }],
  }
  return envelopeParameters(envelope, 3_600_000, now)
}

test('values are those that SMTP knows, without their encoding', () => {
  const sender = readMailParameters('RET=full ENVID=a+2Bb+20+3D')
  const recipient = readRecipientParameters('NOTIFY=failure,DELAY ORCPT=utf-8;\\x{96EA}@example.org')
  assert.ok('value' in sender && 'value' in recipient)
  assert.deepEqual(read({ RET: 'full', ENVID: 'a+b =' }, { NOTIFY: 'failure,DELAY', ORCPT: 'utf-8;雪@example.org' }), {
    mailFrom: sender.value,
    rcptTo: [recipient.value],
  })
  assert.deepEqual(read({ HOLDFOR: '60' }), { mailFrom: { releaseAt: now + 60_000 }, rcptTo: [{}] })
  assert.deepEqual(read({ holduntil: '2026-11-27T00:01:00Z' }), { mailFrom: { releaseAt: now + 60_000 }, rcptTo: [{}] })
  assert.deepEqual(read({ HOLDUNTIL: '2026-01-01T00:00:00Z' }), { mailFrom: {}, rcptTo: [{}] })
  assert.deepEqual(read({ requiretls: null }), { mailFrom: { requireTls: true }, rcptTo: [{}] })
})

test('what cannot stand in a line, is too long, too late or unknown is refused with its name', () => {
  const senders: Record<string, string | null>[] = [
    { ENVID: 'a\r\nRCPT TO:<x@example.com>' },
    { ENVID: '雪' },
    { ENVID: 'x'.repeat(101) },
    { RET: '' },
    { HOLDFOR: '3601' },
    { HOLDFOR: '-1' },
    { HOLDUNTIL: 'tomorrow' },
    { BODY: '8BITMIME' },
    { SMTPUTF8: null },
    { REQUIRETLS: '' },
    { AUTH: 'yuki@home.test' },
    { XDELIVERY: 'home-1' },
    { toString: '' },
  ]
  const recipients: Record<string, string | null>[] = [
    { NOTIFY: '' },
    { NOTIFY: 'NEVER,SUCCESS' },
    { NOTIFY: 'SUCCESS, DELAY' },
    { ORCPT: 'rfc822;' },
    { ORCPT: ';jane@example.org' },
    { ORCPT: 'rfc822;jane@example.org\r\nDATA' },
    { ORCPT: `rfc822;${'x'.repeat(501)}` },
    { SIZE: '1' },
    { REQUIRETLS: null },
  ]
  const refused = [
    ...senders.map(one => ['mailFrom', Object.keys(one)[0], read(one)] as const),
    ...recipients.map(one => ['rcptTo/0', Object.keys(one)[0], read({}, one)] as const),
  ]
  for (const [at, name, result] of refused) {
    assert.ok('type' in result, `${at} ${name}`)
    assert.equal(result.type, 'invalidProperties')
    assert.deepEqual(result.properties, ['envelope'])
    assert.ok(result.description?.startsWith(`${at}/parameters/${name} `), result.description)
  }
})

test('what is said goes with the letter, for each recipient its own', async () => {
  await withJmap(async bed => {
    const session = await bed.session()
    const submission = session.accounts[bed.accountId]?.accountCapabilities['urn:ietf:params:jmap:submission']
    assert.ok(submission)
    assert.deepEqual((submission as JsonObject)['submissionExtensions'], {
      DSN: [],
      REQUIRETLS: [],
      FUTURERELEASE: ['86400'],
    })
    await submitWith(bed, {
      mailFrom: { email: 'yuki@home.test', parameters: { RET: 'HDRS', ENVID: 'order 1', REQUIRETLS: null } },
      rcptTo: [
        { email: 'jane@example.com', parameters: { NOTIFY: 'SUCCESS,FAILURE', ORCPT: 'rfc822;j+w@example.org' } },
        { email: 'ken@example.com', parameters: { NOTIFY: 'NEVER' } },
      ],
    })
    const sent = () => bed.outbound.envelopes.flatMap(({ recipients }) => recipients)
    for (const end = performance.now() + 5_000; sent().length < 2; await sleep(5))
      assert.ok(performance.now() < end, 'Nothing left')
    for (const { dsnReturn, dsnEnvelopeId, requireTls } of bed.outbound.envelopes)
      assert.deepEqual([dsnReturn, dsnEnvelopeId, requireTls], ['HDRS', 'order 1', true])
    const of = (address: string) => sent().find(one => one.address === address)
    assert.deepEqual(of('jane@example.com')?.notify, { success: true, failure: true, delay: false })
    assert.equal(of('jane@example.com')?.originalRecipient, 'rfc822;j+w@example.org')
    assert.deepEqual(of('ken@example.com')?.notify, { never: true })
    assert.equal(of('ken@example.com')?.originalRecipient, undefined)
  })
})

async function submitWith(bed: JmapBed, envelope: object): Promise<void> {
  const mailboxes = await (await bed.accounts.account(bed.account)).mailboxes()
  const drafts = `M${mailboxes.find(({ role }) => role === 'drafts')?.id}`
  const { list } = (await bed.call('Identity/get')) as unknown as { readonly list: readonly { readonly id: string }[] }
  const email = { mailboxIds: { [drafts]: true }, from: [{ email: 'yuki@home.test' }], subject: 'Order' }
  const submission = { identityId: list[0]?.id, emailId: '#d', envelope }
  const answers = await bed.calls(
    ['Email/set', { accountId: bed.accountId, create: { d: email } }],
    ['EmailSubmission/set', { accountId: bed.accountId, create: { s: submission } }],
  )
  const sent = answers[1]
  assert.ok(sent)
  assert.equal(sent[1]['notCreated'] ?? null, null)
}
