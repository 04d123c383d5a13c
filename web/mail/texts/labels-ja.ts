/** ラベルの言葉。 */
import type { labelsEn } from './labels-en.ts'

type Widened<Value> = Value extends string
  ? string
  : Value extends (...given: infer Given) => string
    ? (...given: Given) => string
    : { readonly [Name in keyof Value]: Widened<Value[Name]> }

const number = new Intl.NumberFormat('ja')

export const labelsJa: Widened<typeof labelsEn> = {
  standard: { $label1: '重要', $label2: '仕事', $label3: 'プライベート', $label4: 'ToDo', $label5: '後で' },
  operator: 'ラベル',
  title: 'ラベル',
  choose: 'ラベル…',
  find: 'ラベルを探す・新しい名前を入力',
  create: name => `新しいラベル「${name}」を作成`,
  none: 'ラベルはまだありません。名前を入力すると作れます。',
  manage: 'ラベルの管理…',
  off: name => `ラベル「${name}」を外す`,
  some: '一部に付いています',
  name: '名前',
  color: name => `「${name}」の色`,
  colors: {
    red: '赤',
    orange: 'オレンジ',
    yellow: '黄',
    green: '緑',
    teal: '青緑',
    blue: '青',
    purple: '紫',
    pink: 'ピンク',
    brown: '茶',
    gray: 'グレー',
  },
  add: '追加',
  newName: '新しいラベル',
  rename: name => `「${name}」の名前`,
  remove: name => `「${name}」を削除`,
  removeTitle: name => `ラベル「${name}」を削除しますか？`,
  removeText: count =>
    count === 0
      ? 'このラベルが付いたメールはありません。'
      : `${number.format(count)}通のメールから外されます。メールそのものは今の場所に残ります。`,
  removeSure: 'ラベルを削除',
  taken: '同じ名前のラベルがあります。',
  notKept: '保存できませんでした。',
  hint: 'メールソフトからはキーワード（タグ）として見えます。Thunderbirdに初めからあるタグは、Thunderbirdと同じ名前です。',
  keyword: keyword => `メールソフトでのキーワード：${keyword}`,
  added: (count, name) => `${number.format(count)}件に「${name}」を付けました`,
  takenOff: (count, name) => `${number.format(count)}件から「${name}」を外しました`,
}
