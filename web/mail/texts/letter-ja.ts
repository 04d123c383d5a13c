/** 読んでいるメールでできること。 */
import type { Texts } from './en.ts'

export const letterJa: Texts['letter'] = {
  trustNotKept: 'この送信者の画像を常に表示する設定を保存できませんでした。',
  leave: '配信停止',
  left: '配信停止済み',
  leaving: '配信停止を依頼しています…',
  leaveTitle: 'メーリングリストの配信停止',
  leaveByClick: (host, signedBy) =>
    `サーバーがあなたに代わって、配信をやめるよう${host}に一度だけ依頼します。ほかの情報は伝わりません。${signedBy}の署名を確認済みです。`,
  leaveByMail: address => `${address}にメールを書きます。送信前に内容を確認できます。`,
  leaveByPage: host => `${host}のページを開きます。新しいウィンドウで開き、ブラウザの情報が相手に伝わります。`,
  writeIt: 'メールを書く',
  openPage: 'ページを開く',
  leaveDone: host => `${host}が受け付けました。配信は停止されます。`,
  leaveRefused: (host, status) => `${host}は受け付けませんでした(応答${status})。`,
  leaveUnreachable: host => `${host}に接続できませんでした。`,
  notTried: '処理できませんでした。しばらくしてからもう一度お試しください。',
  theySay: words => `相手からの応答：「${words}」`,
  archiveList: 'このリストのメールをすべてアーカイブ',
  trashList: 'このリストのメールをすべて削除',
  charset: '文字コード…',
  declared: 'メールの表記',
  found: '読み取りに使用',
  nothing: 'なし',
  viewAs: '表示に使う文字コード',
  asFound: '自動に戻す',
  show: '表示',
  viewedAs: charset => `${charset}で表示しています。`,
  files: '添付ファイル',
}
