/** Keys for those who never touch the pointer. Nothing here happens while text is entered, or while an input method is composing. */
import type { MailboxRole } from '#protocols/jmap/wire.ts'
import type { Start } from '../model/compose/desk.ts'
import type { Mail } from '../model/mail.ts'
import { singleKeys } from '../model/settings.ts'
import { allContacts, go, leaveThread, route } from '../model/route.ts'
import * as commands from './commands.ts'
import { dialogs, showDialog } from './dialog-request.ts'
import { startWriting } from './writing.ts'

const gotoMs = 1_500

const goto: Readonly<Record<string, MailboxRole>> = {
  i: 'inbox',
  d: 'drafts',
  t: 'sent',
  a: 'archive',
  j: 'junk',
  r: 'trash',
}

type Act = (mail: Mail) => void

const acts: Readonly<Record<string, Act>> = {
  j: mail => commands.step(mail, 1),
  k: mail => commands.step(mail, -1),
  ArrowDown: mail => commands.step(mail, 1),
  ArrowUp: mail => commands.step(mail, -1),
  Enter: open,
  o: open,
  e: mail => commands.archive(mail),
  '#': mail => commands.trash(mail),
  Delete: mail => commands.trash(mail),
  '!': mail => commands.junk(mail),
  s: mail => commands.toggleStar(mail),
  u: () => leaveThread(),
  U: mail => commands.toggleRead(mail),
  v: mail => commands.meant(mail).length > 0 && showDialog({ kind: 'move', threads: undefined }),
  l: mail => commands.meant(mail).length > 0 && showDialog({ kind: 'label' }),
  x: tick,
  '*': mail => commands.tickLoaded(mail),
  z: mail => mail.notices.undo(),
  Escape: leave,
  '/': () => document.getElementById('search')?.focus(),
  '?': () => showDialog({ kind: 'keys' }),
  c: () => startWriting({ kind: 'new' }),
  r: mail => write(mail, 'reply'),
  a: mail => write(mail, 'reply-all'),
  f: mail => write(mail, 'forward'),
}

/** Among the contacts too, which have keys of their own */
const everywhere = new Set(['c', 'z', '?'])

export function listenToKeys(mail: Mail): () => void {
  let gotoUntil = 0
  const onKey = (event: KeyboardEvent) => {
    if (!isOurs(event)) return
    const isGoto = performance.now() < gotoUntil
    gotoUntil = 0
    if (isGoto) {
      const role = goto[event.key]
      if (role) commands.goToRole(role)
      else if (event.key === 'c') go({ contacts: allContacts })
      event.preventDefault()
      return
    }
    if (event.key === 'g') {
      gotoUntil = performance.now() + gotoMs
      return
    }
    const act = Object.hasOwn(acts, event.key) ? acts[event.key] : undefined
    if (!act || (route.peek().contacts && !everywhere.has(event.key))) return
    event.preventDefault()
    act(mail)
  }
  addEventListener('keydown', onKey)
  return () => removeEventListener('keydown', onKey)
}

/** 229 is what browsers say of a key that an input method has taken. */
export function isOurs(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return false
  if (event.ctrlKey || event.metaKey || event.altKey) return false
  // a key that writes a character has a name of one; a voice that dictates would press many of them
  if (singleKeys.peek() === 'off' && event.key.length === 1) return false
  if (dialogs.peek() || document.querySelector('[popover]:popover-open')) return false
  const target = event.target instanceof HTMLElement ? event.target : null
  if (target?.closest('input, textarea, select, [contenteditable]')) return false
  // a button or a link under the focus is what Enter is for
  return !(event.key === 'Enter' && target?.closest('button, a'))
}

function open(mail: Mail): void {
  const at = mail.selection.cursor.peek()
  commands.openAt(mail, at < 0 ? 0 : at)
}

function tick(mail: Mail): void {
  const at = mail.selection.cursor.peek()
  const thread = route.peek().thread ?? commands.threadAt(mail, at)
  if (thread !== undefined) mail.selection.toggle(thread, at)
}

function leave(mail: Mail): void {
  if (mail.selection.ticked.peek().size > 0 || mail.selection.whole.peek()) mail.selection.clear()
  else leaveThread()
}

function write(mail: Mail, kind: Extract<Start['kind'], 'reply' | 'reply-all' | 'forward'>): void {
  const letters = [...(mail.conversation.peek()?.open.peek().values() ?? [])]
  const last = letters.findLast(letter => letter !== undefined)
  if (last) startWriting({ kind, letter: last })
}
