/** Letters for tests and measurements: the look of bench/mb.c's, but every body is distinct. */
import { utf8 } from '#base/bytes.ts'

const words =
  'the server mailbox delivers a message quickly to every reader and keeps order while index pages are written with care before answer reaches client network queue budget meeting tomorrow project figures invoice lunch garden window river mountain signal paper colour music history question morning evening system record storage journal letter'.split(
    ' ',
  )
const japanese =
  '会議 資料 明日 午前 東京 大阪 予算 見積書 請求書 写真 旅行 家族 こんにちは よろしくお願いします ありがとうございます メール サーバー データ ﾃｽﾄ 株式会社 ㈱ ① 第3回 確認 送付 添付ファイル'.split(
    ' ',
  )

/** Deterministic: the same seed gives the same numbers. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) / 0x100_0000
  }
}

export type Vocabulary = 'bench' | 'zipf' | 'japanese'

/** Letter number `index`, about `size` octets; one in 1000 has the word zyxquark. */
export function benchLetter(index: number, vocabulary: Vocabulary = 'bench', size = 4096): Uint8Array {
  const id = (number: number) => number.toString(16).padStart(8, '0')
  const pad = (number: number, length: number) => String(number).padStart(length, '0')
  const date = new Date(1_735_689_600_000 + ((Math.imul(index, 2_654_435_761) >>> 0) % 31_536_000) * 1000).toUTCString()
  const root = index - (index % 8)
  const sender = pad(index % 500, 3)
  const thread = Array.from({ length: index % 8 }, (_, back) => `<${id(root + back)}.bench@bench.test>`)
  const replies = index % 8 ? `In-Reply-To: ${thread.at(-1)}\r\nReferences: ${thread.join('\r\n ')}\r\n` : ''
  const rare = index % 1000 === 7 ? 'rareword zyxquark here\r\n' : ''
  const head = `Received: from client${pad(index % 997, 3)}.bench.test (client${pad(index % 997, 3)}.bench.test [192.0.2.7])\r
\tby mx.bench.test (Bench) with ESMTPS id ${id(index)};\r
\t${date}\r
Date: ${date.replace('GMT', '+0000')}\r
From: "Sender Number ${sender}" <sender${sender}@bench.test>\r
To: u1@example.test\r
Subject: ${index % 8 ? 'Re: ' : ''}topic ${pad(root / 8, 5)} report ${pad(index, 7)}\r
Message-ID: <${id(index)}.bench@bench.test>\r
${replies}MIME-Version: 1.0\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: 8bit\r
User-Agent: Bench/1.0\r
\r
${rare}`
  return utf8(head + bodyText(seeded(index * 7919 + 12_345), vocabulary, size - 700))
}

function bodyText(random: () => number, vocabulary: Vocabulary, size: number): string {
  let text = ''
  let column = 0
  for (let octets = 0; octets < size; ) {
    const word = wordOf(random, vocabulary)
    const width = vocabulary === 'japanese' ? word.length * 3 : word.length + 1
    if (column + width > 70) {
      text += '\r\n'
      column = 0
    }
    text += vocabulary === 'japanese' ? word : `${word} `
    column += width
    octets += width
  }
  return `${text}\r\n`
}

function wordOf(random: () => number, vocabulary: Vocabulary): string {
  if (vocabulary === 'bench') return words[Math.floor(random() * words.length)] ?? ''
  if (vocabulary === 'japanese') return japanese[Math.floor(random() * japanese.length)] ?? ''
  // ranks of a vocabulary of 60,000 invented words by Zipf's law, roughly
  return inventedWord(Math.floor(60_000 ** random()))
}

const syllables =
  'ka to mi ren sol ter val ing er ou pre con dis able tion ment ly st ar en ob qui zen wor the and ist al ic us pro'.split(
    ' ',
  )

function inventedWord(rank: number): string {
  let word = ''
  for (let rest = rank + 1; rest > 0; rest = Math.floor(rest / syllables.length))
    word += syllables[rest % syllables.length]
  return word
}
