/**
 * The queue as it is held in memory: times and numbers, about a hundred octets a message for one destination. There may be a hundred
 * thousand of them, so they are rows (packed-rows.ts) and no objects; `LiveEntry` and `QueueJob` are looks at a row that are made when
 * somebody needs one and may be thrown away. What else is known of a message stands in the store.
 */
import { type Flow, flowName } from './fair-lines.ts'
import { PackedRows } from './packed-rows.ts'
import { RowIndex } from './row-index.ts'
import type { Job, JobKeeper } from './destination.ts'
import { SharedValues } from './shared-values.ts'

const states = ['waiting', 'ready', 'trying', 'held', 'gone'] as const
const noRow = -1
/** In the column `submitter`: nobody */
const nobody = -1
const unreachableMark = 1
const delayToldMark = 2
/** Most letters have one recipient */
const firstOnly: readonly number[] = [0]

type EntryRows = PackedRows<
  'number' | 'receivedAt' | 'expiresAt' | 'delayedAt' | 'submitter' | 'flow' | 'jobs' | 'held'
>
type JobRows = PackedRows<
  'entry' | 'next' | 'destination' | 'position' | 'attempts' | 'uses' | 'dueAt' | 'state' | 'marks'
>

/** A message that waits. Still safe to ask when it has left meanwhile: then it is `gone`. */
export class LiveEntry {
  readonly #table: EntryTable
  readonly row: number
  /** Never used again for another while the process lives */
  readonly number: number

  constructor(table: EntryTable, row: number, number: number) {
    this.#table = table
    this.row = row
    this.number = number
  }

  get gone(): boolean {
    return this.row === noRow || this.#table.entries.get('number', this.row) !== this.number
  }

  /** Milliseconds since 1970 */
  get receivedAt(): number {
    return this.#table.entries.get('receivedAt', this.row)
  }

  /** Monotonic: a wall clock that is set forward expires nothing. See `isOver` */
  get expiresAt(): number {
    return this.gone ? Infinity : this.#table.entries.get('expiresAt', this.row)
  }

  /** Monotonic; when its sender is told that it takes long */
  get delayedAt(): number {
    return this.gone ? Infinity : this.#table.entries.get('delayedAt', this.row)
  }

  /** Monotonic; -Infinity when it was never to wait */
  get releaseAt(): number {
    return this.#table.releases.get(this.row) ?? -Infinity
  }

  get held(): boolean {
    return !this.gone && this.#table.entries.get('held', this.row) === 1
  }

  set held(held: boolean) {
    if (!this.gone) this.#table.entries.set('held', this.row, held ? 1 : 0)
  }

  get flow(): Flow {
    return this.#table.flows.of(this.#table.entries.get('flow', this.row))
  }

  get jobs(): readonly QueueJob[] {
    return this.gone ? [] : this.#table.jobsOf(this.row)
  }

  get isTrying(): boolean {
    return this.jobs.some(job => job.state === 'trying')
  }
}

/** A message on its way to one destination. Who keeps one over an `await` keeps its row (`JobKeeper.kept`). */
export class QueueJob implements Job {
  readonly #table: EntryTable
  readonly row: number
  startedAt = 0

  constructor(table: EntryTable, row: number) {
    this.#table = table
    this.row = row
  }

  get entry(): LiveEntry {
    return this.#table.at(this.#table.jobs.get('entry', this.row))
  }

  get destination(): string {
    return this.#table.destinations.of(this.#table.jobs.get('destination', this.row))
  }

  /** Which of the entry's recipients */
  get positions(): readonly number[] {
    const position = this.#table.jobs.get('position', this.row)
    if (position === 0) return firstOnly
    return position > 0 ? [position] : (this.#table.several.get(this.row) ?? [])
  }

  get flow(): Flow {
    return this.entry.flow
  }

  get receivedAt(): number {
    return this.entry.receivedAt
  }

  get releaseAt(): number {
    return this.entry.releaseAt
  }

  get attempts(): number {
    return this.#table.jobs.get('attempts', this.row)
  }

  set attempts(attempts: number) {
    this.#table.jobs.set('attempts', this.row, attempts)
  }

  /** Monotonic */
  get dueAt(): number {
    return this.#table.jobs.get('dueAt', this.row)
  }

  set dueAt(dueAt: number) {
    this.#table.jobs.set('dueAt', this.row, dueAt)
  }

  get state(): Job['state'] {
    return states[this.#table.jobs.get('state', this.row)] as Job['state']
  }

  set state(state: Job['state']) {
    this.#table.jobs.set('state', this.row, states.indexOf(state))
  }

  get unreachable(): boolean {
    return this.#isMarked(unreachableMark)
  }

  set unreachable(is: boolean) {
    this.#mark(unreachableMark, is)
  }

  /** The sender was told of the delay, or is about to be */
  get delayTold(): boolean {
    return this.#isMarked(delayToldMark)
  }

  set delayTold(is: boolean) {
    this.#mark(delayToldMark, is)
  }

  #isMarked(mark: number): boolean {
    return (this.#table.jobs.get('marks', this.row) & mark) !== 0
  }

  #mark(mark: number, is: boolean): void {
    const marks = this.#table.jobs.get('marks', this.row)
    this.#table.jobs.set('marks', this.row, is ? marks | mark : marks & ~mark)
  }
}

export type EntryFacts = {
  readonly number: number
  readonly receivedAt: number
  readonly expiresAt: number
  readonly delayedAt: number
  readonly releaseAt: number | undefined
  readonly held: boolean
  readonly submitter: string | null
  readonly flow: Flow
}

export type JobFacts = {
  readonly destination: string
  readonly positions: readonly number[]
  readonly attempts: number
  readonly dueAt: number
  readonly delayTold: boolean
}

export class EntryTable implements JobKeeper<QueueJob> {
  readonly entries: EntryRows = new PackedRows({
    number: 'float',
    receivedAt: 'float',
    expiresAt: 'float',
    delayedAt: 'float',
    submitter: 'int',
    flow: 'int',
    // the first one's row; the others by `next`
    jobs: 'int',
    held: 'octet',
  })
  readonly jobs: JobRows = new PackedRows({
    entry: 'int',
    next: 'int',
    destination: 'int',
    // of its only recipient; -1: see `several`
    position: 'int',
    attempts: 'int',
    // by the schedule and by who keeps a look at it
    uses: 'int',
    dueAt: 'float',
    state: 'octet',
    marks: 'octet',
  })
  readonly destinations = new SharedValues<string>()
  readonly flows = new SharedValues<Flow>()
  readonly #submitters = new SharedValues<string>()
  /** Few are to be sent later, or have several recipients at one destination */
  readonly releases = new Map<number, number>()
  readonly several = new Map<number, readonly number[]>()
  readonly #byNumber = new RowIndex(row => this.entries.get('number', row))

  get size(): number {
    return this.entries.size
  }

  add(facts: EntryFacts): LiveEntry {
    const row = this.entries.take()
    for (const name of ['number', 'receivedAt', 'expiresAt', 'delayedAt'] as const)
      this.entries.set(name, row, facts[name])
    const { flow, held, releaseAt, submitter } = facts
    this.entries.set('submitter', row, submitter === null ? nobody : this.#submitters.take(submitter, submitter))
    this.entries.set('flow', row, this.flows.take(flowName(flow), flow))
    this.entries.set('jobs', row, noRow)
    this.entries.set('held', row, held ? 1 : 0)
    if (releaseAt !== undefined) this.releases.set(row, releaseAt)
    this.#byNumber.add(row)
    return new LiveEntry(this, row, facts.number)
  }

  find(number: number): LiveEntry | undefined {
    const row = this.#byNumber.get(number)
    return row === undefined ? undefined : new LiveEntry(this, row, number)
  }

  at(row: number): LiveEntry {
    return new LiveEntry(this, row, row === noRow ? NaN : this.entries.get('number', row))
  }

  /** In no particular order; entries may come and go meanwhile. */
  *all(): Iterable<LiveEntry> {
    for (const number of this.#numbers(() => true)) {
      const entry = this.find(number)
      if (entry) yield entry
    }
  }

  /** The numbers of what somebody submitted. */
  from(submitter: string): readonly number[] {
    const shared = this.#submitters.find(submitter)
    return shared === undefined ? [] : [...this.#numbers(row => this.entries.get('submitter', row) === shared)]
  }

  /** When the oldest was received, milliseconds since 1970 */
  get oldestAt(): number | undefined {
    let oldest = Infinity
    for (const row of this.entries.rows()) oldest = Math.min(oldest, this.entries.get('receivedAt', row))
    return oldest === Infinity ? undefined : oldest
  }

  #numbers(isMeant: (row: number) => boolean): Float64Array {
    const numbers = new Float64Array(this.entries.size)
    let count = 0
    for (const row of this.entries.rows()) if (isMeant(row)) numbers[count++] = this.entries.get('number', row)
    return numbers.subarray(0, count)
  }

  /** It has left. Its jobs stay for as long as somebody uses them, and are no part of anything. */
  remove({ row, number, gone }: LiveEntry): void {
    if (gone) return
    for (let job = this.entries.get('jobs', row); job !== noRow; job = this.jobs.get('next', job))
      this.jobs.set('entry', job, noRow)
    const submitter = this.entries.get('submitter', row)
    if (submitter !== nobody) this.#submitters.give(submitter)
    this.flows.give(this.entries.get('flow', row))
    this.releases.delete(row)
    this.#byNumber.remove(number)
    this.entries.set('number', row, noRow)
    this.entries.give(row)
  }

  addJob(entry: LiveEntry, facts: JobFacts): QueueJob {
    const row = this.jobs.take()
    const [first = 0] = facts.positions
    const alone = facts.positions.length === 1
    this.jobs.set('entry', row, entry.row)
    this.jobs.set('next', row, this.entries.get('jobs', entry.row))
    this.entries.set('jobs', entry.row, row)
    this.jobs.set('destination', row, this.destinations.take(facts.destination, facts.destination))
    this.jobs.set('position', row, alone ? first : -1)
    if (!alone) this.several.set(row, facts.positions)
    const job = new QueueJob(this, row)
    job.attempts = facts.attempts
    job.dueAt = facts.dueAt
    job.state = entry.held ? 'held' : 'waiting'
    job.delayTold = facts.delayTold
    return job
  }

  jobsOf(entry: number): readonly QueueJob[] {
    const jobs: QueueJob[] = []
    for (let row = this.entries.get('jobs', entry); row !== noRow; row = this.jobs.get('next', row))
      jobs.unshift(new QueueJob(this, row))
    return jobs
  }

  placeOf({ row }: QueueJob): number {
    return row
  }

  jobAt(row: number): QueueJob {
    return new QueueJob(this, row)
  }

  kept(row: number): void {
    this.jobs.set('uses', row, this.jobs.get('uses', row) + 1)
  }

  dropped(row: number): void {
    const uses = this.jobs.get('uses', row) - 1
    this.jobs.set('uses', row, uses)
    if (uses > 0) return
    this.#unlink(row)
    this.destinations.give(this.jobs.get('destination', row))
    this.several.delete(row)
    this.jobs.give(row)
  }

  /** Out of its entry's chain, if that has not left. */
  #unlink(job: number): void {
    const entry = this.jobs.get('entry', job)
    if (entry === noRow) return
    const next = this.jobs.get('next', job)
    let before = this.entries.get('jobs', entry)
    if (before === job) return this.entries.set('jobs', entry, next)
    while (this.jobs.get('next', before) !== job) before = this.jobs.get('next', before)
    this.jobs.set('next', before, next)
  }
}
