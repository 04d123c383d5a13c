/**
 * The place where writing comes in: whoever can write letters sets `writing`, and the buttons for it appear. `Window` stands beside the panes
 * and shows what is being written, if anything is.
 */
import { type Signal, signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import type { EmailAddress } from '#protocols/jmap/wire.ts'
import type { Start } from '../model/compose/desk.ts'
import type { Outbox } from '../model/compose/outbox.ts'

export type Writing = {
  readonly start: (request: Start) => void
  readonly Window: ComponentType
  readonly outbox: Outbox
}

export const writing: Signal<Writing | undefined> = signal(undefined)

let asked: Start | undefined

/** From outside, by the address: `/mail/write`, or with `mailto` a link of this kind that the system gave to us (HTML Standard, 8.9.1.3). */
export function takeWriteAddress({ pathname, search }: Pick<Location, 'pathname' | 'search'>): boolean {
  if (pathname !== '/mail/write') return false
  const to = addressesIn(new URLSearchParams(search).get('mailto') ?? '')
  asked = { kind: 'new', ...(to.length > 0 && { to }) }
  return true
}

/** At once, or as soon as writing is there: a key may be quicker than a part that comes later. */
export function startWriting(request: Start): void {
  const now = writing.peek()
  if (now) now.start(request)
  else asked = request
}

/** What was asked for before anybody could write; once. */
export function takeAsked(): Start | undefined {
  const request = asked
  asked = undefined
  return request
}

/** Of a mailto: link (RFC 6068). The addresses alone; what else such a link says, strangers have written. */
export function addressesIn(href: string): readonly EmailAddress[] {
  const path = href.replace(/^mailto:/i, '').split('?')[0] ?? ''
  return path
    .split(',')
    .map(decoded)
    .filter(email => /^[^\s@,]+@[^\s@,]+$/.test(email))
    .map(email => ({ name: null, email }))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
