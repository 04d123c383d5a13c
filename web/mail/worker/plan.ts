/** Which notifications stand after some letters have come in, or gone. A value: what is there → what shall be there. */
import type { Id } from '#protocols/jmap/wire.ts'
import type { About, NewLetter, NotifyFact } from './told.ts'
import { notifyWords } from './words.ts'

export type Shown = { readonly tag: string; readonly title: string; readonly body: string; readonly about: About }

/** More are one */
const maxSingle = 3
const groupTag = 'letters'

/** Letters that are to be told of → notifications; those of before come first. */
export function shownFor(letters: readonly NewLetter[], { hides, language }: NotifyFact): readonly Shown[] {
  const words = notifyWords[language]
  if (letters.length > maxSingle) {
    const names = [...new Set(letters.map(({ from }) => from || words.unknown))]
    const body = hides ? '' : names.join(language === 'ja' ? '、' : ', ')
    return [{ tag: groupTag, title: words.newLetters(letters.length), body, about: { letters, url: '/mail/inbox' } }]
  }
  return letters.map(letter => ({
    tag: `letter-${letter.id}`,
    title: hides ? words.newMail : letter.from || words.unknown,
    body: hides ? '' : letter.subject || words.noSubject,
    about: { letters: [letter], url: `/mail/inbox/${letter.threadId}` },
  }))
}

export type Change = { readonly close: readonly string[]; readonly show: readonly Shown[] }

/** `before`: tags and what they are about */
export function planned(
  before: readonly { readonly tag: string; readonly about: About | undefined }[],
  { added = [], gone = [] }: { readonly added?: readonly NewLetter[]; readonly gone?: readonly Id[] },
  how: NotifyFact,
): Change {
  const was = before.flatMap(({ about }) => about?.letters ?? [])
  const all = new Map([...was, ...added].map(letter => [letter.id, letter]))
  for (const id of gone) all.delete(id)
  const after = shownFor([...all.values()], how)
  const kept = new Set(before.filter(one => isSame(one, after)).map(({ tag }) => tag))
  return {
    close: before.filter(({ tag, about }) => about && !after.some(one => one.tag === tag)).map(({ tag }) => tag),
    show: after.filter(({ tag }) => !kept.has(tag)),
  }
}

function isSame(
  { tag, about }: { readonly tag: string; readonly about: About | undefined },
  after: readonly Shown[],
): boolean {
  const one = after.find(shown => shown.tag === tag)
  return one !== undefined && one.about.letters.length === about?.letters.length
}
