/** Questions about the letters, and their answers by looking into the plain texts: nothing of ours is used for that. */
import { seededRandom } from '../support/random.ts'
import type { PlainLetter } from './letters.ts'

export type Place = 'body' | 'subject' | 'from' | 'name'
export type Question = { readonly place: Place; readonly text: string; readonly answer: readonly number[] }

const fixed: readonly (readonly [Place, string])[] = [
  ['body', 'ユーザー'],
  ['body', 'ﾕｰｻﾞｰ'],
  ['body', 'データ'],
  ['body', '①'],
  ['body', '1'],
  ['body', '㈱'],
  ['body', '(株)'],
  ['body', '№'],
  ['body', '℃'],
  ['body', '25℃'],
  ['body', '第3回'],
  ['body', '髙'],
  ['body', '高橋'],
  ['body', '鷗'],
  ['body', '鬱'],
  ['body', '会'],
  ['body', '会議'],
  ['body', '京駅'],
  ['body', 'の資料を'],
  ['body', '議事録'],
  ['body', 'FULL-WIDTH'],
  ['body', 'STRASSE'],
  ['body', 'naïve'],
  ['body', 'quarterly budget'],
  ['body', 'arterly bud'],
  ['body', '<opens>'],
  ['body', 'water & sun'],
  ['body', 'nowhere at all'],
  ['body', '存在しない'],
  ['body', 'unseen'],
  ['from', '山田'],
  ['from', 'タナカ'],
  ['from', 'zoë'],
  ['from', '﨑'],
  ['subject', '明日'],
  ['subject', 'ユーザー登録'],
  ['subject', 'budget'],
  ['name', '見積'],
  ['name', '.DOCX'],
  ['name', '会議'],
]

export function questionsAbout(letters: readonly PlainLetter[], count: number, seed: number): readonly Question[] {
  const random = seededRandom(seed)
  const asked: [Place, string][] = fixed.map(([place, text]) => [place, text])
  while (asked.length < count) {
    const letter = random.pick(letters)
    const place = random.pick(['body', 'body', 'body', 'subject', 'from'] as const)
    const documents = place === 'body' && letter.attached && random.integer(2) > 0 ? letter.attached.text : undefined
    const line = random.pick((documents ?? textsOf(letter, place)[0] ?? '').split(/[\r\n]+/))
    const characters = Array.from(line)
    const from = random.integer(Math.max(1, characters.length))
    const text = characters
      .slice(from, from + 1 + random.integer(8))
      .join('')
      .trim()
    // a lone mark of a syllable is no text that anybody asks for
    if (text !== '' && !/^[ﾞﾟ\u3099\u309a]/.test(text) && !/["\\]/.test(text)) asked.push([place, text])
  }
  return asked.map(([place, text]) => ({ place, text, answer: answerOf(letters, place, text) }))
}

function textsOf(letter: PlainLetter, place: Place): readonly string[] {
  switch (place) {
    case 'body':
      return [letter.body, ...(letter.attached ? [letter.attached.name, letter.attached.text] : [])]
    case 'subject':
      return [letter.subject]
    case 'from':
      return [`${letter.sender} <someone@internet.test>`]
    case 'name':
      return letter.attached ? [letter.attached.name] : []
  }
}

function answerOf(letters: readonly PlainLetter[], place: Place, text: string): readonly number[] {
  const wanted = plain(text)
  return letters.flatMap((letter, index) =>
    textsOf(letter, place).some(one => plain(one).includes(wanted)) ? [index] : [],
  )
}

/** Widths, compatibility forms and case are one to who searches. */
function plain(text: string): string {
  return text.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}
