/**
 * Regular expressions in time that grows with text × expression, whatever either says: all alternatives go through the text side by
 * side, none is tried twice at one place. The leftmost match counts, of several there the longest (POSIX 9.1).
 */
import type { Text } from '#base/text.ts'
import { maxMatchVariables, maxRegexStates } from '../limits.ts'
import type { Comparator } from '../program.ts'
import type { Budget, Work } from './budget.ts'
import { isWord, parseRegex, type Ranges, RegexMistake, type RegexNode, tooManyStates } from './regex-syntax.ts'

type Assertion = 'begin' | 'end' | 'edge' | 'noedge' | 'wordbegin' | 'wordend'
type State =
  | { readonly kind: 'set'; readonly ranges: Ranges; readonly negated: boolean }
  | { readonly kind: Assertion }
  /** To the next state and, after that, to `other` */
  | { readonly kind: 'split'; other: number }
  | { readonly kind: 'jump'; other: number }
  | { readonly kind: 'save'; readonly slot: number }
  | { readonly kind: 'match' }

export type Regex = { readonly states: readonly State[]; readonly groups: number }

/** The regular expression, or what is wrong with it. */
export function compileRegex(pattern: string): Regex | { readonly mistake: Text } {
  try {
    const { node, groups } = parseRegex(pattern)
    const states: State[] = []
    compileNode(node, states)
    states.push({ kind: 'match' })
    return { states, groups: Math.min(groups, maxMatchVariables - 1) }
  } catch (error) {
    if (error instanceof RegexMistake) return { mistake: error.text }
    throw error
  }
}

function compileNode(node: RegexNode, states: State[]): void {
  if (states.length > maxRegexStates) throw new RegexMistake(tooManyStates)
  switch (node.kind) {
    case 'sequence':
      for (const part of node.nodes) compileNode(part, states)
      return
    case 'choice':
      return compileChoice(node.nodes, states)
    case 'group':
      states.push({ kind: 'save', slot: node.index * 2 })
      compileNode(node.node, states)
      states.push({ kind: 'save', slot: node.index * 2 + 1 })
      return
    case 'repeat':
      return compileRepeat(node, states)
    case 'set':
    case 'begin':
    case 'end':
    case 'edge':
    case 'noedge':
    case 'wordbegin':
    case 'wordend':
      states.push(node)
  }
}

function compileChoice(nodes: readonly RegexNode[], states: State[]): void {
  const jumps: Extract<State, { kind: 'jump' }>[] = []
  for (const [index, part] of nodes.entries()) {
    const isLast = index === nodes.length - 1
    const split = { kind: 'split', other: 0 } satisfies State
    if (!isLast) states.push(split)
    compileNode(part, states)
    if (isLast) continue
    const jump = { kind: 'jump', other: 0 } satisfies State
    states.push(jump)
    jumps.push(jump)
    split.other = states.length
  }
  for (const jump of jumps) jump.other = states.length
}

function compileRepeat({ node, min, max }: Extract<RegexNode, { kind: 'repeat' }>, states: State[]): void {
  for (let count = 0; count < min; count++) compileNode(node, states)
  if (max === Infinity) {
    const start = states.length
    const split = { kind: 'split', other: 0 } satisfies State
    states.push(split)
    compileNode(node, states)
    states.push({ kind: 'jump', other: start })
    split.other = states.length
    return
  }
  const splits: Extract<State, { kind: 'split' }>[] = []
  for (let count = min; count < max; count++) {
    const split = { kind: 'split', other: 0 } satisfies State
    states.push(split)
    splits.push(split)
    compileNode(node, states)
  }
  for (const split of splits) split.other = states.length
}

/** Positions that groups begin and end at, the latest first */
type Saved = { readonly slot: number; readonly at: number; readonly before: Saved | undefined }
type Thread = { readonly state: number; readonly start: number; readonly saved: Saved | undefined }

/** The whole match and the groups ('' for one that took no part); undefined without a match. */
export function* runRegex(
  regex: Regex,
  text: string,
  comparator: Comparator,
  budget: Budget,
): Work<readonly string[] | undefined> {
  const characters = Array.from(text)
  budget.spend(1 + characters.length)
  const run = new RegexRun(regex, characters, caseOf(comparator), budget)
  return yield* run.search()
}

type Case = 'exact' | 'ascii' | 'unicode'

function caseOf(comparator: Comparator): Case {
  if (comparator === 'i;unicode-casemap') return 'unicode'
  return comparator === 'i;ascii-casemap' ? 'ascii' : 'exact'
}

class RegexRun {
  readonly #states: readonly State[]
  readonly #groups: number
  readonly #characters: readonly string[]
  readonly #case: Case
  readonly #budget: Budget
  /** Per state the last position at which it was entered, plus one */
  readonly #entered: Int32Array
  #threads: Thread[] = []
  #best: { readonly start: number; readonly end: number; readonly saved: Saved | undefined } | undefined

  constructor({ states, groups }: Regex, characters: readonly string[], letterCase: Case, budget: Budget) {
    this.#states = states
    this.#groups = groups
    this.#characters = characters
    this.#case = letterCase
    this.#budget = budget
    this.#entered = new Int32Array(states.length)
  }

  *search(): Work<readonly string[] | undefined> {
    let current: Thread[] = []
    for (let at = 0; at <= this.#characters.length; at++) {
      this.#threads = []
      // entered marks of the step before were made for this place: threads that came from there go first
      for (const thread of current) this.#enter(thread.state, thread.start, thread.saved, at)
      if (!this.#best) this.#enter(0, at, undefined, at)
      if (this.#threads.length === 0 && this.#best) break
      current = this.#step(at)
      if (this.#budget.pauseDue) yield
    }
    return this.#best && this.#groupsOf(this.#best)
  }

  /** Threads behind the character at `at`, in their order */
  #step(at: number): Thread[] {
    this.#budget.spend(1 + this.#threads.length)
    const character = this.#characters[at]
    if (character === undefined) return []
    const points = this.#variants(character)
    const next: Thread[] = []
    for (const { state, start, saved } of this.#threads) {
      if (this.#best && start > this.#best.start) continue
      const { ranges, negated } = this.#states[state] as Extract<State, { kind: 'set' }>
      if (points.some(point => inRanges(ranges, point)) !== negated) next.push({ state: state + 1, start, saved })
    }
    return next
  }

  #variants(character: string): readonly number[] {
    const point = character.codePointAt(0) ?? 0
    if (this.#case === 'exact' || (this.#case === 'ascii' && point > 127)) return [point]
    const lower = character.toLowerCase()
    const upper = character.toUpperCase()
    return [point, ...(lower === upper ? [] : [lower.codePointAt(0) ?? 0, upper.codePointAt(0) ?? 0])]
  }

  /** Follows what takes no character. A state is entered once a place, by who comes first. */
  #enter(state: number, start: number, saved: Saved | undefined, at: number): void {
    const open: Thread[] = [{ state, start, saved }]
    for (let thread = open.pop(); thread; thread = open.pop()) {
      if (this.#entered[thread.state] === at + 1) continue
      this.#entered[thread.state] = at + 1
      this.#budget.spend(1)
      this.#follow(thread, at, open)
    }
  }

  #follow(thread: Thread, at: number, open: Thread[]): void {
    const state = this.#states[thread.state]
    const next = { ...thread, state: thread.state + 1 }
    if (!state) return
    switch (state.kind) {
      case 'set':
        this.#threads.push(thread)
        return
      case 'match':
        this.#found(thread, at)
        return
      case 'jump':
        open.push({ ...thread, state: state.other })
        return
      case 'split':
        // the last one pushed is followed first
        open.push({ ...thread, state: state.other }, next)
        return
      case 'save':
        open.push({ ...next, saved: { slot: state.slot, at, before: thread.saved } })
        return
      case 'begin':
      case 'end':
      case 'edge':
      case 'noedge':
      case 'wordbegin':
      case 'wordend':
        if (this.#holds(state.kind, at)) open.push(next)
    }
  }

  #found({ start, saved }: Thread, end: number): void {
    const best = this.#best
    if (!best || start < best.start || (start === best.start && end > best.end)) this.#best = { start, end, saved }
  }

  #holds(assertion: Assertion, at: number): boolean {
    if (assertion === 'begin') return at === 0
    if (assertion === 'end') return at === this.#characters.length
    const before = this.#isWordAt(at - 1)
    const after = this.#isWordAt(at)
    if (assertion === 'wordbegin') return !before && after
    if (assertion === 'wordend') return before && !after
    return (before !== after) === (assertion === 'edge')
  }

  #isWordAt(at: number): boolean {
    const character = this.#characters[at]
    return character !== undefined && isWord(character.codePointAt(0) ?? 0)
  }

  #groupsOf({ start, end, saved }: { start: number; end: number; saved: Saved | undefined }): readonly string[] {
    const places = new Map<number, number>()
    for (let save = saved; save; save = save.before) if (!places.has(save.slot)) places.set(save.slot, save.at)
    const slice = (from: number, to: number) => this.#characters.slice(from, to).join('')
    const groups = [slice(start, end)]
    for (let group = 1; group <= this.#groups; group++)
      groups.push(slice(places.get(group * 2) ?? 0, places.get(group * 2 + 1) ?? 0))
    return groups
  }
}

function inRanges(ranges: Ranges, point: number): boolean {
  for (const [from, to] of ranges) if (point >= from && point <= to) return true
  return false
}
