/** フォルダについての言葉。 */
import type { foldersEn } from './folders-en.ts'

const number = new Intl.NumberFormat('ja')

export const foldersJa: typeof foldersEn = {
  add: 'フォルダを作成',
  change: name => `フォルダ「${name}」を変更`,
  title: 'フォルダの変更',
  name: '名前',
  below: '場所',
  top: '一番上',
  create: '作成',
  keep: '保存',
  remove: '削除…',
  removeTitle: name => `フォルダ「${name}」を削除しますか？`,
  removeText: count =>
    count === 0 ? '中にメールはありません。' : `中のメール${number.format(count)}通はゴミ箱に移ります。`,
  removeSure: 'フォルダを削除',
  hasBelow: '中にほかのフォルダがあります。先に削除するか移動してください。',
  taken: '同じ名前のフォルダがあります。',
  refused: 'この名前は使えません。',
  failed: 'うまくいきませんでした。少し待ってからお試しください。',
  makeAndMove: name => `新しいフォルダ「${name}」`,
}
