/** メールの足どりの日本語。ダイアログと一緒に読み込まれる。 */
import type { Asked, TrackTexts } from './track-en.ts'

const server = ({ domain, host }: Asked) => {
  const name = domain === undefined ? '相手のサーバー' : `${domain} のメールサーバー`
  return host === undefined ? name : `${name}(${host.replace(', ', '、')})`
}
const units = [
  ['日', 86_400_000],
  ['時間', 3_600_000],
  ['分', 60_000],
  ['秒', 1_000],
] as const

export const trackJa: TrackTexts = {
  loading: 'サーバーに問い合わせています…',
  failed: '現在、足どりを調べられません。',
  stored: date =>
    `このメールの配達の記録はありません。${date}からこのアカウントにあります。メールソフトが保存したもの、取り込んだもの、または記録の保存期間より前に届いたものです。`,
  nothing: '記録の保存期間が過ぎています。',
  byMessageId: 'Message-IDだけで見つけた記録です。同じメールの別の写しのものかもしれません。',
  omitted: 'これより前の記録は省略しています。',
  away: (box, since) =>
    since === undefined
      ? `${box}が今は応答しません。そこでの記録が欠けている場合があります。`
      : `${box}が今は応答しません(最後の応答は${since})。そこでの記録が欠けている場合があります。`,
  unknownBox: box => `${box}にはまだ問い合わせられません。起動してから一度も応答がありません。`,
  receivedIn: time => `${time}で届きました`,
  received: '届いています',
  deliveredIn: time => `${time}で配達しました`,
  delivered: '配達済み',
  waitingFor: time => `送信を始めて${time}`,
  failedHead: '配達できませんでした',
  partly: (done, all) => `${all}件中${done}件を配達済み`,
  recipients: '宛先',
  steps: '経過',
  state: {
    waiting: '待機中',
    trying: '送信中',
    held: '保留中',
    delivered: '配達済み',
    failed: '不達',
    removed: '取り消し',
    unknown: '記録なし',
  },
  next: time => `次の試行は${time}`,
  attempts: count => `試行${count}回`,
  who: { gateway: 'ゲートウェイ', home: '自宅のサーバー', both: 'サーバー' },
  chip: { gateway: 'ゲートウェイ', home: '自宅', both: 'サーバー' },
  tookIn: (who, from, tls) =>
    `${who}が${from === undefined ? '' : `${from}から`}${tls === undefined ? '' : `${tls}で`}受け取りました。`,
  keeps: who => `自宅のサーバーが応答しないため、${who}が預かっています。応答しだい届けます。`,
  passedOn: who => `${who}が自宅のサーバーに渡しました。`,
  homeLater: reply => `自宅のサーバーはまだ受け取れません: ${reply}`,
  homeRefused: reply => `受け取りを断りました: ${reply}`,
  filed: (who, places) => `${who}が「${places.join('」「')}」に入れました`,
  arrivedAt: who => `${who}に届いています。`,
  keptNowhere: who => `${who}は保存しませんでした`,
  by: {
    script: '(フィルターの指定)。',
    'junk filter': '(迷惑メールと判定)。',
    loop: '(以前にここを通ったため)。',
  },
  end: '。',
  after: time => `ゲートウェイが受け取ってから${time}後です。`,
  repeated: '同じメールがもう一度届いたため、最初の1通を残しました。',
  sentOn: {
    redirect: to => `フィルターが${to}に転送しました。`,
    reply: to => `${to}に自動返信しました。`,
    notify: to => `${to}に通知しました。`,
  },
  somethingSent: to => `フィルターが${to}にメールを送りました。`,
  submitted: count => (count === 1 ? '送信しました。' : `${count}件の宛先に送信しました。`),
  took: asked => `${server(asked)}が受け取りました。`,
  tookHere: to => `${to}のメールボックスに入りました。`,
  said: (asked, reply) => `${server(asked)}の返答: ${reply}`,
  notReached: (domain, reply) => `${domain ?? '宛先'} のメールサーバーに接続できませんでした: ${reply}`,
  refused: (asked, reply) => `${server(asked)}が受け取りを断りました: ${reply}`,
  refusedHere: reply => `配達できませんでした: ${reply}`,
  expired: '再試行の期限が過ぎたため、送信をやめました。',
  removed: '管理者が送信待ちから取り除きました。',
  told: '結果をメールでお知らせしました。',
  over: tls => `${tls}で送信。`,
  secondHand: 'メールと一緒に伝えられた記録です(今は問い合わせていません)。',
  verdicts: '差出人の確認',
  reasons: '迷惑メールと判定した理由',
  score: score => `点数 ${score}`,
  words: 'サーバーの応答(原文)',
  copy: 'テキストでコピー',
  copied: 'コピーしました',
  duration: ms => {
    if (ms < 9_950) return `${(ms / 1000).toFixed(1)}秒`
    const at = units.findIndex(([, size]) => ms >= size)
    const [unit, size] = units[at] ?? units[3]
    const rest = units[at + 1]
    const left = rest ? Math.floor((ms % size) / rest[1]) : 0
    return `${Math.floor(ms / size)}${unit}${rest && left > 0 ? `${left}${rest[0]}` : ''}`
  },
}
