/** What a swipe does where: the setting, the mailbox and the conversation say it together. */
import type { SwipeChoice } from '../settings.ts'

export type SwipeAct =
  | 'archive'
  | 'trash'
  /** For ever, after a question */
  | 'destroy'
  | 'read'
  | 'unread'
  | 'star'
  | 'unstar'
  | 'junk'
  | 'notJunk'

type Where = {
  readonly role: string | null | undefined
  readonly isUnread: boolean
  readonly isStarred: boolean
}

/** Undefined: the row does not move to that side. */
export function swipeAct(choice: SwipeChoice, { role, isUnread, isStarred }: Where): SwipeAct | undefined {
  const isLast = role === 'trash' || role === 'junk'
  switch (choice) {
    case 'none':
      return undefined
    case 'archive':
      return role === 'archive' || isLast ? undefined : 'archive'
    case 'trash':
      return isLast ? 'destroy' : 'trash'
    case 'read':
      return isUnread ? 'read' : 'unread'
    case 'star':
      return isStarred ? 'unstar' : 'star'
    case 'junk':
      return role === 'junk' ? 'notJunk' : 'junk'
    default:
      return choice satisfies never
  }
}

/** The row goes out of sight with it. */
export function leavesList(act: SwipeAct): boolean {
  return act === 'archive' || act === 'trash' || act === 'junk' || act === 'notJunk'
}
