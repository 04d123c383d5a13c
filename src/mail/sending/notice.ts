/** The letter that tells of a pause: to the user, and to the owner at the domain's postmaster. */
import { utf8 } from '#base/bytes.ts'
import { type Language, say, type Text } from '#base/text.ts'
import { encodedWords } from '#formats/dsn/compose-dsn.ts'
import { printQuotedPrintable } from '#formats/dsn/quoted-printable.ts'
import { memorySource } from '#formats/message-source.ts'
import { printDate } from '#formats/message/date.ts'
import type { DeliveryId } from '../ids.ts'
import type { NewEntry } from '../queue/queue.ts'
import { noticeLifetimeMs } from './limits.ts'
import type { Pause } from './watch.ts'

export const pauseReasons: Readonly<Record<Pause['reason'], Text>> = {
  messagesPerHour: { en: 'very many messages within an hour', ja: '1時間に非常に多くのメール' },
  messagesPerDay: { en: 'very many messages within a day', ja: '1日に非常に多くのメール' },
  recipientsPerHour: { en: 'very many recipients within an hour', ja: '1時間に非常に多くの宛先' },
  recipientsPerDay: { en: 'very many recipients within a day', ja: '1日に非常に多くの宛先' },
  newRecipientsPerDay: { en: 'very many new recipients within a day', ja: '1日に非常に多くの新しい宛先' },
  failuresPerDay: { en: 'very many addresses that do not exist or refuse', ja: '存在しない、または拒否する多数の宛先' },
  scriptedPerHour: {
    en: 'very many redirects and replies by the mail filter (Sieve) within an hour',
    ja: 'メールフィルタ(Sieve)による、1時間に非常に多くの転送や自動返信',
  },
  scriptedPerDay: {
    en: 'very many redirects and replies by the mail filter (Sieve) within a day',
    ja: 'メールフィルタ(Sieve)による、1日に非常に多くの転送や自動返信',
  },
  'by-hand': { en: 'an administrator has paused it', ja: '管理者による一時停止' },
}

const subject: Text = { en: 'Outgoing mail is paused', ja: '送信メールを一時停止しました' }

function body({ address, reason }: Pause): Text {
  return {
    en: `The outgoing mail of ${address} is paused: ${pauseReasons[reason].en}.\r\nSomebody may know the password. Nothing is lost: the mail is held.\r\n\r\nLook at it: hikyaku queue ls\r\nSet a new password: hikyaku user passwd ${address}\r\nSend what is held: hikyaku user resume ${address}\r\n`,
    ja: `${address} の送信メールを一時停止しました。理由: ${pauseReasons[reason].ja}。\r\nパスワードが漏れている可能性があります。メールは留め置いてあり、失われません。\r\n\r\n確認: hikyaku queue ls\r\nパスワードの変更: hikyaku user passwd ${address}\r\n送信の再開: hikyaku user resume ${address}\r\n`,
  }
}

export type NoticeOptions = {
  readonly hostname: string
  readonly languages: readonly Language[]
  readonly now: number
  /** The domain's postmaster is the user: one letter is enough */
  readonly isOwner: boolean
}

/** Where a pause is told besides: the owner of the user's domain. */
export function ownerOf({ address }: Pick<Pause, 'address'>): string {
  return `postmaster@${address.slice(address.lastIndexOf('@') + 1)}`
}

/** One entry for both; the same id for the same pause. */
export function pauseNotice(pause: Pause, { hostname, isOwner, languages, now }: NoticeOptions): NewEntry {
  const id = `pause.${pause.account}.${pause.since}`
  const owner = ownerOf(pause)
  const recipients = (isOwner ? [pause.address] : [pause.address, owner]).map(address => ({ address }))
  const text = languages.map(language => say(body(pause), language)).join('\r\n')
  const message = [
    `From: Hikyaku <postmaster@${hostname}>`,
    `To: ${recipients.map(({ address }) => `<${address}>`).join(', ')}`,
    `Subject: ${languages.map(language => encodedWords(say(subject, language))).join(' / ')}`,
    `Date: ${printDate(now)}`,
    `Message-ID: <${id}@${hostname}>`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    printQuotedPrintable(text),
  ].join('\r\n')
  return {
    id: id as DeliveryId,
    envelope: { reversePath: '', recipients, body: '7BIT', smtpUtf8: false },
    trace: new Uint8Array(0),
    message: memorySource(utf8(message)),
    facts: '{}',
    fingerprint: new Uint8Array(0),
    receivedAt: now,
    expiresAt: now + noticeLifetimeMs,
  }
}
