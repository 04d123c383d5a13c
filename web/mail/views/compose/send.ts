/** What happens between the button and the letter's leaving. */
import type { Mail } from '../../model/mail.ts'
import { RefusedByServer } from '../../model/compose/composition.ts'
import type { Content } from '../../model/compose/content.ts'
import { type Desk, undoSeconds } from '../../model/compose/desk.ts'
import type { SentLetter } from '../../model/compose/holding.ts'
import { saysAttached } from '../../model/compose/quote.ts'
import { isIncomplete } from '../../model/compose/waiting-files.ts'
import { fullDate } from '../../model/dates.ts'
import { dayNumber, momentOf } from '../../model/zone.ts'
import { language, t } from '../../texts/texts.ts'
import { localeFor } from '../message-row.tsx'

/** Why a letter is not sent yet. `ask`: it is when they say so. */
export type Doubt = { readonly kind: 'stop' | 'ask'; readonly text: string }

export function doubtAbout(content: Content, text: string): Doubt | undefined {
  const words = t().writing
  if (content.to.length + content.cc.length + content.bcc.length === 0)
    return { kind: 'stop', text: words.noRecipients }
  const failed = content.attachments.find(({ progress }) => progress === 'failed')
  if (failed) return { kind: 'stop', text: words.uploadFailed(failed.name) }
  if (isIncomplete(content)) return { kind: 'stop', text: words.stillUploading }
  if (saysAttached(text) && content.attachments.every(({ cid }) => cid !== undefined))
    return { kind: 'ask', text: words.saidAttached }
  if (content.subject.trim() === '') return { kind: 'ask', text: words.noSubject }
  return undefined
}

export async function send(mail: Mail, desk: Desk, at?: Date): Promise<void> {
  const words = t().writing
  try {
    const sent = await desk.send(at)
    if (!sent) return
    if ('queued' in sent) return mail.notices.say(t().away.queued, () => void takeFromQueue(mail, desk, sent.queued))
    const isHeld = desk.maxDelaySeconds >= undoSeconds
    const text = at ? words.sentLater(fullDate(at, localeFor(language.peek()))) : words.sent
    const undo = () => void takeBack(mail, desk, sent)
    if (isHeld) mail.notices.say(text, undo, undoSeconds * 1000)
    else mail.notices.say(text)
  } catch (error) {
    mail.notices.say(error instanceof RefusedByServer ? words.refused(error.message) : words.failed)
  }
}

async function takeBack(mail: Mail, desk: Desk, sent: SentLetter): Promise<void> {
  const words = t().writing
  const isBack = await desk.undo(sent).catch(() => false)
  mail.notices.say(isBack ? words.takenBack : words.tooLate)
}

/** Out of the journal, and open again. */
export async function takeFromQueue(mail: Mail, desk: Desk, key: string): Promise<void> {
  const what = (await mail.away.peek()?.takeBack(key))?.what
  if (what?.kind !== 'send' && what?.kind !== 'draft') return mail.notices.say(t().writing.tooLate)
  await desk.reopen(what.content, what.emailId ?? what.draftId).catch(() => mail.notices.failed())
}

/** Eight in the morning, by clocks of the zone that was chosen */
export function morning(daysFromNow: number): Date {
  const day = new Date((dayNumber(new Date()) + daysFromNow) * 86_400_000)
  return momentOf(`${day.toISOString().slice(0, 10)}T08:00`)
}

export function daysToMonday(now: Date): number {
  // the first day of 1970 was a Thursday
  return (8 - ((dayNumber(now) + 4) % 7)) % 7 || 7
}
