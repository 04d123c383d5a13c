import type { Text } from '#base/text.ts'
import type { EventKind } from '#mail/events.ts'
import type { Health, StatusLeg } from '#mail/status.ts'

export const pageTexts = {
  title: { en: 'Hikyaku: how the mail is', ja: '飛脚：メールの様子' },
  allWell: { en: 'All mail is moving.', ja: 'メールは順調に流れています。' },
  waiting: { en: 'Some mail is waiting, and safe.', ja: '待っているメールがあります。安全に保管しています。' },
  broken: { en: 'Something needs you.', ja: '確認が必要です。' },
  lost: {
    en: 'This page has lost its server; it keeps trying.',
    ja: 'サーバーとの接続が切れました。つなぎ直しています。',
  },
  recent: { en: 'What happened last', ja: '最近の出来事' },
  nothing: {
    en: 'Nothing yet. Send a letter and watch it arrive here.',
    ja: 'まだありません。手紙を送ると、ここに現れます。',
  },
  services: { en: 'Services', ja: 'サービス' },
  since: { en: 'Running since', ja: '起動' },
  users: { en: 'Accounts', ja: 'アカウント' },
  queued: { en: 'Waiting', ja: '待機中' },
  sessions: { en: 'Connections', ja: '接続' },
  other: { en: '日本語', ja: 'English' },
} satisfies Readonly<Record<string, Text>>

export const legTexts: Readonly<Record<StatusLeg['id'], Text>> = {
  internet: { en: 'Internet', ja: 'インターネット' },
  gateway: { en: 'Gateway', ja: 'ゲートウェイ' },
  link: { en: 'Link', ja: 'リンク' },
  home: { en: 'Home', ja: '自宅' },
  mailboxes: { en: 'Mailboxes', ja: 'メールボックス' },
  search: { en: 'Search', ja: '検索' },
  outbound: { en: 'Outgoing', ja: '送信' },
  relay: { en: 'Through the gateway', ja: 'ゲートウェイ経由の送信' },
}

export const healthTexts: Readonly<Record<Health, Text>> = {
  well: { en: 'well', ja: '正常' },
  waiting: { en: 'waiting', ja: '待機' },
  broken: { en: 'broken', ja: '障害' },
}

export const eventTexts: Readonly<Record<EventKind, Text>> = {
  connected: { en: 'connected', ja: '接続' },
  refused: { en: 'refused', ja: '拒否' },
  'recipient-accepted': { en: 'recipient accepted', ja: '宛先を受付' },
  'recipient-refused': { en: 'recipient refused', ja: '宛先を拒否' },
  received: { en: 'received', ja: '受信' },
  held: { en: 'held safely', ja: '預かり' },
  'passed-on': { en: 'passed on to home', ja: '自宅へ引き渡し' },
  'attempt-deferred': { en: 'will be tried again', ja: '再試行を予定' },
  'attempt-failed': { en: 'failed', ja: '失敗' },
  delivered: { en: 'delivered', ja: '配達' },
  repeated: { en: 'came again, kept once', ja: '重複を1通に' },
  submitted: { en: 'taken from its writer', ja: '差出人から受付' },
  sent: { en: 'sent', ja: '送信' },
  removed: { en: 'removed by an administrator', ja: '管理者が取り除き' },
  'sent-on': { en: 'sent on', ja: 'ここから送出' },
  'dsn-made': { en: 'notice written', ja: '通知を作成' },
  expired: { en: 'given up', ja: '期限切れ' },
  login: { en: 'signed in', ja: 'ログイン' },
  'login-refused': { en: 'sign-in refused', ja: 'ログイン拒否' },
  learnt: { en: 'the junk filter learnt from it', ja: '迷惑メールフィルターが学習' },
}
