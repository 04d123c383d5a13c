/** All that people may be shown of our replies, in each language that LANG offers. Keywords, codes and numbers stand around them. */
import type { Language, Text } from '#base/text.ts'

/** What LANG lists, by its tags (RFC 5646); the first is spoken until a client asks for another. RFC 6856 §3 */
export const languages: readonly { readonly tag: string; readonly language: Language; readonly name: string }[] = [
  { tag: 'en', language: 'en', name: 'English' },
  { tag: 'ja', language: 'ja', name: '日本語' },
  { tag: 'i-default', language: 'en', name: 'Default language' },
]

/** The best of ours for a tag: `ja-JP` is `ja`. RFC 4647 §3.4 */
export function lookUpLanguage(range: string): (typeof languages)[number] | undefined {
  for (let tag = range.toLowerCase(); tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
    const found = languages.find(one => one.tag === tag)
    if (found) return found
  }
  return undefined
}

export const texts = {
  goodbye: { en: 'Goodbye', ja: 'さようなら' },
  noSuchMessage: { en: 'There is no such message', ja: 'そのメッセージはありません' },
  gone: {
    en: 'This message was removed by another client',
    ja: 'このメッセージはほかのクライアントが削除しました',
  },
  logInFirst: { en: 'Log in first', ja: '先にログインしてください' },
  loggedIn: { en: 'You are logged in already', ja: 'すでにログインしています' },
  capabilities: { en: 'Capabilities follow', ja: '使える機能の一覧です' },
  tlsActive: { en: 'TLS is active already', ja: 'すでにTLSで接続しています' },
  tlsNotOffered: { en: 'TLS is not offered here', ja: 'ここではTLSを使えません' },
  tlsBegins: { en: 'Begin TLS', ja: 'TLSを始めてください' },
  tlsTooLate: { en: 'STLS must come before UTF8', ja: 'STLSはUTF8より先に送ってください' },
  tlsFirst: {
    en: 'Passwords are taken over TLS only: use STLS or port 995',
    ja: 'パスワードはTLSでのみ受け付けます。STLSまたはポート995を使ってください',
  },
  notRemoved: {
    en: 'Not all marked messages were removed',
    ja: '削除の印を付けたメッセージの一部を削除できませんでした',
  },
  utf8Mode: { en: 'UTF-8 mode', ja: 'UTF-8を使います' },
  languagesFollow: { en: 'Language listing follows', ja: '言語の一覧です' },
  languageUnknown: { en: 'That language is not offered', ja: 'その言語は使えません' },
  userFirst: { en: 'USER comes first', ja: '先にUSERを送ってください' },
  badInitial: { en: 'The initial response is not base64', ja: '最初の応答がbase64ではありません' },
  badResponse: { en: 'The response is not base64', ja: '応答がbase64ではありません' },
  noMechanism: { en: 'That mechanism is not offered', ja: 'その認証方式は使えません' },
  givenUp: { en: 'The exchange was given up', ja: '認証を取りやめました' },
  saslProblem: { en: 'The exchange failed', ja: '認証のやり取りが正しくありません' },
  wrongLogin: { en: 'Name or password is wrong', ja: 'ユーザー名またはパスワードが違います' },
  appPasswordNeeded: {
    en: 'This account has a second factor: programs need an app password',
    ja: 'この利用者は二段階認証を使っています。アプリにはアプリパスワードが必要です',
  },
  unavailable: {
    en: 'Logins cannot be checked now, try again later',
    ja: '今はログインを確かめられません。しばらくして試してください',
  },
  cannotOpen: {
    en: 'The mailbox cannot be opened now, try again later',
    ja: '今はメールボックスを開けません。しばらくして試してください',
  },
  noDrop: {
    en: 'The mailbox that was chosen for POP3 does not exist',
    ja: 'POP3用に選ばれたメールボックスがありません',
  },
  topFollows: { en: 'Top of the message follows', ja: 'メッセージの先頭部分です' },
  lineTooLong: { en: 'The line is too long', ja: '行が長すぎます' },
  silentTooLong: { en: 'Silent for too long', ja: '長い間何も送られませんでした' },
  shuttingDown: { en: 'The server is shutting down', ja: 'サーバーを停止します' },
  loginEnded: { en: 'This login has been ended', ja: 'このログインは終了されました' },
} as const satisfies Readonly<Record<string, Text>>

/** RFC 6856 §3: the tag comes first. */
export const languageChanged = (tag: string): Text => ({
  en: `${tag} The language has been changed`,
  ja: `${tag} 言語を切り替えました`,
})
export const marked = (number: number): Text => ({
  en: `Message ${number} is marked`,
  ja: `メッセージ${number}に削除の印を付けました`,
})
export const countText = (count: number): Text => ({ en: `${count} messages`, ja: `${count}通あります` })
export const totalText = (count: number, octets: number): Text => ({
  en: `${count} messages (${octets} octets)`,
  ja: `${count}通(${octets}オクテット)`,
})
export const octetsText = (octets: number): Text => ({ en: `${octets} octets`, ja: `${octets}オクテット` })
export const throttledText = (seconds: number): Text => ({
  en: `Too many failures: try again in ${seconds} s`,
  ja: `失敗が続いたため、${seconds}秒後にもう一度試してください`,
})
