/** Steps in words that a tired owner understands. */
import { reasonText } from '#mail/content/texts.ts'
import type { EmailTrace, TraceBox, TraceEvent, TraceRecipient } from '#protocols/jmap/wire-trace.ts'
import type { Asked, TrackTexts } from '../../texts/track-en.ts'
import { plainSigns } from '../plain-signs.ts'
import { duration, isOpen, sentState, type ShownStep, shownSteps, tlsName } from './summary.ts'

export type Wording = {
  readonly words: TrackTexts
  readonly language: 'ja' | 'en'
  /** Of a mailbox by its role */
  readonly mailbox: (role: string) => string
  /** With seconds, and the day where it is another than today */
  readonly time: (date: Date) => string
  /** The day and the time */
  readonly moment: (date: Date) => string
}

/** What happened, without the exact words but where they are the news. */
export function stepText(step: ShownStep, wording: Wording): string {
  const { words } = wording
  const who = words.who[step.role]
  const reply = plainSigns(step.reply ?? '')
  switch (step.kind) {
    case 'received':
      return words.tookIn(who, broughtBy(step.server), tlsName(step.server?.tls))
    case 'held':
      return words.keeps(who)
    case 'passed-on':
      return words.passedOn(who)
    case 'delivered':
      return filedText(step, wording)
    case 'repeated':
      return words.repeated
    case 'sent-on':
      return sentOnText(step, words)
    case 'submitted':
      return words.submitted(step.count)
    case 'sent':
      return step.server ? words.took(askedIn(step)) : words.tookHere(step.recipient ?? '')
    case 'attempt-deferred':
      return withNext(deferredText(step, words), step, wording)
    case 'attempt-failed':
      return step.server ? words.refused(askedIn(step), reply) : words.refusedHere(reply)
    case 'refused':
      return words.homeRefused(reply)
    case 'expired':
      return words.expired
    case 'removed':
      return words.removed
    case 'dsn-made':
      return words.told
    default:
      return step.kind satisfies never
  }
}

/** What is said below it: how long between the boxes, by whose word. */
export function stepNotes(step: ShownStep, { words, language }: Wording): readonly string[] {
  const notes: string[] = []
  const tls = tlsName(step.server?.tls)
  if (step.kind === 'sent' && tls !== undefined) notes.push(words.over(tls))
  if (step.delay !== null && step.delay > 5_000) notes.push(words.after(words.duration(step.delay)))
  if (step.secondHand) notes.push(words.secondHand)
  const { filed } = step
  if (filed?.by === 'junk filter' && filed.reasons.length > 0) {
    const reasons = filed.reasons.map(code => reasonText({ code, points: 0 })[language])
    notes.push(`${words.reasons}: ${reasons.join(language === 'ja' ? '、' : ', ')}`)
  }
  return notes
}

/** As they stand in the trace: `spf pass example.org` … */
export function verdictLines({ kind, verdicts }: TraceEvent): readonly string[] {
  if (kind !== 'received' || !verdicts) return []
  return Object.entries(verdicts).map(([method, text]) => `${method} ${text}`)
}

export function headText(trace: EmailTrace, { words }: Wording, now: number): string | undefined {
  const took = duration(trace, now)
  const time = took === undefined ? undefined : words.duration(took)
  if (trace.direction === 'stored') return undefined
  if (isOpen(trace) && time !== undefined) {
    const done = trace.recipients.filter(({ state }) => state === 'delivered').length
    const waiting = words.waitingFor(time)
    return done > 0 ? `${words.partly(done, trace.recipients.length)} · ${waiting}` : waiting
  }
  if (trace.direction === 'received') return time === undefined ? words.received : words.receivedIn(time)
  const state = sentState(trace.recipients)
  if (state === 'failed') return words.failedHead
  const done = trace.recipients.filter(one => one.state === 'delivered').length
  if (state === 'partly') return words.partly(done, trace.recipients.length)
  if (state !== 'delivered') return undefined
  return time === undefined ? words.delivered : words.deliveredIn(time)
}

/** `waiting · next attempt at 18:20 · 2 attempts` */
export function recipientText(one: TraceRecipient, { time, words }: Wording): string {
  const { attempts, nextAttempt, state } = one
  const parts = [words.state[state]]
  if (nextAttempt !== null && state === 'waiting') parts.push(words.next(time(new Date(nextAttempt))))
  if (attempts > 1) parts.push(words.attempts(attempts))
  return parts.join(' · ')
}

export function boxText({ asOf, box, role, state }: TraceBox, { time, words }: Wording): string | undefined {
  const name = `${words.who[role]} (${box})`
  if (state === 'away') return words.away(name, asOf === null ? undefined : time(new Date(asOf)))
  return state === 'unknown' ? words.unknownBox(name) : undefined
}

/** For a mail to whoever helps: our words in the page's language, all others' as they were. */
export function asText(trace: EmailTrace, wording: Wording, now: number): string {
  const { time, words } = wording
  const lines = [headText(trace, wording, now) ?? '']
  for (const one of trace.recipients)
    lines.push(`${one.email}: ${recipientText(one, wording)}`, ...quoted(one.state === 'delivered' ? null : one.reply))
  lines.push('')
  for (const step of shownSteps(trace)) {
    const to = step.recipient === null ? '' : ` <${step.recipient}>`
    lines.push(`${time(new Date(step.at))} ${step.box}${to} ${stepText(step, wording)}`)
    for (const line of [...stepNotes(step, wording), ...verdictLines(step)]) lines.push(`    ${line}`)
    const { server } = step
    if (server)
      lines.push(`    ${[server.name, server.address && `[${server.address}]`, server.tls].filter(Boolean).join(' ')}`)
    lines.push(...quoted(step.reply))
  }
  for (const box of trace.boxes) lines.push(boxText(box, wording) ?? '')
  if (trace.direction === 'stored' && trace.storedAt !== null)
    lines.push(words.stored(wording.moment(new Date(trace.storedAt))))
  return lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}

function quoted(reply: string | null): readonly string[] {
  return reply === null ? [] : [`    > ${reply}`]
}

function filedText(step: ShownStep, { mailbox, words }: Wording): string {
  const who = words.who[step.role]
  const { filed } = step
  if (!filed) return words.arrivedAt(who)
  const places = filed.mailboxes.map(mailbox)
  const what = places.length === 0 ? words.keptNowhere(who) : words.filed(who, places)
  return `${what}${words.by[filed.by] ?? words.end}`
}

function sentOnText({ filed, recipient }: ShownStep, words: TrackTexts): string {
  return (words.sentOn[filed?.effect ?? ''] ?? words.somethingSent)(recipient ?? '')
}

function deferredText(step: ShownStep, words: TrackTexts): string {
  const reply = plainSigns(step.reply ?? '')
  if (step.server) return words.said(askedIn(step), reply)
  return step.incoming ? words.homeLater(reply) : words.notReached(domainOf(step.recipient), reply)
}

function withNext(text: string, { nextAttempt }: ShownStep, { language, time, words }: Wording): string {
  if (nextAttempt === null) return text
  return `${text}${language === 'ja' ? '。' : ' — '}${words.next(time(new Date(nextAttempt)))}`
}

function askedIn({ recipient, server }: ShownStep): Asked {
  return { domain: domainOf(recipient), host: peerName(server) }
}

function domainOf(address: string | null): string | undefined {
  return address?.slice(address.lastIndexOf('@') + 1)
}

/** `mail.example.org (192.0.2.1)` */
function broughtBy(server: TraceEvent['server']): string | undefined {
  const name = server?.name
  if (!server || name === null || name === '' || name === server.address) return server?.address ?? undefined
  return server.address === null ? name : `${name} (${server.address})`
}

/** `mail.example.org, 192.0.2.1`; where the name is the address itself, once */
function peerName(server: TraceEvent['server']): string | undefined {
  if (!server) return undefined
  const { address, name } = server
  if (name === null || name === '' || name === address) return address ?? undefined
  return address === null ? name : `${name}, ${address}`
}
