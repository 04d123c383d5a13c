/** The reasons of a verdict in words, by their code. Values out of a message are shown as they are: whoever prints them sees to controls. */
import type { Text } from '#base/text.ts'
import { remarkText } from '../checks/texts.ts'
import type { ContentReason } from '../judging.ts'

type Detail = Readonly<Record<string, string | number>>
type Words = Text | ((detail: Detail) => Text)

const of = (detail: Detail, name: string): string => String(detail[name] ?? '?')

const reasons: Readonly<Record<string, Words>> = {
  // what was learnt
  'like-junk': ({ words = '', junk = 0, ham = 0 }) => ({
    en: `It is like letters that you moved to Junk${quotedWords(words, 'en')}; learnt from ${junk} of those and ${ham} others.`,
    ja: `迷惑メールに移したメールに似ています${quotedWords(words, 'ja')}。迷惑メール${junk}通、それ以外${ham}通から学習しました。`,
  }),
  'like-ham': ({ words = '', junk = 0, ham = 0 }) => ({
    en: `It is like letters that you kept${quotedWords(words, 'en')}; learnt from ${ham} of those and ${junk} junk.`,
    ja: `残しておいたメールに似ています${quotedWords(words, 'ja')}。それらの${ham}通と迷惑メール${junk}通から学習しました。`,
  }),
  contact: detail => ({
    en: `${of(detail, 'address')} is in your contacts.`,
    ja: `${of(detail, 'address')} は連絡先に登録されています。`,
  }),
  correspondent: detail => ({
    en: `You have written to ${of(detail, 'address')}.`,
    ja: `${of(detail, 'address')} にメールを送ったことがあります。`,
  }),
  'sender-kept': detail => ({
    en: `You kept earlier letters from ${of(detail, 'address')}.`,
    ja: `${of(detail, 'address')} からの以前のメールを残しています。`,
  }),
  'sender-junk': detail => ({
    en: `You moved letters from ${of(detail, 'address')} to Junk.`,
    ja: `${of(detail, 'address')} からのメールを迷惑メールに移したことがあります。`,
  }),
  'domain-junk': detail => ({
    en: `You moved letters of the same domain as ${of(detail, 'address')} to Junk.`,
    ja: `${of(detail, 'address')} と同じドメインからのメールを迷惑メールに移したことがあります。`,
  }),
  'domain-kept': detail => ({
    en: `You kept letters of the same domain as ${of(detail, 'address')}.`,
    ja: `${of(detail, 'address')} と同じドメインからのメールを残しています。`,
  }),
  'first-letter': detail => ({
    en: `It is the first letter from ${of(detail, 'address')}.`,
    ja: `${of(detail, 'address')} からの最初のメールです。`,
  }),
  // where it is from
  'dmarc-reject': detail => ({
    en: `It is not from ${of(detail, 'domain')}, whose owner asks to refuse such letters (DMARC).`,
    ja: `${of(detail, 'domain')} から送られたものではなく、ドメインの持ち主はこのようなメールの拒否を求めています(DMARC)。`,
  }),
  'dmarc-quarantine': detail => ({
    en: `It is not from ${of(detail, 'domain')}, whose owner asks to treat such letters as junk (DMARC).`,
    ja: `${of(detail, 'domain')} から送られたものではなく、ドメインの持ち主はこのようなメールを迷惑メールとするよう求めています(DMARC)。`,
  }),
  'dmarc-fail': detail => ({
    en: `Nothing proves that it is from ${of(detail, 'domain')} (DMARC fails).`,
    ja: `${of(detail, 'domain')} から送られた証拠がありません(DMARCに失敗)。`,
  }),
  'dmarc-pass': detail => ({
    en: `It is surely from ${of(detail, 'domain')} (DMARC passes).`,
    ja: `${of(detail, 'domain')} から送られたことが確かです(DMARCに合格)。`,
  }),
  'spf-fail': detail => ({
    en: `The server may not send for ${of(detail, 'domain')} (SPF fails).`,
    ja: `送信サーバーは ${of(detail, 'domain')} のメールを送ることを許されていません(SPFに失敗)。`,
  }),
  'spf-softfail': detail => ({
    en: `The server probably may not send for ${of(detail, 'domain')} (SPF softfail).`,
    ja: `送信サーバーは ${of(detail, 'domain')} のメールを送ることをおそらく許されていません(SPFがsoftfail)。`,
  }),
  'dkim-fail': { en: 'Its signature does not hold (DKIM fails).', ja: '署名が正しくありません(DKIMに失敗)。' },
  unproved: { en: 'Nothing proves where it is from.', ja: 'どこから送られたかを示す証拠がありません。' },
  'no-reverse': {
    en: 'The server’s address has no name that leads back to it.',
    ja: '送信サーバーのIPアドレスを正しく逆引きできません。',
  },
  listed: detail => ({
    en: `The server is on the list ${of(detail, 'zone')}.`,
    ja: `送信サーバーが一覧 ${of(detail, 'zone')} に載っています。`,
  }),
  allowed: detail => ({
    en: `The server is on the list of good ones ${of(detail, 'zone')}.`,
    ja: `送信サーバーが信頼できるサーバーの一覧 ${of(detail, 'zone')} に載っています。`,
  }),
  // the header
  'no-date': { en: 'It has no date.', ja: '日付がありません。' },
  'date-far': detail => ({
    en: `Its date is ${of(detail, 'days')} days away.`,
    ja: `日付が${of(detail, 'days')}日ずれています。`,
  }),
  'no-message-id': { en: 'It has no Message-ID.', ja: 'Message-IDがありません。' },
  'no-from': { en: 'It names no sender.', ja: '差出人がありません。' },
  'several-from': { en: 'It names several senders.', ja: '差出人が複数あります。' },
  'from-shows-other-address': detail => ({
    en: `The sender’s name shows ${of(detail, 'shown')}, the address is ${of(detail, 'address')}.`,
    ja: `差出人の名前に ${of(detail, 'shown')} とありますが、実際のアドレスは ${of(detail, 'address')} です。`,
  }),
  'reply-elsewhere': detail => ({
    en: `Answers go elsewhere: ${of(detail, 'reply')}.`,
    ja: `返信先が別のところです: ${of(detail, 'reply')}`,
  }),
  'no-recipient': { en: 'It names no recipient.', ja: '宛先がありません。' },
  'many-recipients': detail => ({
    en: `It names ${of(detail, 'count')} recipients.`,
    ja: `宛先が${of(detail, 'count')}件あります。`,
  }),
  'shouting-subject': { en: 'The subject shouts.', ja: '件名が大げさです。' },
  'answer-to-nothing': {
    en: 'The subject says that it is an answer; it answers nothing.',
    ja: '件名は返信ですが、返信元がありません。',
  },
  'hidden-letters': { en: 'Invisible signs tear words apart.', ja: '見えない文字で単語が分断されています。' },
  // the text
  'only-images': { en: 'It consists of images alone.', ja: '画像だけのメールです。' },
  'hidden-text': { en: 'It holds text that is not to be seen.', ja: '見えないようにした文章が含まれています。' },
  'test-string': {
    en: 'It holds the string by which filters are tried (GTUBE).',
    ja: 'フィルターの試験用文字列(GTUBE)が含まれています。',
  },
  'link-elsewhere': detail => ({
    en: `A link shows ${of(detail, 'shown')} and goes to ${of(detail, 'host')}.`,
    ja: `リンクの表示は ${of(detail, 'shown')} ですが、実際は ${of(detail, 'host')} に移動します。`,
  }),
  'link-to-number': detail => ({
    en: `A link goes to an address without a name: ${of(detail, 'host')}.`,
    ja: `リンク先が名前のないアドレスです: ${of(detail, 'host')}`,
  }),
  'link-lookalike': detail => ({
    en: `A link goes to a name that imitates another: ${of(detail, 'host')}.`,
    ja: `リンク先が別の名前に似せたものです: ${of(detail, 'host')}`,
  }),
  'link-with-user': detail => ({
    en: `A link hides where it goes: ${of(detail, 'host')}.`,
    ja: `リンクが本当の行き先を隠しています: ${of(detail, 'host')}`,
  }),
  'link-shortened': detail => ({
    en: `A link goes through a shortener: ${of(detail, 'host')}.`,
    ja: `リンクが短縮サービスを経由します: ${of(detail, 'host')}`,
  }),
  'link-to-script': { en: 'A link runs a program.', ja: 'リンクがプログラムを実行します。' },
  // attachments
  program: detail => ({
    en: `A program is attached: ${of(detail, 'name')}.`,
    ja: `プログラムが添付されています: ${of(detail, 'name')}`,
  }),
  'double-extension': detail => ({
    en: `An attached program looks like a document: ${of(detail, 'name')}.`,
    ja: `文書に見せかけたプログラムが添付されています: ${of(detail, 'name')}`,
  }),
  'program-in-archive': detail => ({
    en: `An attached archive holds a program: ${of(detail, 'name')}.`,
    ja: `添付の圧縮ファイルにプログラムが含まれています: ${of(detail, 'name')}`,
  }),
  'encrypted-archive': detail => ({
    en: `An attached archive is encrypted: ${of(detail, 'name')}.`,
    ja: `添付の圧縮ファイルが暗号化されています: ${of(detail, 'name')}`,
  }),
  'encrypted-program': detail => ({
    en: `An attached archive is encrypted and holds a program: ${of(detail, 'name')}.`,
    ja: `添付の暗号化された圧縮ファイルにプログラムが含まれています: ${of(detail, 'name')}`,
  }),
  'archive-bomb': detail => ({
    en: `An attached archive would unfold to an enormous size: ${of(detail, 'name')}.`,
    ja: `添付の圧縮ファイルは展開すると異常に大きくなります: ${of(detail, 'name')}`,
  }),
  'archive-too-deep': detail => ({
    en: `An attached archive holds more archives than are opened: ${of(detail, 'name')}.`,
    ja: `添付の圧縮ファイルの中に、さらに圧縮ファイルが重なっています: ${of(detail, 'name')}`,
  }),
  macros: detail => ({
    en: `An attached document holds macros: ${of(detail, 'name')}.`,
    ja: `添付の文書にマクロが含まれています: ${of(detail, 'name')}`,
  }),
  // scanners
  virus: detail => ({
    en: `${scannerName(detail)} found ${of(detail, 'virus')}.`,
    ja: `${scannerName(detail)} が ${of(detail, 'virus')} を検出しました。`,
  }),
  'scanner-says-junk': detail => ({
    en: `${scannerName(detail)} takes it for junk${symbolsOf(detail)}.`,
    ja: `${scannerName(detail)} が迷惑メールと判定しました${symbolsOf(detail)}。`,
  }),
  'scanner-says-reject': detail => ({
    en: `${scannerName(detail)} would refuse it${symbolsOf(detail)}.`,
    ja: `${scannerName(detail)} が拒否すべきと判定しました${symbolsOf(detail)}。`,
  }),
  'scanner-says-try-later': detail => ({
    en: `${scannerName(detail)} asks to wait with it${symbolsOf(detail)}.`,
    ja: `${scannerName(detail)} が受け取りを待つよう求めました${symbolsOf(detail)}。`,
  }),
  'scanner-says-none': detail => ({
    en: `${scannerName(detail)} does not take it for junk${symbolsOf(detail)}.`,
    ja: `${scannerName(detail)} は迷惑メールと判定しませんでした${symbolsOf(detail)}。`,
  }),
  'scanner-absent': detail => ({
    en: `${scannerName(detail)} did not answer.`,
    ja: `${scannerName(detail)} が応答しませんでした。`,
  }),
  'scanner-not-scanned': detail => ({
    en: `${scannerName(detail)} could not look at it: ${of(detail, 'why')}.`,
    ja: `${scannerName(detail)} は検査できませんでした: ${of(detail, 'why')}`,
  }),
  // the judging itself
  'only-hints': {
    en: 'These are hints only; together they are not enough.',
    ja: 'どれも弱い手がかりで、合わせても十分ではありません。',
  },
  'not-judged': { en: 'It could not be examined.', ja: '検査できませんでした。' },
}

/** Every code that has words. */
export const reasonCodes: readonly string[] = Object.keys(reasons)

/** One sentence. */
export function reasonText({ code, detail = {} }: ContentReason): Text {
  const words = reasons[code]
  if (words === undefined)
    return (
      remarkText(code) ?? {
        en: `Something that a newer release calls ${code}.`,
        ja: `新しい版で ${code} と呼ばれている理由です。`,
      }
    )
  return typeof words === 'function' ? words(detail) : words
}

function quotedWords(words: string | number, language: keyof Text): string {
  const list = String(words).split(' ').filter(Boolean)
  if (list.length === 0) return ''
  return language === 'ja'
    ? `(${list.map(word => `「${word}」`).join('')})`
    : ` (${list.map(word => `“${word}”`).join(', ')})`
}

function scannerName(detail: Detail): string {
  return { rspamd: 'Rspamd', clamav: 'ClamAV' }[of(detail, 'scanner')] ?? of(detail, 'scanner')
}

function symbolsOf(detail: Detail): string {
  const symbols = String(detail['symbols'] ?? '')
  return symbols === '' ? '' : ` (${symbols.split(' ').join(', ')})`
}
