/** What one finger on a row means, from its points alone: pixels of the page. */

/** Within it a finger that rests is still. */
const slop = 10
/** After so long without a move it is a long press. */
export const longPressMs = 500

export type Side = 'left' | 'right'
export type Gesture = {
  readonly kind: 'undecided' | 'swipe' | 'over'
  readonly x: number
  readonly y: number
  /** How far the row is from its place; right of it above 0 */
  readonly by: number
}

export function begin(x: number, y: number): Gesture {
  return { kind: 'undecided', x, y, by: 0 }
}

/** Decided once, by the larger direction: what has begun as scrolling stays that. `open`: the sides to which a row may go */
export function moveTo(gesture: Gesture, x: number, y: number, open: ReadonlySet<Side>): Gesture {
  if (gesture.kind === 'over') return gesture
  const by = x - gesture.x
  const down = Math.abs(y - gesture.y)
  if (gesture.kind === 'undecided') {
    if (Math.max(Math.abs(by), down) < slop) return gesture
    if (Math.abs(by) <= down || !open.has(sideOf(by))) return { ...gesture, kind: 'over' }
  }
  return { ...gesture, kind: 'swipe', by: open.has(sideOf(by)) ? by : 0 }
}

export function sideOf(by: number): Side {
  return by < 0 ? 'left' : 'right'
}

/** Over a third of the row's width it happens when the finger leaves. */
export function isFar({ kind, by }: Gesture, width: number): boolean {
  return kind === 'swipe' && Math.abs(by) > width / 3
}
