/** All that people may be shown of our responses. Before the login it is English; afterwards the user's language. RFC 5804 §1.7, LANGUAGE */
import type { Text } from '#base/text.ts'

export const texts = {
  ready: { en: 'ManageSieve is ready', ja: 'ManageSieveの準備ができました' },
  goodbye: { en: 'Goodbye', ja: 'さようなら' },
  done: { en: 'Done', ja: '完了' },
  logInFirst: { en: 'Log in first', ja: '先にログインしてください' },
  loggedIn: { en: 'Not after a login', ja: 'ログイン後には使えません' },
  loginDone: { en: 'Logged in', ja: 'ログインしました' },
  loggedOut: { en: 'Logged out', ja: 'ログアウトしました' },
  tlsActive: { en: 'TLS is active already', ja: 'すでにTLSで接続しています' },
  tlsNotOffered: { en: 'TLS is not offered here', ja: 'ここではTLSを使えません' },
  tlsBegins: { en: 'Begin TLS', ja: 'TLSを始めてください' },
  tlsDone: { en: 'TLS is active', ja: 'TLSで接続しました' },
  tlsFirst: {
    en: 'Passwords are taken over TLS only: use STARTTLS',
    ja: 'パスワードはTLSでのみ受け付けます。STARTTLSを使ってください',
  },
  noMechanism: { en: 'This mechanism is not offered', ja: 'この認証方式は使えません' },
  badResponse: { en: 'The response is not base64', ja: '応答がBase64ではありません' },
  givenUp: { en: 'The exchange was cancelled', ja: '認証を中止しました' },
  saslProblem: { en: 'The login failed', ja: '認証の手順が正しくありません' },
  wrongLogin: { en: 'Name or password is wrong', ja: '名前かパスワードが違います' },
  appPasswordNeeded: {
    en: 'This account has a second factor: programs need an app password',
    ja: 'この利用者は二段階認証を使っています。アプリにはアプリパスワードが必要です',
  },
  unavailable: {
    en: 'The login cannot be checked right now, try again later',
    ja: '今はログインを確認できません。しばらくしてからもう一度お試しください',
  },
  unknownCommand: { en: 'There is no such command', ja: 'そのコマンドはありません' },
  badArguments: { en: 'The arguments do not fit this command', ja: '引数がこのコマンドに合いません' },
  badSyntax: { en: 'This is not a command of RFC 5804', ja: 'RFC 5804のコマンドではありません' },
  notUtf8: { en: 'This is not UTF-8', ja: 'UTF-8ではありません' },
  lineTooLong: { en: 'The line is too long', ja: '行が長すぎます' },
  literalTooLong: { en: 'The literal is too long', ja: 'リテラルが長すぎます' },
  tooManyBadRequests: { en: 'Too much that is no command', ja: 'コマンドでないものが多すぎます' },
  shuttingDown: {
    en: 'The server is shutting down, come again',
    ja: 'サーバーを停止します。あとで接続し直してください',
  },
  silentTooLong: { en: 'Silent for too long', ja: '長い間、何も届きませんでした' },
  loginEnded: { en: 'The login is no longer valid', ja: 'ログインが無効になりました' },
  ourFault: {
    en: 'Something went wrong on our side, try again later',
    ja: 'サーバー側で問題が起きました。しばらくしてからもう一度お試しください',
  },
  badName: {
    en: 'No script can have this name: 1 to 128 characters, none of them a control character',
    ja: 'スクリプトの名前には使えません。1〜128文字で、制御文字は含められません',
  },
  noSuchScript: { en: 'There is no such script', ja: 'そのスクリプトはありません' },
  exists: { en: 'There is a script of that name already', ja: 'その名前のスクリプトがすでにあります' },
  isActive: { en: 'The active script cannot be deleted', ja: '有効なスクリプトは削除できません' },
  tooMany: { en: 'There are too many scripts', ja: 'スクリプトが多すぎます' },
} satisfies Record<string, Text>

export function tooLargeText(limitBytes: number | undefined): Text {
  if (limitBytes === undefined) return { en: 'The script is too large', ja: 'スクリプトが大きすぎます' }
  return {
    en: `The script is too large: ${limitBytes} octets are the limit`,
    ja: `スクリプトが大きすぎます。上限は${limitBytes}バイトです`,
  }
}

export function allTooLargeText(limitBytes: number): Text {
  return {
    en: `The scripts together are too large: ${limitBytes} octets are the limit`,
    ja: `スクリプト全体が大きすぎます。合計の上限は${limitBytes}バイトです`,
  }
}

export function throttledText(seconds: number): Text {
  return {
    en: `Too many wrong passwords, try again in ${seconds} seconds`,
    ja: `パスワードの誤りが続きました。${seconds}秒後にもう一度お試しください`,
  }
}
