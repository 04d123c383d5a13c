/** リスト全体への操作のあいだに表示する言葉。 */
import type { bulkEn } from './bulk-en.ts'

const number = new Intl.NumberFormat('ja')
const 通 = (count: number) => `${number.format(count)}通`
const 件 = (count: number) => `${number.format(count)}件`

export const bulkJa: typeof bulkEn = {
  loaded: count => `読み込み済みの${件(count)}を選択しました。`,
  takeMailbox: count => `ここにあるスレッド${件(count)}をすべて選択`,
  takeSearch: count => `見つかったスレッド${件(count)}をすべて選択`,
  collecting: found => `選択しています… ${件(found)}`,
  stop: '中止',
  allOfMailbox: count => `いまここにある${通(count)}をすべて選択しました。このあとに届くメールは含みません。`,
  allOfSearch: count => `見つかった${通(count)}をすべて選択しました。このあとに届くメールは含みません。`,
  bounded: (count, total) => `${通(total)}のうち新しい${通(count)}を選択しました。一度に操作できるのはここまでです。`,
  onlyLoaded: '読み込み済みだけを選択',
  changing: '一覧が頻繁に変わっているため、すべてを選択できませんでした。少し待ってからお試しください。',
  destroySure: count => `${通(count)}を完全に削除しますか？`,
  doing: {
    archive: 'アーカイブしています',
    trash: 'ゴミ箱に移しています',
    junk: '迷惑メールに移しています',
    notJunk: '受信トレイに戻しています',
    move: '移動しています',
    destroy: '削除しています',
    star: 'スターを付けています',
    unstar: 'スターを外しています',
    read: '既読にしています',
    unread: '未読にしています',
    label: 'ラベルを変更しています',
    undo: '元に戻しています',
  },
  progress: (seen, total) => `${number.format(total)}通中${number.format(seen)}通`,
  busy: 'ほかの一括操作が終わるまでお待ちください。',
  done: count => `${通(count)}を処理しました。`,
  stopped: count => `中止しました。${通(count)}は処理済みです。`,
  failed: count => `一部が失敗しました。${通(count)}は処理済みです。`,
  undone: count => `${通(count)}を元に戻しました。`,
}
