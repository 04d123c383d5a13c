/** 使いはじめの手順 */
import type { firstStepsEn } from './first-steps-en.ts'

export const firstStepsJa: typeof firstStepsEn = {
  title: 'はじめの一歩',
  allDone: 'これで全部です。ようこそ!',
  end: 'はじめの一歩を閉じる(次から出ません)',
  search: words => `「${words}」を検索する`,
  writeTo: address => `${address} にメールを書く`,
  done: '済み',
  open: 'まだ',
}
