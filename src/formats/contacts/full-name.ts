/** What to call somebody, and how that is read. */
import { isRecord, type Json, type JsonRecord, textOf } from './card.ts'

const inFrontOrder = ['title', 'given', 'given2', 'surname', 'surname2', 'generation', 'credential']
const inEastAsianOrder = ['surname', 'surname2', 'given', 'given2', 'generation', 'credential']

/** `full`, else the components in their order; where they have none, in the order of the name's own script. Empty: there is no name. */
export function fullName(name: Json | undefined): string {
  return textOf(name, 'full') ?? joinedComponents(name, 'value')
}

/** In the same order; empty where there is none. */
export function nameReading(name: Json | undefined): string {
  return joinedComponents(name, 'phonetic')
}

function joinedComponents(name: Json | undefined, member: 'value' | 'phonetic'): string {
  if (!isRecord(name) || !Array.isArray(name['components'])) return ''
  const all = name['components'].filter(isRecord)
  if (name['isOrdered'] === true) return inOrder(all, textOf(name, 'defaultSeparator') ?? ' ', member)
  const isEastAsian = all.some(one =>
    /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u.test(textOf(one, 'value') ?? ''),
  )
  const order = isEastAsian ? inEastAsianOrder : inFrontOrder
  return order
    .flatMap(kind => all.filter(one => one['kind'] === kind).flatMap(one => textOf(one, member) ?? []))
    .join(' ')
}

function inOrder(all: readonly JsonRecord[], separator: string, member: 'value' | 'phonetic'): string {
  let text = ''
  let between = ''
  for (const one of all) {
    if (one['kind'] === 'separator') between = textOf(one, 'value') ?? ''
    else {
      const said = textOf(one, member)
      if (said === undefined) continue
      text += text === '' ? said : (between || separator) + said
      between = ''
    }
  }
  return text
}

/** Of a reading, as ISO 15924 names it */
export function scriptOf(text: string): string {
  const [kana, hira] = [/\p{Script=Katakana}/u.test(text), /\p{Script=Hiragana}/u.test(text)]
  if (kana || hira) return kana && hira ? 'Hrkt' : kana ? 'Kana' : 'Hira'
  return /\p{Script=Hangul}/u.test(text) ? 'Hang' : 'Latn'
}
