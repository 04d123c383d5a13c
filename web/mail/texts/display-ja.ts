import type { displayEn } from './display-en.ts'

export const displayJa: typeof displayEn = {
  swipe: 'スレッドのスワイプ（タッチ画面）',
  sides: { right: '右へ', left: '左へ' },
  swipes: {
    archive: 'アーカイブ',
    trash: '削除',
    read: '既読／未読',
    star: 'スター',
    junk: '迷惑メール',
    none: '何もしない',
  },
  swipeHint: 'スレッドを長押しすると選択できます。',
  keys: 'キーボード',
  singleKeys: '文字キー1つのショートカットを使う',
  singleKeysHint:
    'e、#、? などの文字キーを押すだけで操作できます。オフにしても、矢印、Enter、Delete、Escのキーは使えます。',
}
