/** Which dialog is open. */
import { type Signal, signal } from '@preact/signals'
import type { Id } from '#protocols/jmap/wire.ts'
import type { Letter, LetterPart } from '../model/conversation.ts'

export type SettingsSection = 'writing' | 'display' | 'away' | 'filters' | 'labels' | 'news' | 'devices' | 'security'

export type DialogRequest =
  | { readonly kind: 'keys' }
  /** `like`: filters begin with one for letters like this */
  | { readonly kind: 'settings'; readonly section?: SettingsSection; readonly like?: Letter }
  /** What waits for the network */
  | { readonly kind: 'waiting' }
  /** Signing out while something does */
  | { readonly kind: 'leave' }
  /** Without threads: what is chosen, which may be all of a list */
  | { readonly kind: 'move'; readonly threads: readonly Id[] | undefined }
  | { readonly kind: 'destroy'; readonly threads: readonly Id[] | undefined }
  /** Without both: what is chosen. `email`: of that one alone */
  | { readonly kind: 'label'; readonly threads?: readonly Id[]; readonly email?: Id }
  /** Without an id: a new one */
  | { readonly kind: 'folder'; readonly id?: Id }
  | { readonly kind: 'scheduled' }
  | { readonly kind: 'source'; readonly letter: Letter }
  | { readonly kind: 'unsubscribe' | 'charset'; readonly letter: Letter }
  /** Attached files; `at`: the one that is looked at first */
  | { readonly kind: 'preview'; readonly parts: readonly LetterPart[]; readonly at: number }
  | { readonly kind: 'track'; readonly emailId: Id }

export const dialogs: Signal<DialogRequest | undefined> = signal(undefined)

export function showDialog(request: DialogRequest): void {
  dialogs.value = request
}

export function closeDialog(): void {
  dialogs.value = undefined
}
