/** Keys among the contacts; those that hold everywhere are in keyboard.ts. */
import type { Mail } from '../../model/mail.ts'
import { goContacts, leaveCard, route } from '../../model/route.ts'
import { isOurs } from '../keyboard.ts'
import { deleteCards, editCard, meantCards, openCard, tickShown } from './contact-acts.ts'
import type { ContactsView } from './contacts-view.ts'

type Act = (view: ContactsView, mail: Mail) => void

const acts: Readonly<Record<string, Act>> = {
  j: view => step(view, 1),
  k: view => step(view, -1),
  ArrowDown: view => step(view, 1),
  ArrowUp: view => step(view, -1),
  Enter: view => openCard(view, Math.max(0, view.selection.cursor.peek())),
  o: view => openCard(view, Math.max(0, view.selection.cursor.peek())),
  x: tick,
  '*': tickShown,
  n: () => goContacts({ card: 'new', isEditing: true }),
  e: view => {
    const [one] = meantCards(view)
    if (one) editCard(one)
  },
  '#': (view, mail) => deleteCards(mail, view, meantCards(view)),
  Delete: (view, mail) => deleteCards(mail, view, meantCards(view)),
  u: () => leaveCard(),
  Escape: view => (view.selection.ticked.peek().size > 0 ? view.selection.clear() : leaveCard()),
  '/': () => document.getElementById('contacts-search')?.focus(),
}

/** Without a network contacts are for reading. */
const changing: ReadonlySet<string> = new Set(['n', 'e', '#', 'Delete'])

export function listenToContactKeys(view: ContactsView, mail: Mail): () => void {
  let isAfterGo = false
  const onKey = (event: KeyboardEvent) => {
    const wasAfterGo = isAfterGo
    isAfterGo = event.key === 'g'
    if (event.defaultPrevented || !isOurs(event) || wasAfterGo || document.querySelector('dialog[open]')) return
    const { contacts } = route.peek()
    // a form keeps its keys
    if (!contacts || contacts.isEditing) return
    const act = Object.hasOwn(acts, event.key) ? acts[event.key] : undefined
    if (!act || (changing.has(event.key) && !mail.isLinked.peek())) return
    event.preventDefault()
    act(view, mail)
  }
  addEventListener('keydown', onKey)
  return () => removeEventListener('keydown', onKey)
}

function step(view: ContactsView, by: 1 | -1): void {
  const { cursor } = view.selection
  const last = view.listed.peek().length - 1
  const at = Math.min(last, Math.max(0, cursor.peek() + by))
  if (route.peek().contacts?.card === undefined) cursor.value = at
  else openCard(view, at)
}

function tick(view: ContactsView): void {
  const at = view.selection.cursor.peek()
  const id = route.peek().contacts?.card ?? view.listed.peek()[at]?.card.id
  if (id !== undefined) view.selection.toggle(id, at)
}
