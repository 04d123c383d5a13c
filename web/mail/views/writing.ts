/**
 * The place where writing comes in: whoever can write letters sets `writing`, and the buttons for it appear. `Window` stands beside the panes
 * and shows what is being written, if anything is.
 */
import { type Signal, signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import type { EmailAddress, Id } from '#protocols/jmap/wire.ts'
import type { Letter } from '../model/conversation.ts'

export type WriteRequest =
  | { readonly kind: 'new'; readonly to?: readonly EmailAddress[] }
  | { readonly kind: 'reply' | 'reply-all' | 'forward'; readonly letter: Letter }
  /** A draft is gone on with */
  | { readonly kind: 'draft'; readonly emailId: Id }

export type Writing = {
  readonly start: (request: WriteRequest) => void
  readonly Window: ComponentType
}

export const writing: Signal<Writing | undefined> = signal(undefined)
