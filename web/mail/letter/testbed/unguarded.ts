/** A reader without any guard, which puts letters into pages as they are: what shows that the attacks are real. */
import { type Probe, probe } from './probe.ts'
import { stir } from './stir.ts'

/** Numbers that the letters' scripts have sent */
const fired = new Set<number>()
addEventListener('message', ({ data }) => {
  if (typeof data === 'number') fired.add(data)
})

let empty: Probe = {}
const frames = new Map<number, HTMLIFrameElement>()

/** Each in a frame of its own, `/raw/ID`, until they have loaded, or for a second. */
async function show(ids: readonly number[]): Promise<void> {
  const none = await framed('/raw/none', 60_000)
  empty = probed(none)
  none.remove()
  const shown = await Promise.all(ids.map(id => framed(`/raw/${id}`)))
  for (const [at, id] of ids.entries()) frames.set(id, shown[at] ?? none)
}

type Outcome = {
  readonly fired: readonly number[]
  readonly changed: readonly number[]
  readonly left: readonly number[]
}

/** Numbers of letters, by what they did; then touches everything that is whole and still there, which may take some of them away. */
function look(): Outcome {
  const all = [...frames]
  const whole = all.filter(([, frame]) => !hasLeft(frame) && isWhole(frame))
  const outcome = {
    fired: [...fired],
    changed: whole.filter(([, frame]) => differs(probed(frame))).map(([id]) => id),
    left: all.filter(([, frame]) => hasLeft(frame)).map(([id]) => id),
  }
  for (const [, frame] of whole) {
    try {
      if (frame.contentDocument) stir(frame.contentDocument, () => true)
    } catch {
      // what breaks on being touched is counted by what it did
    }
  }
  return outcome
}

/** One that is still coming looks different by itself. */
function isWhole({ contentDocument }: HTMLIFrameElement): boolean {
  return contentDocument?.readyState === 'complete'
}

function differs(probe: Probe): boolean {
  return JSON.stringify(probe) !== JSON.stringify(empty)
}

function framed(path: string, ms = 1_000): Promise<HTMLIFrameElement> {
  const frame = document.createElement('iframe')
  frame.width = '400'
  frame.height = '300'
  frame.src = path
  const { promise, resolve } = Promise.withResolvers<HTMLIFrameElement>()
  frame.addEventListener('load', () => resolve(frame), { once: true })
  // one whose letter loads without end is looked at as it is
  setTimeout(() => resolve(frame), ms)
  document.body.append(frame)
  return promise
}

function probed(frame: HTMLIFrameElement): Probe {
  try {
    return frame.contentDocument ? probe(frame.contentDocument) : {}
  } catch {
    return { probe: 'failed' }
  }
}

function hasLeft(frame: HTMLIFrameElement): boolean {
  return !pathOf(frame).startsWith('/raw/')
}

function pathOf(frame: HTMLIFrameElement): string {
  try {
    return frame.contentWindow?.location.pathname ?? ''
  } catch {
    return ''
  }
}

Object.assign(globalThis, { unguarded: { show, look } })
