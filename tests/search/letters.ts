/** Letters in Japanese and English whose words are known before they are written down, in the forms that mail has. */
import { concatBytes, utf8 } from '#base/bytes.ts'
import { docxOf, pdfOf } from '#formats/documents/documents.testbed.ts'
import { type Random, seededRandom } from '../support/random.ts'
import { encodeJapanese, type JapaneseCharset } from './japanese-encoder.ts'

/** As a person reads it */
export type PlainLetter = {
  readonly subject: string
  readonly sender: string
  readonly body: string
  /** Name and text of what is attached */
  readonly attached: { readonly name: string; readonly text: string } | undefined
  readonly bytes: Uint8Array
}

const japanese =
  '会議の資料を送付いたします。|明日の午前に東京駅で待ち合わせましょう。|お見積書をご確認ください。|株式会社山田商事の鈴木です。|㈱佐藤製作所より①と②の部品が届きました。|ﾕｰｻﾞｰ登録が完了しました。|ユーザー登録の手続きについて。|データ移行は来週の火曜日です。|ﾃﾞｰﾀのバックアップを取ってください。|写真をたくさん撮りました。|家族旅行の予定を立てています。|第３回の打ち合わせの議事録です。|請求書番号は№１２３です。|髙橋さんと﨑山さんが参加します。|桜の花が満開になりました。|経理部へ領収書を提出してください。|新しいサーバーの設定が終わりました。|ご不明な点がございましたらお知らせください。|温度は２５℃でした。|契約更新の期限は㍻の頃と同じです。|鷗外の全集を借りました。|大阪支店の売上は前年比で増えました。|猫が屋根から降りられません。|憂鬱な月曜日の朝です。'.split(
    '|',
  )
const english =
  'The quarterly budget is attached.|Please review the draft agreement.|Our server was moved to another rack.|Lunch tomorrow at noon?|The naïve café owner paid 10 €.|Invoice 4711 is overdue.|Straße und Fußgänger.|Meeting minutes of the board.|The garden needs water & sun.|Mailbox quota exceeded.|Ｆｕｌｌ－ｗｉｄｔｈ letters.|Weekly report from Zürich.|A window <opens> to the river.|The committee postponed the vote.'.split(
    '|',
  )
const names = ['山田 太郎', '鈴木花子', '佐藤 次郎', 'John Smith', 'Zoë Müller', 'ﾀﾅｶ ｲﾁﾛｳ', '髙橋 﨑']
const charsets: readonly JapaneseCharset[] = ['utf-8', 'iso-2022-jp', 'shift_jis', 'euc-jp']

export function plainLetters(count: number, seed: number): readonly PlainLetter[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, index) => letterOf(random, index))
}

function letterOf(random: Random, index: number): PlainLetter {
  const isJapanese = random.integer(3) > 0
  const sentences = Array.from({ length: 1 + random.integer(4) }, () => random.pick(isJapanese ? japanese : english))
  const mark = `整理番号${index * 7 + 1000}ref${index}`
  const lines = [...sentences, mark]
  const subject = `${random.pick(isJapanese ? japanese : english).replace(/[。.]$/, '')} #${index}`
  const sender = random.pick(names)
  const attached = index % 20 === 3 ? attachedOf(random, index) : undefined
  const form = random.pick(['plain', 'plain', 'html', 'flowed'] as const)
  // what format=flowed and HTML join, the reader sees joined
  const body = form === 'plain' ? lines.join('\r\n') : lines.join(form === 'html' ? ' ' : '\n')
  return { subject, sender, body, attached, bytes: written(random, { subject, sender, lines, form, attached }) }
}

function attachedOf(random: Random, index: number): { name: string; text: string } {
  const text = `${random.pick(japanese)}${random.pick(english)}文書${index}号`
  return { name: random.integer(2) > 0 ? `資料${index}.docx` : `見積書${index}.pdf`, text }
}

type Written = {
  readonly subject: string
  readonly sender: string
  readonly lines: readonly string[]
  readonly form: 'plain' | 'html' | 'flowed'
  readonly attached: PlainLetter['attached']
}

function written(random: Random, { subject, sender, lines, form, attached }: Written): Uint8Array {
  const { octets, charset } = encodedText(random, textIn(random, lines, form))
  const type = form === 'html' ? 'text/html' : 'text/plain'
  const flowed = form === 'flowed' ? '; format=flowed; delsp=yes' : ''
  const part = concatBytes([
    utf8(`Content-Type: ${type}; charset=${charset}${flowed}\r\nContent-Transfer-Encoding: base64\r\n\r\n`),
    utf8(base64Lines(octets)),
  ])
  const head = `From: ${word(random, sender)} <someone@internet.test>\r\nTo: u@home.test\r\nSubject: ${word(random, subject)}\r\nMIME-Version: 1.0\r\n`
  if (!attached) return concatBytes([utf8(head), part])
  const { name, text } = attached
  const document = name.endsWith('.pdf') ? pdfOf([text]) : docxOf([text])
  return concatBytes([
    utf8(`${head}Content-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\n`),
    part,
    utf8(
      `\r\n--bb\r\nContent-Type: application/octet-stream; name="${word(random, name)}"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename*=utf-8''${encodeURIComponent(name)}\r\n\r\n`,
    ),
    utf8(base64Lines(document)),
    utf8('\r\n--bb--\r\n'),
  ])
}

function textIn(random: Random, lines: readonly string[], form: Written['form']): string {
  if (form === 'plain') return `${lines.join('\r\n')}\r\n`
  if (form === 'flowed') return `${lines.map(line => softBroken(random, line)).join('\r\n')}\r\n`
  const escaped = lines.map(line => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'))
  // a word may change its looks in the middle
  const bold = escaped.map(line => {
    const at = line.search(/[\u3040-\u9fff]{2}/)
    return at < 0 ? line : `${line.slice(0, at + 1)}<b>${line.slice(at + 1)}</b>`
  })
  return `<html><head><title>unseen</title></head><body>${bold.map(line => `<p>${line}</p>`).join('\n')}</body></html>`
}

/** Broken anywhere, as who sends with DelSp does */
function softBroken(random: Random, line: string): string {
  const at = 1 + random.integer(Math.max(1, line.length - 2))
  const pieces = [line.slice(0, at), line.slice(at)]
  return pieces.some(piece => piece === '' || /^[ >]|^From | $/.test(piece)) ? line : pieces.join(' \r\n')
}

function encodedText(random: Random, text: string): { readonly octets: Uint8Array; readonly charset: string } {
  const charset = random.pick(charsets)
  const octets = encodeJapanese(text, charset)
  return octets ? { octets, charset } : { octets: utf8(text), charset: 'utf-8' }
}

/** Encoded words, cut anywhere in their octets */
function word(random: Random, text: string): string {
  if (/^[ -~]*$/.test(text)) return text
  const { octets, charset } = encodedText(random, text)
  const step = 15 + random.integer(25)
  const words: string[] = []
  for (let at = 0; at < octets.length; at += step)
    words.push(`=?${charset}?B?${Buffer.from(octets.subarray(at, at + step)).toString('base64')}?=`)
  return words.join('\r\n ')
}

function base64Lines(octets: Uint8Array): string {
  return Buffer.from(octets)
    .toString('base64')
    .replaceAll(/(.{76})/g, '$1\r\n')
}
