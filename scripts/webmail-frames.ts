/**
 * What a trace of Chromium says of the main thread's work for each frame: how long, on what. And the trace itself, cut down to what that is told
 * from, so that it can be kept. Times in traces are microseconds.
 */
import type { CDPSession } from 'playwright-core'

export type TraceEvent = {
  readonly name: string
  readonly ph: string
  readonly ts: number
  readonly dur?: number
  readonly tdur?: number
  readonly pid: number
  readonly tid: number
  readonly args: { readonly name?: string }
}

export const kinds = ['script', 'gc', 'style', 'layout', 'paint', 'other'] as const
export type Kind = (typeof kinds)[number]

/** Milliseconds */
export type Frame = {
  readonly begin: number
  /** By the clock: a thread that had to wait for a processor counts too */
  wall: number
  cpu: number
  /** By the clock as well, each without what it called */
  readonly by: Record<Kind, number>
}

const categories = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline', '__metadata']

export async function traced(
  devtools: CDPSession,
  act: () => Promise<unknown>,
  more: readonly string[] = [],
): Promise<readonly TraceEvent[]> {
  const events: TraceEvent[] = []
  const collect = ({ value }: { value: object[] }) => void events.push(...(value as TraceEvent[]))
  devtools.on('Tracing.dataCollected', collect)
  await devtools.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: [...categories, ...more] },
  })
  await act()
  const done = new Promise(resolve => devtools.once('Tracing.tracingComplete', resolve))
  await devtools.send('Tracing.end')
  await done
  devtools.off('Tracing.dataCollected', collect)
  return events
}

/** Of the page that drew most: those of its main thread, in their order, whoever encloses before what is enclosed. */
export function mainThread(events: readonly TraceEvent[]): readonly TraceEvent[] {
  let best: readonly TraceEvent[] = []
  let most = -1
  for (const { pid, tid } of events.filter(
    ({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain',
  )) {
    const own = events.filter(event => event.pid === pid && event.tid === tid)
    const drawn = own.filter(isFrame).length
    if (drawn > most) [best, most] = [own, drawn]
  }
  return best.toSorted((one, other) => one.ts - other.ts || (other.dur ?? 0) - (one.dur ?? 0))
}

/**
 * Chromium says that a frame begins when the one before has been drawn, a few microseconds before or after the task that drew it ends: a task belongs
 * to the frame that had begun in its middle. `events`: of one thread
 */
export function framesOf(events: readonly TraceEvent[]): readonly Frame[] {
  const frames = events.filter(isFrame).map(({ ts }) => newFrame(ts / 1000))
  for (const { ts, dur = 0, tdur = 0 } of events.filter(isTask)) {
    const frame = frameAt(frames, (ts + dur / 2) / 1000)
    if (!frame) continue
    frame.wall += dur / 1000
    frame.cpu += tdur / 1000
  }
  for (const { middle, kind, own } of ownTimes(events)) {
    const frame = frameAt(frames, middle / 1000)
    if (frame) frame.by[kind] += own / 1000
  }
  return frames
}

const isFrame = ({ name, ph }: TraceEvent) => name === 'AnimationFrame' && ph === 'b'
const isTask = ({ name, ph }: TraceEvent) => name === 'RunTask' && ph === 'X'

function newFrame(begin: number): Frame {
  return { begin, wall: 0, cpu: 0, by: { script: 0, gc: 0, style: 0, layout: 0, paint: 0, other: 0 } }
}

function frameAt(frames: readonly Frame[], ms: number): Frame | undefined {
  return frames.findLast(({ begin }) => begin <= ms)
}

type OwnTime = { readonly middle: number; readonly kind: Kind; own: number }

/** What each event took without those in it. `middle`: of the task that it belongs to */
function ownTimes(events: readonly TraceEvent[]): readonly OwnTime[] {
  const all: OwnTime[] = []
  const open: { readonly until: number; readonly time: OwnTime }[] = []
  for (const event of events.filter(({ ph }) => ph === 'X')) {
    const { name, ts, dur = 0 } = event
    while ((open.at(-1)?.until ?? Infinity) <= ts) open.pop()
    const around = open.at(-1)
    if (!around && name !== 'RunTask') continue
    const kind = kindOf(name) ?? around?.time.kind ?? 'other'
    const time: OwnTime = { middle: around?.time.middle ?? ts + dur / 2, kind, own: dur }
    if (around) around.time.own -= dur
    all.push(time)
    open.push({ until: ts + dur, time })
  }
  return all
}

/** Undefined: as what calls it */
function kindOf(name: string): Kind | undefined {
  if (/GC|^V8\.GC/.test(name)) return 'gc'
  if (/^(?:UpdateLayoutTree|RecalculateStyles|ParseAuthorStyleSheet|ScheduleStyleRecalculation)$/.test(name))
    return 'style'
  if (/^Layout$/.test(name)) return 'layout'
  if (/^(?:PrePaint|Paint|Layerize|Commit|UpdateLayer|CompositeLayers|IntersectionObserver.*)$/.test(name))
    return 'paint'
  if (/^(?:FunctionCall|Evaluate|RunMicrotasks|EventDispatch|TimerFire|FireAnimation|FireIdle|XHR|v8)/.test(name))
    return 'script'
  return undefined
}

/** A line for each frame, in milliseconds. */
export function frameTable(acts: Readonly<Record<string, readonly TraceEvent[]>>): string {
  const lines = [['act', 'frame', 'wall', 'cpu', ...kinds].join('\t')]
  for (const [act, events] of Object.entries(acts))
    for (const [at, { wall, cpu, by }] of framesOf(mainThread(events)).entries())
      lines.push([act, at, ...[wall, cpu, ...kinds.map(kind => by[kind])].map(ms => ms.toFixed(1))].join('\t'))
  return `${lines.join('\n')}\n`
}

/** The main thread's alone, without the shortest and without what nobody reads there: it opens in the browser's own tools. */
export function trimmed(events: readonly TraceEvent[], leastMicroseconds = 50): readonly object[] {
  const own = mainThread(events)
  const [{ pid, tid } = { pid: 0, tid: 0 }] = own
  const kept = own
    .filter(event => isFrame(event) || isTask(event) || (event.ph === 'X' && (event.dur ?? 0) >= leastMicroseconds))
    .map(({ name, ph, ts, dur, tdur }) => ({ name, cat: 'devtools.timeline', ph, ts, dur, tdur, pid, tid, args: {} }))
  return [
    { name: 'thread_name', cat: '__metadata', ph: 'M', ts: 0, pid, tid, args: { name: 'CrRendererMain' } },
    ...kept,
  ]
}
