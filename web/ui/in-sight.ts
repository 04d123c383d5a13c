/** What a list that scrolls keeps in sight: the row of the cursor when that moves, and where a reader is when rows come or go above. */
import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Key } from './slots.ts'

type Rows = {
  readonly rowKey: (at: number) => Key | undefined
  /** Pixels */
  readonly rowHeight: number
}

/** So far a row is looked for where others came in or went. */
const farthest = 1_000

type Cursor = {
  readonly at: number
  readonly key: Key | undefined
  /** Stood there before the list changed: in a moment the cursor may follow it */
  readonly before: Key | undefined
  readonly rowHeight: number
}

/** The row is brought into sight when the cursor moves to another; not when others come or go above it, and it has another place. */
export function useReveal(box: RefObject<HTMLElement | null>, at: number, { rowKey, rowHeight }: Rows): void {
  const last = useRef<Cursor>(undefined)
  useLayoutEffect(() => {
    const key = at < 0 ? undefined : rowKey(at)
    const was = last.current
    const isThere = was?.at === at
    last.current = { at, key, before: isThere ? (was.key === key ? was.before : was.key) : undefined, rowHeight }
    const isSame = isThere || (was && key !== undefined && (was.key === key || was.before === key))
    if (!isSame || was.rowHeight !== rowHeight) reveal(box.current, at, rowHeight)
  })
}

/**
 * The first row in sight stays under the eyes and under the pointer, whatever comes in above it; who is at the very top sees what comes. `top`: where
 * the list was scrolled to, before it got longer or shorter; `onMoved`: now it is there
 */
export function useSteady(
  box: RefObject<HTMLElement | null>,
  { rowKey, rowHeight }: Rows,
  { top, onMoved }: { readonly top: number; readonly onMoved: (top: number) => void },
): void {
  const first = useRef<{ readonly at: number; readonly key: Key | undefined; readonly rowHeight: number }>(undefined)
  useLayoutEffect(() => {
    const was = first.current
    const by = was?.rowHeight === rowHeight ? movedBy(was, rowKey) : 0
    const to = top + by * rowHeight
    if (by !== 0 && top >= rowHeight / 2 && box.current) {
      box.current.scrollTop = to
      onMoved(box.current.scrollTop)
    }
    const at = Math.floor((by === 0 ? top : to) / rowHeight)
    first.current = { at, key: rowKey(at), rowHeight }
  })
}

/** Rows. 0 where it is not there any more as well: what stood below takes its place. */
function movedBy(
  { at, key }: { readonly at: number; readonly key: Key | undefined },
  rowKey: (at: number) => Key | undefined,
): number {
  if (key === undefined || rowKey(at) === key) return 0
  for (let by = 1; by <= farthest; by++) {
    if (rowKey(at + by) === key) return by
    if (rowKey(at - by) === key) return -by
  }
  return 0
}

function reveal(box: HTMLElement | null, at: number, rowHeight: number): void {
  if (!box || at < 0) return
  const top = at * rowHeight
  if (top < box.scrollTop) box.scrollTop = top
  else if (top + rowHeight > box.scrollTop + box.clientHeight) box.scrollTop = top + rowHeight - box.clientHeight
}
