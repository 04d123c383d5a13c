/**
 * A list of rows of one height of which only those in sight exist. A hundred thousand rows are a box of that height; beyond the millions browsers
 * have no such boxes, and nobody scrolls.
 */
import { useComputed, useSignal, useSignalEffect } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'

export type VirtualListProps = {
  readonly count: number
  /** Pixels */
  readonly rowHeight: number
  readonly label: string
  readonly row: (at: number) => ComponentChildren
  readonly rowKey: (at: number) => string | number
  /** Rows in sight have changed */
  readonly onRange: (from: number, to: number) => void
  /** This row is brought into sight when it changes; -1: none */
  readonly cursor: number
}

const overscan = 6

export function VirtualList({ count, rowHeight, label, row, rowKey, onRange, cursor }: VirtualListProps) {
  const box = useRef<HTMLDivElement>(null)
  const top = useSignal(0)
  const height = useSignal(800)
  const shape = useSignal({ count, rowHeight })
  useLayoutEffect(() => {
    const was = shape.peek()
    if (was.count !== count || was.rowHeight !== rowHeight) shape.value = { count, rowHeight }
  }, [count, rowHeight])
  const from = useComputed(() => Math.max(0, Math.floor(top.value / shape.value.rowHeight) - overscan))
  const to = useComputed(() =>
    Math.min(shape.value.count, Math.ceil((top.value + height.value) / shape.value.rowHeight) + overscan),
  )
  useEffect(() => {
    if (!box.current) return undefined
    const observer = new ResizeObserver(([entry]) => {
      if (entry) height.value = entry.contentRect.height
    })
    observer.observe(box.current)
    return () => observer.disconnect()
  }, [])
  useSignalEffect(() => onRange(from.value, to.value))
  useLayoutEffect(() => reveal(box.current, cursor, rowHeight), [cursor, rowHeight])
  const rows = []
  for (let at = from.value; at < Math.min(to.value, count); at++)
    rows.push(
      <div
        key={rowKey(at)}
        class="virtual-row"
        role="listitem"
        aria-setsize={count}
        aria-posinset={at + 1}
        style={{ height: `${rowHeight}px`, transform: `translateY(${at * rowHeight}px)` }}
      >
        {row(at)}
      </div>,
    )
  return (
    <div ref={box} class="virtual-list" onScroll={event => (top.value = event.currentTarget.scrollTop)}>
      <div class="virtual-space" role="list" aria-label={label} style={{ height: `${count * rowHeight}px` }}>
        {rows}
      </div>
    </div>
  )
}

function reveal(box: HTMLElement | null, at: number, rowHeight: number): void {
  if (!box || at < 0) return
  const top = at * rowHeight
  if (top < box.scrollTop) box.scrollTop = top
  else if (top + rowHeight > box.scrollTop + box.clientHeight) box.scrollTop = top + rowHeight - box.clientHeight
}
