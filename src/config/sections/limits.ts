import { z } from 'zod'
import { key } from '../key.ts'
import { duration, size } from '../values.ts'

function perUser(standard: number, en: string, ja: string) {
  return key(z.number().int().min(0).max(1_000_000).default(standard), { en, ja })
}

export const limitsSection = z.strictObject({
  messageSize: key(size.prefault('50MB'), {
    en: 'The largest message taken in, from the internet and from users (SIZE).',
    ja: '受け入れるメールの最大の大きさ(外からも利用者からも。SIZE)。',
    type: 'size',
    reload: true,
  }),
  recipients: key(z.number().int().min(100).max(10_000).default(100), {
    en: 'Recipients of one message; RFC 5321 wants at least 100.',
    ja: '1通の宛先数。RFC 5321 により100以上です。',
    reload: true,
  }),
  connections: key(z.number().int().min(10).max(100_000).default(2_000), {
    en: 'Connections at a time over all services.',
    ja: '全サービス合計の同時接続数。',
    reload: true,
  }),
  connectionsPerAddress: key(z.number().int().min(1).max(10_000).default(50), {
    en: 'Connections at a time from one address; gateways and loopback are not counted.',
    ja: '1つのアドレスからの同時接続数。ゲートウェイとループバックは数えません。',
    reload: true,
  }),
  outboundAge: key(duration.prefault('5d'), {
    en: 'How long outgoing mail is tried before its sender is told that it failed.',
    ja: '送信を試し続ける期間。過ぎると差出人に不達を知らせます。',
    type: 'time',
    reload: true,
  }),
  perUser: key(
    z
      .strictObject({
        messagesPerHour: perUser(200, 'Messages within an hour.', '1時間の通数。'),
        messagesPerDay: perUser(1_000, 'Messages within a day.', '1日の通数。'),
        recipientsPerHour: perUser(
          500,
          'Recipients within an hour. Beyond twice as many, recipients are refused for the time being.',
          '1時間の宛先数。この2倍を超えると、宛先の受け付けも一時的に断ります。',
        ),
        recipientsPerDay: perUser(2_000, 'Recipients within a day.', '1日の宛先数。'),
        newRecipientsPerDay: perUser(
          300,
          'Recipients within a day to whom the user has not written before.',
          '1日に初めて送る宛先の数。',
        ),
        failuresPerDay: perUser(100, 'Recipients within a day that refused for good.', '1日に拒否された宛先数。'),
        scriptedPerHour: perUser(
          1_000,
          'Messages that the user’s script (Sieve) sends within an hour: redirects, automatic replies, notifications.',
          '利用者のスクリプト(Sieve)が1時間に送る通数(転送、自動返信、通知)。',
        ),
        scriptedPerDay: perUser(10_000, 'The same within a day.', '同じく1日の通数。'),
      })
      .prefault({}),
    {
      en: 'What one user may send. Whoever passes a limit (a stolen password, perhaps) has their outgoing mail held until somebody resumes it (hikyaku user resume); user and postmaster are told. 0 is no limit.',
      ja: '利用者1人の送信の上限。超えると(パスワード流出の疑い)送信メールを留め置き、利用者とpostmasterに知らせます。再開は hikyaku user resume。0 で無制限。',
      reload: true,
    },
  ),
  futureRelease: key(duration.prefault('30d'), {
    en: 'How far ahead a user may have a message sent later (FUTURERELEASE, RFC 4865). 0s switches it off.',
    ja: '利用者が送信予約(FUTURERELEASE、RFC 4865)で指定できる最長の先。0s で無効。',
    type: 'time',
    reload: true,
  }),
  shutdown: key(duration.prefault('3s'), {
    en: 'How long sessions may finish after SIGTERM before they are cut.',
    ja: 'SIGTERMの後、接続を切るまでに待つ時間。',
    type: 'time',
    reload: true,
  }),
})
