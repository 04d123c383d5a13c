import type { Text } from '#base/text.ts'
import type { PasswdProblemCode } from './passwd-import.ts'

export const passwdTexts: Readonly<Record<PasswdProblemCode, Text>> = {
  bom: {
    en: 'the file begins with a byte order mark; Dovecot would read it as part of the first name',
    ja: 'ファイルの先頭にBOMがあります。Dovecotでは最初の名前の一部として読まれます',
  },
  crlf: {
    en: 'line ends are CRLF; Dovecot would read the CR as part of the last field',
    ja: '改行がCRLFです。Dovecotでは最後の欄の一部として読まれます',
  },
  'quota-not-understood': {
    en: 'the quota rule is not understood and left out',
    ja: '容量の指定を読み取れないため省きます',
  },
  'bad-line': { en: 'this line has no user and password', ja: 'ユーザー名とパスワードの欄がありません' },
  'not-utf8': { en: 'the file is not UTF-8', ja: 'ファイルがUTF-8ではありません' },
  'too-many-lines': {
    en: 'the file is too long; the rest is not read',
    ja: 'ファイルが長すぎるため、この先は読みません',
  },
  empty: { en: 'the file holds no users', ja: 'ユーザーが1人もいません' },
  'bad-address': { en: 'the name makes no e-mail address', ja: 'メールアドレスとして使えない名前です' },
  'bad-hash': {
    en: 'the stored hash is malformed; nobody could log in with it',
    ja: 'パスワードのハッシュが壊れています。このままでは誰もログインできません',
  },
  duplicate: {
    en: 'this user stands in the file already; the first line counts',
    ja: '同じユーザーが前にもあります。最初の行を使います',
  },
  'is-alias': { en: 'this address is an alias here', ja: 'このアドレスは別名（エイリアス）として登録されています' },
  'no-domain': {
    en: 'the name has no domain: say which (--domain)',
    ja: '名前にドメインがありません。--domain で指定してください',
  },
  'unknown-domain': {
    en: 'the domain is not one of ours: add it first, or allow it (--add-domains)',
    ja: 'このドメインは登録されていません。先に追加するか --add-domains を指定してください',
  },
  exists: {
    en: 'the user exists: keep the present password, or take the one of the file (--replace-passwords)',
    ja: 'すでにいるユーザーです。ファイルのパスワードに置き換えるなら --replace-passwords を指定してください',
  },
  'no-password': {
    en: 'no password: leave the user out, or make it without one (--without-password)',
    ja: 'パスワードがありません。パスワードなしで作るなら --without-password を指定してください',
  },
}
