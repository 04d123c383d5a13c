/** 読んでいるメールでできること。 */
import type { Texts } from './en.ts'

export const letterJa: Texts['letter'] = {
  trustNotKept: 'この送信者の画像を常に表示する設定を保存できませんでした。',
}
