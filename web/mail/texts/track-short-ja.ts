/** メールの足どりのうち、メニューと送信済みメールに出る日本語。 */
import type { trackShortEn } from './track-short-en.ts'

export const trackShortJa: typeof trackShortEn = {
  title: 'このメールの足どり',
  sent: {
    sending: '送信中',
    waiting: '送信待ち',
    held: '保留中',
    delivered: '配達済み',
    failed: '不達',
    partly: '一部を配達済み',
  },
}
