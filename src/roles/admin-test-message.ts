/** `hikyaku test`: a message of ours that goes the way of every other, from the gateway's receiver inward or from home's queue outward. */
import { randomBytes } from 'node:crypto'
import { utf8 } from '#base/bytes.ts'
import type { Envelope } from '#formats/envelope.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { isPositive, printReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { DeliveryId } from '#mail/ids.ts'
import type { SessionFacts } from '#mail/receiving.ts'
import type { Refused } from './admin-operation.ts'
import type { RunningRoles } from './start.ts'

const budgetMs = 30_000
/** A test that cannot be delivered within a day says nothing any more. */
const keepMs = 24 * 60 * 60 * 1000

export type TestSent = { readonly about: string; readonly reply?: string }

/** `in`: needs the gateway here. `out`: needs home here. The null path, so that nothing ever answers it. */
export async function sendTestMessage(
  running: RunningRoles,
  direction: 'in' | 'out',
  address: string,
): Promise<TestSent | Refused> {
  if (/[\s<>\p{Cc}]/u.test(address) || !address.includes('@'))
    return {
      refused: 'bad-address',
      text: { en: 'This is not an e-mail address', ja: 'メールアドレスの形式ではありません' },
    }
  const test = testMessage(running, address)
  return direction === 'in' ? inward(running, test) : outward(running, test)
}

type Test = { readonly about: string; readonly envelope: Envelope; readonly message: MessageSource }

function testMessage({ around }: RunningRoles, address: string): Test {
  const { config, clock } = around
  const about = `<test.${randomBytes(9).toString('hex')}@${config.hostname}>`
  const text = [
    `From: Hikyaku <postmaster@${config.hostname}>`,
    `To: <${address}>`,
    'Subject: Hikyaku test message',
    `Date: ${new Date(clock.now()).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: ${about}`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'This message was sent by "hikyaku test" and can be deleted.',
    '',
  ].join('\r\n')
  const envelope: Envelope = { reversePath: '', recipients: [{ address }], body: '7BIT', smtpUtf8: false }
  return { about, envelope, message: memorySource(utf8(text)) }
}

async function inward(
  { gateway, around }: RunningRoles,
  { about, envelope, message }: Test,
): Promise<TestSent | Refused> {
  if (!gateway)
    return {
      refused: 'not-here',
      text: {
        en: 'mail comes in at the gateway: run this there',
        ja: 'メールはゲートウェイから入ります。そちらで実行してください',
      },
    }
  const signal = AbortSignal.timeout(budgetMs)
  const begun = await gateway.receiver.begin(
    sessionOf(around.config.hostname),
    { ...envelope, recipients: [] },
    message.sizeBytes,
    signal,
  )
  if (begun.kind === 'refused') return refusedBy(begun.reply)
  const { transaction } = begun
  const [recipient] = envelope.recipients
  const accepted = recipient && (await transaction.recipient(recipient, signal))
  if (!accepted || !isPositive(accepted)) {
    transaction.settle('aborted')
    return refusedBy(accepted)
  }
  const verdict = await transaction.message(message, signal)
  transaction.settle('confirmed')
  if (!isPositive(verdict.reply)) return refusedBy(verdict.reply)
  const reply = printReply(verdict.reply)
  return { about: deliveryIdIn(reply, around.config.gateway.name) ?? about, reply }
}

/** Our own replies name the delivery id, which the trace of both boxes is kept under. */
function deliveryIdIn(reply: string, origin: string): string | undefined {
  return reply.split(' ').find(word => word.startsWith(`${origin}.`) && /^[a-z0-9-]+\.[0-9a-z]+\.[0-9a-z]+$/.test(word))
}

function sessionOf(hostname: string): SessionFacts {
  return {
    id: `test-${randomBytes(4).toString('hex')}`,
    profile: 'mx',
    clientAddress: '127.0.0.1',
    clientPort: 0,
    localPort: 0,
    helo: hostname,
    tls: undefined,
    login: undefined,
    gateway: undefined,
  }
}

async function outward({ home, around }: RunningRoles, { envelope, message }: Test): Promise<TestSent | Refused> {
  if (!home)
    return {
      refused: 'not-here',
      text: { en: 'mail goes out from home: run this there', ja: 'メールはhomeから出ます。そちらで実行してください' },
    }
  const now = around.clock.now()
  const id = `home-test.${around.folder.boot.toString(36)}.${randomBytes(6).toString('hex')}` as DeliveryId
  await home.outbound.add({
    id,
    envelope,
    trace: new Uint8Array(0),
    message,
    facts: '{}',
    fingerprint: randomBytes(32),
    receivedAt: now,
    expiresAt: now + keepMs,
  })
  home.outbound.confirm(id)
  return { about: id }
}

function refusedBy(reply: SmtpReply | undefined): Refused {
  const words = reply ? printReply(reply) : 'no answer'
  return { refused: 'refused', text: { en: words, ja: words } }
}
