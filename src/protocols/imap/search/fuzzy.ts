/**
 * FUZZY: all words of the text, in any order and place, each in its first letters. RFC 6203 §3 leaves the meaning to the server;
 * this one finds whatever the exact key finds.
 */
import { fold } from '#formats/search/fold.ts'

/** Words that are looked for: without the rest more is found, never less. */
const wordLimit = 8

/** Characters of a text that are looked at. */
const textLimit = 1000

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' })

/** Folded; at least one, each of them a part of the text. */
export function fuzzyWords(text: string): readonly string[] {
  const folded = fold(text)
  const words = new Set<string>()
  for (const { segment, isWordLike } of segmenter.segment(folded.slice(0, textLimit)))
    if (isWordLike) words.add(segment)
  const long = [...words].filter(word => word.length > 1)
  const found = long.length > 0 ? long : [...words]
  return found.length > 0 ? found.slice(0, wordLimit) : [folded]
}

/** The letters that endings and slips of the keyboard mostly leave: the last one, two or three are not looked at. */
export function stemOf(word: string): string {
  const cut = Math.min(3, word.length < 6 ? Math.floor(word.length / 4) : word.length - 4)
  return cut === 0 ? word : word.slice(0, -cut).replace(/[\uD800-\uDBFF]$/, '')
}
