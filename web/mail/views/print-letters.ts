/** The paper's document: heads, bodies and names of files of letters. Loaded by print.ts. */
import type { Letter } from '../model/conversation.ts'
import type { EmailAddress } from '#protocols/jmap/wire.ts'
import { fullDate, sizeText } from '../model/dates.ts'
import type { Mail } from '../model/mail.ts'
import { letterTexts } from '../letter/letter-texts.ts'
import { printLetters, type PrintedLetter } from '../letter/print-frame.ts'
import { language, t } from '../texts/texts.ts'
import { fileNameOf } from './attachments.tsx'
import { bodiesOf, inlineImages } from './letter-content.tsx'
import { localeFor } from './message-row.tsx'

export async function printOnPaper(mail: Mail, letters: readonly Letter[]): Promise<void> {
  const title = letters.at(-1)?.subject?.trim() || t().list.noSubject
  const words = { title, files: t().letter.files, trueHost: letterTexts[language.value].trueHost }
  await printLetters(
    letters.map(letter => printed(mail, letter)),
    words,
  )
}

function printed(mail: Mail, letter: Letter): PrintedLetter {
  const words = t().reading
  const locale = localeFor(language.value)
  const people = (label: string, all: readonly EmailAddress[] | null) =>
    all && all.length > 0 ? [[label, all.map(full).join(', ')] as const] : []
  const sheet = document.querySelector(`[data-letter="${CSS.escape(letter.id)}"]`)
  return {
    head: [
      ...people(words.from, letter.from),
      ...people(words.to, letter.to),
      ...people(words.cc, letter.cc),
      ...people(words.bcc, letter.bcc),
      [words.date, fullDate(new Date(letter.sentAt ?? letter.receivedAt), locale)],
    ],
    bodies: bodiesOf(letter),
    files: letter.attachments
      .filter(({ blobId, cid }) => blobId !== null && cid === null)
      .map(part => `${fileNameOf(part)} (${sizeText(part.size, locale)})`),
    inlineImages: inlineImages(letter, mail),
    showsImages: sheet?.querySelector('.letter-frame') != null && sheet.querySelector('.letter-images') === null,
  }
}

function full({ name, email }: EmailAddress): string {
  return name === null || name.trim() === '' ? email : `${name.trim()} <${email}>`
}
