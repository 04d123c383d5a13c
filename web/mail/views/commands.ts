/**
 * What keys and buttons do to the conversations that are meant: those that are ticked, else the one that is open or under the cursor. Where all of
 * a list is chosen, and no conversations are named, it is done to all of it.
 */
import type { Id, MailboxRole } from '#protocols/jmap/wire.ts'
import type { Mail } from '../model/mail.ts'
import { go, leaveThread, route } from '../model/route.ts'
import { type Act, overAll } from './bulk/over-all.ts'
import { showDialog } from './dialog-request.ts'
import { startWriting } from './writing.ts'

export function threadAt({ list, emails }: Mail, at: number): Id | undefined {
  const id = list.peek()?.ids.peek()[at]
  return id === undefined ? undefined : emails.get(id)?.threadId
}

/** Where a conversation stands in the list; -1: not among those that are known. */
export function placeOfThread(mail: Mail, thread: Id | undefined): number {
  if (thread === undefined) return -1
  const ids = mail.list.peek()?.ids.peek() ?? []
  const members = new Set(mail.emails.thread(thread))
  return ids.findIndex(id => id !== undefined && members.has(id))
}

export function meant(mail: Mail): readonly Id[] {
  const ticked = mail.selection.ticked.peek()
  if (ticked.size > 0) return [...ticked]
  const one = route.peek().thread ?? threadAt(mail, mail.selection.cursor.peek())
  return one === undefined ? [] : [one]
}

export function openAt(mail: Mail, at: number, { replace = false } = {}): void {
  const thread = threadAt(mail, at)
  if (thread === undefined) return
  mail.selection.cursor.value = at
  const [first, ...more] = mail.emails.emailsOf(thread)
  // a draft that stands alone is there to be finished
  if (first?.keywords['$draft'] && more.length === 0) return startWriting({ kind: 'draft', emailId: first.id })
  go({ thread }, { replace })
}

/** To the next or the one before: of what is open, where something is, else of the cursor alone. */
export function step(mail: Mail, by: 1 | -1): void {
  const total = mail.list.peek()?.total.peek() ?? 0
  const open = route.peek().thread
  const from = open === undefined ? mail.selection.cursor.peek() : placeOfThread(mail, open)
  const to = Math.min(Math.max(from + by, 0), total - 1)
  if (to < 0) return
  mail.selection.cursor.value = to
  if (open !== undefined) openAt(mail, to, { replace: true })
}

/** They leave the list: what is read next is what stood below, or above at the end. */
function leaving(mail: Mail, threads: readonly Id[]): void {
  const open = route.peek().thread
  mail.selection.clear()
  if (open === undefined || !threads.includes(open)) return
  const at = placeOfThread(mail, open)
  const gone = new Set(threads)
  const next = [at + 1, at - 1]
    .map(place => threadAt(mail, place))
    .find(thread => thread !== undefined && !gone.has(thread))
  if (next !== undefined && isWide()) go({ thread: next }, { replace: true })
  else leaveThread()
}

/** List and conversation stand side by side. */
export function isWide(): boolean {
  return matchMedia('(min-width: 721px)').matches
}

/** True: all of the list is chosen, and it is under way. */
function isOverAll(mail: Mail, threads: readonly Id[] | undefined, act: () => Act): boolean {
  return threads === undefined && overAll(mail, act)
}

export function archive(mail: Mail, named?: readonly Id[]): void {
  if (mail.mailbox.peek()?.role === 'archive' || isOverAll(mail, named, () => ({ kind: 'archive' }))) return
  const threads = named ?? meant(mail)
  if (threads.length === 0) return
  leaving(mail, threads)
  void mail.actions.archive(threads)
}

/** What is in the trash or in Junk already goes for ever, after a question. */
export function trash(mail: Mail, named?: readonly Id[]): void {
  const goesForEver = isLast(mail.mailbox.peek()?.role)
  const whole = mail.selection.whole.peek()
  if (goesForEver && !named && whole) return showDialog({ kind: 'destroy', threads: undefined })
  if (isOverAll(mail, named, () => ({ kind: 'trash' }))) return
  const threads = named ?? meant(mail)
  if (threads.length === 0) return
  if (goesForEver) return showDialog({ kind: 'destroy', threads })
  leaving(mail, threads)
  void mail.actions.trash(threads)
}

export function destroy(mail: Mail, named: readonly Id[] | undefined): void {
  if (isOverAll(mail, named, () => ({ kind: 'destroy' }))) return
  const threads = named ?? meant(mail)
  leaving(mail, threads)
  void mail.actions.destroy(threads)
}

export function isLast(role: string | null | undefined): boolean {
  return role === 'trash' || role === 'junk'
}

export function junk(mail: Mail, named?: readonly Id[]): void {
  const isJunk = mail.mailbox.peek()?.role !== 'junk'
  if (isOverAll(mail, named, () => ({ kind: isJunk ? 'junk' : 'notJunk' }))) return
  const threads = named ?? meant(mail)
  if (threads.length === 0) return
  leaving(mail, threads)
  void mail.actions.junk(threads, isJunk)
}

export function move(mail: Mail, to: Id, named?: readonly Id[]): void {
  if (isOverAll(mail, named, () => ({ kind: 'move', to }))) return
  const threads = named ?? meant(mail)
  if (threads.length === 0) return
  leaving(mail, threads)
  void mail.actions.move(threads, to)
}

/** `named`: else what is meant */
export function label(mail: Mail, keyword: string, isOn: boolean, named?: readonly Id[]): void {
  if (isOverAll(mail, named, () => ({ kind: 'label', keyword, isOn }))) return
  const threads = named ?? meant(mail)
  if (threads.length > 0) void mail.actions.label(threads, keyword, isOn)
}

export function isUnread(mail: Mail, thread: Id): boolean {
  return mail.emails.emailsOf(thread).some(row => row.keywords['$seen'] !== true && row.keywords['$draft'] !== true)
}

export function isStarred(mail: Mail, thread: Id): boolean {
  return mail.emails.emailsOf(thread).some(row => row.keywords['$flagged'] === true)
}

/** All of them read, if any is not. What is made unread is closed, or it would be read again at once. */
export function toggleRead(mail: Mail, named?: readonly Id[]): void {
  const threads = named ?? meant(mail)
  const makeRead = threads.some(thread => isUnread(mail, thread))
  if (isOverAll(mail, named, () => ({ kind: makeRead ? 'read' : 'unread' }))) return
  const open = route.peek().thread
  if (!makeRead && open !== undefined && threads.includes(open)) leaveThread()
  void mail.actions.read(threads, makeRead)
}

export function toggleStar(mail: Mail, named?: readonly Id[]): void {
  const threads = named ?? meant(mail)
  const makeStarred = !threads.every(thread => isStarred(mail, thread))
  if (isOverAll(mail, named, () => ({ kind: makeStarred ? 'star' : 'unstar' }))) return
  void mail.actions.star(threads, makeStarred)
}

export function goToRole(role: MailboxRole): void {
  go({ place: role, search: undefined, thread: undefined })
}

export function tickLoaded(mail: Mail): void {
  mail.selection.tick(loadedThreads(mail))
}

/** Reactive */
export function loadedThreads(mail: Mail): readonly Id[] {
  const ids = mail.list.value?.ids.value ?? []
  return [...new Set(ids.flatMap(id => (id === undefined ? [] : (mail.emails.get(id)?.threadId ?? []))))]
}
