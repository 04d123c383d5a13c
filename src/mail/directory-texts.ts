/** What a refused change to the directory tells the person who asked for it. `detail` follows in brackets where there is one. */
import type { Text } from '#base/text.ts'
import type { DirectoryRefusal } from './directory.ts'

const texts: Readonly<Record<DirectoryRefusal['refused'], Text>> = {
  'bad-address': { en: 'This is not an e-mail address', ja: 'メールアドレスの形式ではありません' },
  'bad-domain': { en: 'This is not a domain name', ja: 'ドメイン名の形式ではありません' },
  'no-such-domain': { en: 'This domain is not one of ours', ja: 'このドメインは登録されていません' },
  'no-such-user': { en: 'There is no such user', ja: '該当するユーザーがいません' },
  'no-such-alias': { en: 'There is no such alias', ja: '該当する別名（エイリアス）がありません' },
  exists: { en: 'It exists already', ja: 'すでに存在します' },
  'recently-deleted': {
    en: 'This address was deleted less than 30 days ago; mail for its former owner may still arrive',
    ja: 'このアドレスは削除から30日たっていません。以前の持ち主宛のメールがまだ届くかもしれません',
  },
  'domain-in-use': { en: 'The domain still has addresses', ja: 'ドメインにまだアドレスが残っています' },
  'target-not-local': {
    en: 'The target must be another address of ours and must not lead back',
    ja: '転送先はこのサーバーにある別のアドレスで、循環しないものにしてください',
  },
  'bad-hash': {
    en: 'The stored hash is malformed; nobody could log in with it',
    ja: 'パスワードのハッシュが壊れています。このままでは誰もログインできません',
  },
  'bad-mailbox': { en: 'No mailbox can have this name', ja: 'メールボックスの名前として使えません' },
  'weak-password': { en: 'The password is guessable', ja: '推測されやすいパスワードです' },
}

/** One line: `The password is guessable (shorter than 8 characters)`; the detail is English in both. */
export function directoryRefusalText(refusal: DirectoryRefusal): Text {
  const { en, ja } = texts[refusal.refused]
  if (refusal.detail === undefined) return { en, ja }
  return { en: `${en} (${refusal.detail})`, ja: `${ja}（${refusal.detail}）` }
}
