/** Writing comes into the page: the desk, its window, and what it needs of the page. */
import { effect, untracked } from '@preact/signals'
import type { Identity } from '#protocols/jmap/wire-sending.ts'
import type { HearNews, Mail } from '../../model/mail.ts'
import type { Letter, LetterPart } from '../../model/conversation.ts'
import { letterDate } from '../../model/dates.ts'
import { printAddress } from '../../model/compose/addresses.ts'
import { Desk, type Page } from '../../model/compose/desk.ts'
import { Outbox } from '../../model/compose/outbox.ts'
import { forwardedFacts, type QuoteWords, textOf } from '../../model/compose/quote.ts'
import { language, t } from '../../texts/texts.ts'
import { localeFor } from '../message-row.tsx'
import { writing } from '../writing.ts'
import { cleanFragment, escaped, htmlOfText } from './clean-html.ts'
import { bringWaiting } from './files.ts'
import { ComposeWindow } from './compose-window.tsx'
import { desk, rememberedFormat } from './open-desk.ts'

export function beginWriting(mail: Mail): () => void {
  const mine = new Desk(mail, page)
  const outbox = new Outbox(mail)
  outbox.load().catch(() => undefined)
  const hear: HearNews = states => outbox.hear(states)
  mail.news.add(hear)
  desk.value = mine
  writing.value = {
    start: request => void mine.start(request).catch(() => mail.notices.failed()),
    Window: ComposeWindow,
    outbox,
  }
  const keep = (event: BeforeUnloadEvent) => {
    const unsaved = mine.open.peek().filter(one => one.isUnsaved && one.state.peek() !== 'kept')
    if (unsaved.length === 0) return
    for (const one of unsaved) void one.save().catch(() => undefined)
    event.preventDefault()
  }
  addEventListener('beforeunload', keep)
  // drafts of a page that is gone come back as soon as it is known what is kept; what could not be saved is, with the network
  const stopResuming = effect(() => {
    if (mail.away.value) untracked(() => void mine.resume().catch(() => mail.notices.failed()))
  })
  const stopSaving = effect(() => {
    if (!mail.isLinked.value) return
    const unsaved = mine.open.peek().filter(({ isUnsaved }) => isUnsaved)
    untracked(() => unsaved.forEach(one => void one.save().catch(() => undefined)))
  })
  const stopBringing = effect(() => {
    const open = mine.open.value
    if (mail.isLinked.value && mail.away.value) untracked(() => open.forEach(one => bringWaiting(mail, one)))
  })
  return () => {
    stopBringing()
    stopResuming()
    stopSaving()
    removeEventListener('beforeunload', keep)
    mail.news.delete(hear)
    outbox.close()
    writing.value = undefined
    desk.value = undefined
  }
}

const page: Page = {
  get quoteWords() {
    return quoteWords()
  },
  dateOf,
  format: rememberedFormat,
  signatureHtml: ({ htmlSignature, textSignature }: Identity) => {
    const html = htmlSignature === '' ? (textSignature === '' ? '' : htmlOfText(textSignature)) : htmlSignature
    return html === '' ? '<div><br></div>' : `<div><br></div><div><br></div><div>-- </div>${html}`
  },
  quoteHtml: (letter, kind, images) => {
    const inner = quotedHtml(letter, images)
    if (kind === 'forward') {
      const facts = forwardedFacts(letter, quoteWords(), dateOf(letter)).map(line => `<div>${escaped(line)}</div>`)
      return `<div><br></div>${facts.join('')}<div><br></div>${inner}`
    }
    const [author] = letter.from ?? []
    const line = t().writing.wrote(dateOf(letter), author ? printAddress(author) : '')
    return `<div><br></div><div>${escaped(line)}</div><blockquote type="cite">${inner}</blockquote>`
  },
}

function quoteWords(): QuoteWords {
  const words = t().writing
  return {
    wrote: words.wrote,
    forwarded: words.forwarded,
    from: words.forwardedFrom,
    to: words.forwardedTo,
    cc: words.forwardedCc,
    date: words.forwardedDate,
    subject: words.forwardedSubject,
  }
}

function dateOf({ sentAt, receivedAt }: Letter): string {
  return letterDate(new Date(sentAt ?? receivedAt), localeFor(language.value))
}

/** Clean, with images by Content-ID, as content has them. */
function quotedHtml(letter: Letter, images: ReadonlyMap<string, LetterPart>): string {
  const part = letter.htmlBody.find(({ type }) => type === 'text/html')
  const html = part && letter.bodyValues[part.partId ?? '']?.value
  if (html === undefined) return htmlOfText(textOf(letter))
  const fragment = cleanFragment(html, { urlOf: cid => (images.has(cid) ? `cid:${cid}` : undefined) })
  const holder = document.createElement('div')
  holder.append(...fragment.childNodes)
  return holder.innerHTML
}
