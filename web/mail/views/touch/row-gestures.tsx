/**
 * One finger on the rows of the list: swiped aside they do what the settings say, pressed long they are selected. Loaded where there is a touch
 * screen. Scrolling stays the browser's (`touch-action`); whoever uses keys or a screen reader has the same in the list's bar and the letter's.
 */
import { render } from 'preact'
import type { Id } from '#protocols/jmap/wire.ts'
import type { Mail } from '../../model/mail.ts'
import { swipes } from '../../model/settings.ts'
import { begin, type Gesture, isFar, longPressMs, moveTo, type Side, sideOf } from '../../model/touch/gesture.ts'
import { leavesList, type SwipeAct, swipeAct } from '../../model/touch/swipe-act.ts'
import { Icon, type IconName } from '../../../ui/icon.tsx'
import * as commands from '../commands.ts'
import './touch.css'

/** As long as --calm, with which rows move */
const calmMs = 220

type Held = {
  readonly pointer: number
  readonly row: HTMLElement
  readonly at: number
  readonly thread: Id
  readonly acts: ReadonlyMap<Side, SwipeAct>
  readonly sides: ReadonlySet<Side>
  readonly longPress: ReturnType<typeof setTimeout>
  gesture: Gesture
}

/** On all rows in this element, until what it returns is called. */
export function beginRowGestures(pane: HTMLElement, mail: Mail): () => void {
  const end = new AbortController()
  let held: Held | undefined
  /** The tap that a gesture ends with opens nothing. */
  let ignoresClick = false

  const release = () => {
    if (held) clearTimeout(held.longPress)
    held = undefined
  }
  const cancel = () => {
    if (held?.gesture.kind === 'swipe') moveBack(held.row)
    release()
  }
  const pressLong = () => {
    if (held?.gesture.kind !== 'undecided') return
    held.gesture = { ...held.gesture, kind: 'over' }
    ignoresClick = true
    if (!mail.selection.ticked.peek().has(held.thread)) mail.selection.toggle(held.thread, held.at)
  }
  const onDown = (event: PointerEvent) => {
    if (!event.isPrimary) return cancel()
    ignoresClick = false
    if (event.pointerType !== 'touch') return
    release()
    held = holdRow(event, mail, setTimeout(pressLong, longPressMs))
  }
  const onMove = (event: PointerEvent) => {
    if (!held || event.pointerId !== held.pointer) return
    const was = held.gesture
    held.gesture = moveTo(was, event.clientX, event.clientY, held.sides)
    if (held.gesture.kind !== 'undecided') clearTimeout(held.longPress)
    if (held.gesture.kind !== 'swipe') return
    if (was.kind !== 'swipe') pane.setPointerCapture(event.pointerId)
    ignoresClick = true
    follow(held)
  }
  const onUp = (event: PointerEvent) => {
    if (event.pointerId !== held?.pointer) return
    const { row, gesture, acts, thread } = held
    release()
    if (gesture.kind !== 'swipe') return
    const act = acts.get(sideOf(gesture.by))
    if (!act || !row.isConnected || !isFar(gesture, row.offsetWidth)) return moveBack(row)
    finish(row, gesture.by, act, () => perform(mail, thread, act))
  }
  const onClick = (event: MouseEvent) => {
    const row = rowOf(event.target)
    const isTouch = event instanceof PointerEvent && event.pointerType === 'touch'
    if (ignoresClick) stop(event)
    else if (isTouch && row && mail.selection.ticked.peek().size > 0 && isLink(event.target)) {
      // while some are selected, a tap selects more of them
      stop(event)
      const at = placeOf(row)
      const thread = commands.threadAt(mail, at)
      if (thread !== undefined) mail.selection.toggle(thread, at)
    }
    ignoresClick = false
  }
  // the browser's own answers to a long press: a menu about the link, and dragging it
  const onOwn = (event: Event) => held && event.preventDefault()

  const options = { signal: end.signal }
  pane.addEventListener('pointerdown', onDown, options)
  pane.addEventListener('pointermove', onMove, options)
  pane.addEventListener('pointerup', onUp, options)
  pane.addEventListener('pointercancel', cancel, options)
  pane.addEventListener('contextmenu', onOwn, options)
  pane.addEventListener('dragstart', onOwn, options)
  pane.addEventListener('click', onClick, { ...options, capture: true })
  return () => {
    cancel()
    end.abort()
  }
}

function holdRow(event: PointerEvent, mail: Mail, longPress: Held['longPress']): Held | undefined {
  const row = rowOf(event.target)
  const at = row ? placeOf(row) : -1
  const thread = commands.threadAt(mail, at)
  if (!row || thread === undefined) {
    clearTimeout(longPress)
    return undefined
  }
  const acts = actsOn(mail, thread)
  const gesture = begin(event.clientX, event.clientY)
  return { pointer: event.pointerId, row, at, thread, acts, sides: new Set(acts.keys()), longPress, gesture }
}

/** None while conversations are selected: then it would not be clear what is meant. */
function actsOn(mail: Mail, thread: Id): ReadonlyMap<Side, SwipeAct> {
  const acts = new Map<Side, SwipeAct>()
  if (mail.selection.ticked.peek().size > 0) return acts
  const where = {
    role: mail.mailbox.peek()?.role,
    isUnread: commands.isUnread(mail, thread),
    isStarred: commands.isStarred(mail, thread),
  }
  for (const side of ['left', 'right'] as const) {
    const act = swipeAct(swipes[side].peek(), where)
    if (act) acts.set(side, act)
  }
  return acts
}

const rowOf = (target: EventTarget | null) =>
  target instanceof Element ? target.closest<HTMLElement>('.virtual-row > .row') : null

const isLink = (target: EventTarget | null) => target instanceof Element && target.closest('.row-link') !== null

/** The list counts them for screen readers, from 1. */
function placeOf(row: HTMLElement): number {
  return Number(row.parentElement?.getAttribute('aria-posinset') ?? 0) - 1
}

function stop(event: Event): void {
  event.preventDefault()
  event.stopPropagation()
}

const icons: Readonly<Record<SwipeAct, IconName>> = {
  archive: 'archive',
  trash: 'trash',
  destroy: 'trash',
  read: 'read',
  unread: 'unread',
  star: 'star',
  unstar: 'star',
  junk: 'junk',
  notJunk: 'notJunk',
}

function follow({ row, gesture, acts }: Held): void {
  const side = sideOf(gesture.by)
  const act = acts.get(side)
  delete row.dataset['springs']
  // nobody else's letter comes into this element while it is moved
  if (row.parentElement) row.parentElement.dataset['held'] = ''
  row.style.transform = `translateX(${gesture.by}px)`
  if (!act) return
  const behind = behindOf(row)
  if (behind.dataset['act'] !== act) render(<Icon name={icons[act]} filled={act === 'star'} />, behind)
  behind.dataset['act'] = act
  behind.dataset['side'] = side
  behind.dataset['far'] = String(isFar(gesture, row.offsetWidth))
}

/** Last in its row's place, where it disturbs nobody who draws there */
function behindOf(row: HTMLElement): HTMLElement {
  const was = row.parentElement?.querySelector<HTMLElement>('.swipe-behind')
  if (was) return was
  const made = document.createElement('div')
  made.className = 'swipe-behind'
  made.ariaHidden = 'true'
  row.parentElement?.append(made)
  return made
}

function moveBack(row: HTMLElement): void {
  row.dataset['springs'] = ''
  row.style.transform = ''
  setTimeout(() => clear(row), isStill() ? 0 : calmMs)
}

/** What leaves the list goes out by the side; all else comes back. */
function finish(row: HTMLElement, by: number, act: SwipeAct, perform: () => void): void {
  if (!leavesList(act) || isStill()) {
    moveBack(row)
    return perform()
  }
  row.dataset['springs'] = ''
  row.style.transform = `translateX(${by < 0 ? '-100%' : '100%'})`
  setTimeout(() => {
    perform()
    // where it stays after all, as among what a search found
    setTimeout(() => moveBack(row), 100)
  }, calmMs)
}

function clear(row: HTMLElement): void {
  // it is under a finger again
  if (row.style.transform !== '') return
  delete row.dataset['springs']
  delete row.parentElement?.dataset['held']
  const behind = row.parentElement?.querySelector('.swipe-behind')
  if (!behind) return
  render(null, behind)
  behind.remove()
}

function isStill(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}

function perform(mail: Mail, thread: Id, act: SwipeAct): void {
  const threads = [thread]
  switch (act) {
    case 'archive':
      return commands.archive(mail, threads)
    case 'trash':
    case 'destroy':
      return commands.trash(mail, threads)
    case 'read':
    case 'unread':
      return commands.toggleRead(mail, threads)
    case 'star':
    case 'unstar':
      return commands.toggleStar(mail, threads)
    case 'junk':
    case 'notJunk':
      return commands.junk(mail, threads)
    default:
      return act satisfies never
  }
}
