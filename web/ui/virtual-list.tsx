/**
 * A list of rows of one height of which only those in sight exist. A hundred thousand rows are a box of that height; beyond the millions browsers
 * have no such boxes, and nobody scrolls.
 */
import { batch, useComputed, useSignal, useSignalEffect } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { useReveal, useSteady } from './in-sight.ts'
import { type Key, nothingShown, show, type Shown } from './slots.ts'

export type VirtualListProps = {
  readonly count: number
  /** Pixels */
  readonly rowHeight: number
  readonly label: string
  /** The same element shows one row after another: what is drawn here keeps nothing of the one before. */
  readonly row: (at: number) => ComponentChildren
  /** undefined: a place of which nothing is known yet */
  readonly rowKey: (at: number) => Key | undefined
  /** Other rows are in sight, and the reader has not only come past them */
  readonly onRange: (from: number, to: number) => void
  /** This row is brought into sight when it changes; -1: none */
  readonly cursor: number
  /** What is in sight stays so when rows come in above it. */
  readonly isSteady?: boolean
}

/** Rows beyond what is in sight, at both ends */
const overscan = 6
/** Who goes on leaping before that has not wanted to see what is there: a bar that is pulled leaps in each frame */
const restMs = 25
/** After a leap so many more of them come at a time, with so much time between */
const growth = { rows: 2, ms: 40 } as const

export function VirtualList({ count, rowHeight, label, row, rowKey, onRange, cursor, isSteady }: VirtualListProps) {
  const box = useRef<HTMLDivElement>(null)
  const space = useRef<HTMLDivElement>(null)
  const shown = useRef<Shown>(nothingShown)
  const top = useSignal(0)
  const height = useSignal(800)
  const shape = useSignal({ count, rowHeight })
  useLayoutEffect(() => {
    const was = shape.peek()
    if (was.count !== count || was.rowHeight !== rowHeight) shape.value = { count, rowHeight }
  }, [count, rowHeight])
  // who leaps gets what is in sight, and nothing else in the same frame
  const beyond = useSignal({ rows: overscan, leapsOn: false })
  const from = useComputed(() => Math.max(0, Math.floor(top.value / shape.value.rowHeight) - beyond.value.rows))
  const to = useComputed(() =>
    Math.min(shape.value.count, Math.ceil((top.value + height.value) / shape.value.rowHeight) + beyond.value.rows),
  )
  const scrolled = (to: number) =>
    batch(() => {
      const isLeap = Math.abs(to - top.peek()) > height.peek()
      top.value = to
      if (isLeap) beyond.value = { rows: 0, leapsOn: beyond.peek().rows < overscan }
    })
  useSignalEffect(() => {
    const { rows } = beyond.value
    if (rows >= overscan) return undefined
    const timer = setTimeout(() => (beyond.value = { rows: rows + growth.rows, leapsOn: false }), growth.ms)
    return () => clearTimeout(timer)
  })
  useEffect(() => {
    if (!box.current) return undefined
    const observer = new ResizeObserver(([entry]) => {
      if (entry) height.value = entry.contentRect.height
    })
    observer.observe(box.current)
    return () => observer.disconnect()
  }, [])
  useSignalEffect(() => {
    const range = [from.value, to.value] as const
    if (!beyond.value.leapsOn) return onRange(...range)
    const timer = setTimeout(onRange, restMs, ...range)
    return () => clearTimeout(timer)
  })
  useSteady(box, { rowKey: isSteady ? rowKey : noKey, rowHeight }, { top: top.peek(), onMoved: scrolled })
  useReveal(box, cursor, { rowKey, rowHeight })
  const keys: (Key | undefined)[] = []
  for (let at = from.value; at < Math.min(to.value, count); at++) keys.push(rowKey(at))
  shown.current = show(shown.current, from.value, keys, heldIn(space.current))
  return (
    <div ref={box} class="virtual-list" onScroll={event => scrolled(event.currentTarget.scrollTop)}>
      <div
        ref={space}
        class="virtual-space"
        role="list"
        aria-label={label}
        style={{ height: `${count * rowHeight}px`, '--row-height': `${rowHeight}px` }}
      >
        {shown.current.rows.map(({ slot }, index) => {
          const at = from.value + index
          return (
            <div
              key={slot}
              class="virtual-row"
              role="listitem"
              aria-setsize={count}
              aria-posinset={at + 1}
              style={{ top: `${at * rowHeight}px` }}
            >
              {row(at)}
            </div>
          )
        })}
      </div>
    </div>
  )
}

const noKey = (): undefined => undefined

/** Those that have the focus, or on which somebody has written `data-held`. */
function heldIn(space: Element | null): (index: number) => boolean {
  const focused = document.activeElement
  const focusedRow = space?.contains(focused) ? focused?.closest('.virtual-row') : undefined
  return index => {
    const element = space?.children[index]
    return element !== undefined && (element === focusedRow || element.hasAttribute('data-held'))
  }
}
