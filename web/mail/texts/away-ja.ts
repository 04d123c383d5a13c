/** オフラインのときと、新着の知らせの言葉。 */
import type { awayEn } from './away-en.ts'

type Widened<Value> = Value extends string
  ? string
  : Value extends (...given: infer Given) => string
    ? (...given: Given) => string
    : { readonly [Name in keyof Value]: Widened<Value[Name]> }

const number = new Intl.NumberFormat('ja')

export const awayJa: Widened<typeof awayEn> = {
  reconnecting: '接続が切れています。再接続しています…',
  asOf: time => `オフライン：${time}時点の内容です。`,
  waiting: count => `${number.format(count)}件が接続を待っています`,
  lettersWait: count => `${number.format(count)}通のメールが接続を待っています`,
  waitingTitle: '接続待ち',
  waitingHint: 'サーバーにつながりしだい、この順に自動で行います。',
  nothingWaits: '待っているものはもうありません。',
  changes: count => `メールの変更 ${number.format(count)}件（移動・既読・スター）`,
  draft: '下書き',
  toBeSent: '送信待ち',
  refused: why => `サーバーに拒否されました：${why}`,
  beingAsked: '応答が途中で失われたため、送信済みかどうかを先にサーバーへ確認します。',
  takeBack: '取り消す',
  takeBackAll: '変更を取り消す',
  queued: '接続がないため、つながりしだい送信します。',
  draftKept: 'このブラウザーに保存しました',
  fileWaits: '接続待ち',
  filesTooMuch: (name, limit) =>
    `${name}は添付されていません。オフラインで保存しておけるファイルは合計${limit}までです。`,
  fileNoRoom: name => `${name}は添付されていません。オフラインのあいだ、このブラウザーには保存できません。`,
  filesWait: (count, size) => `ファイル${number.format(count)}個（${size}）`,
  wasSent: subject => `「${subject}」を送信しました。`,
  wasRefused: subject => `「${subject}」はサーバーに拒否されました。`,
  changeRefused: '接続を待っていた変更の一つがサーバーに拒否されました。',
  notKept: 'このメールはこのブラウザーに保存されていません。接続が戻ると読めます。',
  searchedHere: 'オフラインのため、このブラウザーに保存されているメールだけを検索しました。',
  contactsReadOnly: 'オフライン中は連絡先の表示だけができます。変更は接続が戻ってからできます。',
  leaveTitle: 'ログアウトしますか？',
  leaveHint: '接続を待っているものはまだ実行されておらず、ログアウトすると失われます。',
  leave: 'それでもログアウト',
  stay: '戻る',
  news: {
    title: '新着メールの通知',
    choices: { off: 'オフ', open: 'ウェブメールを開いているとき', closed: '閉じているときも' },
    hint: '受信トレイに届いた未読のメールだけをお知らせします。設定はこのブラウザーだけのものです。',
    hides: '差出人と件名を表示せず、届いたことだけを知らせる',
    denied:
      'ブラウザーで通知が許可されていません。ブラウザーの設定でこのページの通知を許可してから、もう一度選んでください。',
    failed: 'ブラウザーのプッシュサービスから応答がありません。しばらくしてからお試しください。',
    cannot: 'このブラウザーではこのページの通知を表示できません。',
    cannotPush: 'このブラウザーでは、ウェブメールを閉じているあいだの通知はできません。',
  },
}
