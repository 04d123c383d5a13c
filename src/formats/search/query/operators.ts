/** The words of the query language, in English and Japanese. Compared in NFKC and lower case. */
import type { DateOperator, SizeOperator, State, TextField } from './query.ts'

export type Operator = TextField | DateOperator | SizeOperator | 'header' | 'has' | 'in' | 'label' | 'is' | 'attached'

/** The first English and the first Japanese name are those that are printed. */
const operatorNames: Readonly<Record<Operator, { readonly en: readonly string[]; readonly ja: readonly string[] }>> = {
  from: { en: ['from'], ja: ['差出人', '送信者', '発信者', '送信元'] },
  to: { en: ['to'], ja: ['宛先', '受信者', '送信先'] },
  cc: { en: ['cc'], ja: ['cc', '写し'] },
  bcc: { en: ['bcc'], ja: ['bcc', '秘密の写し'] },
  subject: { en: ['subject'], ja: ['件名', '題名', '表題', 'タイトル'] },
  body: { en: ['body'], ja: ['本文', '内容'] },
  filename: { en: ['filename', 'file'], ja: ['ファイル名', 'ファイル', '添付ファイル名'] },
  list: { en: ['list'], ja: ['メーリングリスト', 'リスト'] },
  header: { en: ['header'], ja: ['ヘッダー', 'ヘッダ'] },
  has: { en: ['has'], ja: ['has', 'あるもの'] },
  // 添付:あり, or a name
  attached: { en: ['attached', 'attachment'], ja: ['添付', '添付ファイル'] },
  in: { en: ['in', 'mailbox', 'folder'], ja: ['場所', 'フォルダ', 'フォルダー', 'メールボックス'] },
  label: { en: ['label', 'tag'], ja: ['ラベル', 'タグ'] },
  is: { en: ['is'], ja: ['状態'] },
  before: { en: ['before'], ja: ['より前', '以前', 'まで'] },
  after: { en: ['after', 'since'], ja: ['以降', '以後', 'から'] },
  on: { en: ['on', 'date'], ja: ['日付', '日'] },
  older: { en: ['older', 'older_than'], ja: ['より古い', '古い'] },
  newer: { en: ['newer', 'newer_than'], ja: ['より新しい', '新しい'] },
  larger: { en: ['larger', 'size'], ja: ['より大きい', 'サイズ以上', '大きい'] },
  smaller: { en: ['smaller'], ja: ['より小さい', 'サイズ以下', '小さい'] },
}

const stateNames: Readonly<Record<State, { readonly en: readonly string[]; readonly ja: readonly string[] }>> = {
  unread: { en: ['unread', 'unseen'], ja: ['未読'] },
  read: { en: ['read', 'seen'], ja: ['既読'] },
  starred: { en: ['starred', 'flagged'], ja: ['スター付き', 'スター', '星付き', 'フラグ付き'] },
  unstarred: { en: ['unstarred', 'unflagged'], ja: ['スターなし', '星なし'] },
  answered: { en: ['answered', 'replied'], ja: ['返信済み', '返信済'] },
  unanswered: { en: ['unanswered', 'unreplied'], ja: ['未返信'] },
  draft: { en: ['draft'], ja: ['下書き'] },
  forwarded: { en: ['forwarded'], ja: ['転送済み', '転送済'] },
}

export const attachmentWords: ReadonlySet<string> = new Set(
  'attachment attachments file files yes あり 有り 有 添付 添付ファイル ファイル'.split(' '),
)
export const noAttachmentWords: ReadonlySet<string> = new Set('no none なし 無し 無'.split(' '))
export const orWords: ReadonlySet<string> = new Set(['OR', '|', 'または', '又は'])
export const andWords: ReadonlySet<string> = new Set(['AND', 'かつ'])
export const notWords: ReadonlySet<string> = new Set(['NOT'])

/** Roles of mailboxes (RFC 8621 §2, IANA's registry) by what people call them */
export const roleNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    inbox: 'inbox 受信箱 受信トレイ',
    sent: 'sent 送信済み 送信済 送信箱',
    drafts: 'drafts draft 下書き',
    trash: 'trash deleted ゴミ箱 ごみ箱',
    junk: 'junk spam 迷惑メール 迷惑',
    archive: 'archive アーカイブ 保管',
  }).flatMap(([role, names]) => names.split(' ').map(name => [name, role] as const)),
)

export const everywhere: ReadonlySet<string> = new Set('anywhere all すべて 全て 全部'.split(' '))

export function plainName(written: string): string {
  return written.normalize('NFKC').toLowerCase()
}

function byName<Key extends string>(
  names: Readonly<Record<Key, { readonly en: readonly string[]; readonly ja: readonly string[] }>>,
): ReadonlyMap<string, Key> {
  const entries = Object.entries(names) as [Key, { en: readonly string[]; ja: readonly string[] }][]
  return new Map(entries.flatMap(([key, { en, ja }]) => [...en, ...ja].map(name => [plainName(name), key] as const)))
}

const operators = byName(operatorNames)
const states = byName(stateNames)

export function operatorNamed(name: string): Operator | undefined {
  return operators.get(plainName(name))
}

export function stateNamed(name: string): State | undefined {
  return states.get(plainName(name))
}

export function nameOfOperator(operator: Operator, language: 'en' | 'ja'): string {
  return operatorNames[operator][language][0] ?? operator
}

export function nameOfState(state: State, language: 'en' | 'ja'): string {
  return stateNames[state][language][0] ?? state
}
