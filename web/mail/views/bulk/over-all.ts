/** The place where acting on all of a list comes in: it is loaded when somebody chooses all. */
import { type Signal, signal } from '@preact/signals'
import type { Id } from '#protocols/jmap/wire.ts'
import type { BulkRun } from '../../model/bulk/run.ts'
import type { Mail } from '../../model/mail.ts'

export type Act =
  | { readonly kind: 'archive' | 'trash' | 'junk' | 'notJunk' | 'read' | 'unread' | 'star' | 'unstar' }
  | { readonly kind: 'destroy' }
  | { readonly kind: 'move'; readonly to: Id }
  | { readonly kind: 'label'; readonly keyword: string; readonly isOn: boolean }
export type Doing = Act['kind'] | 'undo'

/** What is being done now, one thing at a time */
export const underWay: Signal<{ readonly doing: Doing; readonly run: BulkRun } | undefined> = signal(undefined)

/** True: all of the list is chosen; then it is done to all, or not at all while the choice is still being made. */
export function overAll(mail: Mail, act: () => Act): boolean {
  const whole = mail.selection.whole.peek()
  if (!whole) return false
  if (whole.kind === 'ready')
    import('./act.ts').then(
      ({ actOn }) => actOn(mail, whole.everything, act()),
      () => mail.notices.failed(),
    )
  return true
}

export function chooseAll(mail: Mail): void {
  import('./act.ts').then(
    ({ choose }) => choose(mail),
    () => mail.notices.failed(),
  )
}
