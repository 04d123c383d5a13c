/** What notifications say. The worker has no page, and so no catalogue of one; both languages are told apart as texts/ does. */
const number = new Intl.NumberFormat()

export const notifyWords = {
  en: {
    newLetters: (count: number) => `${number.format(count)} new letters`,
    newMail: 'New mail',
    noSubject: '(no subject)',
    unknown: '(unknown sender)',
    ready: 'Notifications are on',
    readyBody: 'This device is told of new mail, also while no page is open.',
  },
  ja: {
    newLetters: (count: number) => `新着メール ${number.format(count)}通`,
    newMail: '新着メール',
    noSubject: '（件名なし）',
    unknown: '（差出人不明）',
    ready: '通知がオンになりました',
    readyBody: 'ページを開いていなくても、この端末に新着をお知らせします。',
  },
} as const
