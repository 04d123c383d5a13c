/**
 * REFERENCES: threads by Message-ID, References and In-Reply-To, then by subject. RFC 5256 §3, steps 1 to 6. Nodes are numbers, links
 * are arrays, and nothing calls itself: a thread may be as deep as the mailbox is long.
 */
import { stepItems, type Steps } from './slices.ts'
import { fewNumbers, sortFew, sortInSteps } from './sort.ts'
import type { Subject, Threaded, ThreadTree } from './thread-tree.ts'

/** So far up a loop is looked for; a link so deep in a thread that already has its parts is not made. Bounds what hostile letters cost. */
const loopSearchLimit = 2000

/** All message ids together, each with what it costs besides its characters. Ids beyond it are as if they were not named. */
const idBudget = 128 * 1024 * 1024
const idCost = 64

/** Message id → node */
export type NodeTable<Id> = { get(id: Id): number | undefined; set(id: Id, node: number): void }

/** For ids that are small numbers. */
export class DenseNodes implements NodeTable<number> {
  readonly #nodes: Int32Array

  /** `size`: of the table that the numbers are from */
  constructor(size: number) {
    this.#nodes = new Int32Array(size).fill(-1)
  }

  get(id: number): number | undefined {
    const node = this.#nodes[id] ?? -1
    return node < 0 ? undefined : node
  }

  set(id: number, node: number): void {
    this.#nodes[id] = node
  }
}

export class References<Id extends string | number = string> {
  readonly #nodes: NodeTable<Id>
  /** By node: position of the message, -1 for a dummy; parent, -1 for none; how many have it as their parent */
  readonly #messages: number[] = []
  readonly #parents: number[] = []
  readonly #childCounts: number[] = []
  #count = 0
  #idBudget: number

  constructor(nodes: NodeTable<Id> = new Map<Id, number>(), budget = idBudget) {
    this.#nodes = nodes
    this.#idBudget = budget
  }

  /** Step 1. In the order of the mailbox; the ids are normalised. */
  add(messageId: Id | undefined, references: ArrayLike<Id>): void {
    let previous = -1
    for (let at = 0; at < references.length; at++) {
      const node = this.#nodeOf(references[at] as Id)
      if (node === undefined) continue
      if (previous >= 0 && this.#parents[node] === -1) this.#link(previous, node)
      previous = node
    }
    const own = this.#ownNode(messageId)
    this.#messages[own] = this.#count++
    this.#unlink(own)
    if (previous >= 0) this.#link(previous, own)
  }

  /** Steps 2 to 6. */
  *threads(threaded: Threaded): Steps<ThreadTree> {
    const children = yield* this.#childLists()
    const roots = yield* this.#pruned(children)
    const forest = new Forest(this.#messages, children, threaded)
    return yield* forest.gathered(roots)
  }

  /** Without subjects, the thread that a message came into last at the end. THREAD=REFS, draft-ietf-morg-inthread §4 */
  *refs(threaded: Threaded, arrivals: ArrayLike<number>): Steps<ThreadTree> {
    const children = yield* this.#childLists()
    const roots = yield* this.#pruned(children)
    return yield* new Forest(this.#messages, children, threaded).byArrival(roots, arrivals)
  }

  #nodeOf(id: Id): number | undefined {
    const known = this.#nodes.get(id)
    if (known !== undefined) return known
    this.#idBudget -= (typeof id === 'string' ? id.length : 0) + idCost
    if (this.#idBudget < 0) return undefined
    const node = this.#newNode()
    this.#nodes.set(id, node)
    return node
  }

  /** Without an id, or with one that an earlier message has, the message has a node that nobody can name. */
  #ownNode(messageId: Id | undefined): number {
    const node = messageId === undefined ? undefined : this.#nodeOf(messageId)
    return node !== undefined && this.#messages[node] === -1 ? node : this.#newNode()
  }

  #newNode(): number {
    this.#parents.push(-1)
    this.#childCounts.push(0)
    return this.#messages.push(-1) - 1
  }

  #link(parent: number, child: number): void {
    if (parent === child || this.#isAbove(child, parent)) return
    this.#parents[child] = parent
    this.#childCounts[parent] = (this.#childCounts[parent] ?? 0) + 1
  }

  #unlink(child: number): void {
    const parent = this.#parents[child] ?? -1
    if (parent < 0) return
    this.#parents[child] = -1
    this.#childCounts[parent] = (this.#childCounts[parent] ?? 0) - 1
  }

  #isAbove(node: number, descendant: number): boolean {
    if (this.#childCounts[node] === 0) return false
    let steps = 0
    for (let at = this.#parents[descendant] ?? -1; at >= 0; at = this.#parents[at] ?? -1)
      if (at === node || ++steps > loopSearchLimit) return true
    return false
  }

  *#childLists(): Steps<ChildLists> {
    const children: ChildLists = this.#parents.map(() => undefined)
    for (const [node, parent] of this.#parents.entries()) {
      if (parent >= 0) adopt(children, parent, node)
      if (node % stepItems === 0) yield
    }
    return children
  }

  /** Steps 2 and 3: the roots, without the dummies that nothing needs. */
  *#pruned(children: ChildLists): Steps<number[]> {
    const roots: number[] = []
    for (const [node, parent] of this.#parents.entries()) if (parent < 0) roots.push(node)
    const downwards = [...roots]
    for (let at = 0; at < downwards.length; at++) {
      for (const child of children[downwards[at] ?? 0] ?? []) downwards.push(child)
      if (at % stepItems === 0) yield
    }
    for (let at = downwards.length - 1; at >= 0; at--) {
      const node = downwards[at] ?? 0
      if (children[node]) children[node] = this.#withoutDummies(children[node], children)
      if (at % stepItems === 0) yield
    }
    return roots.flatMap(root => {
      if (this.#messages[root] !== -1) return [root]
      const below = children[root] ?? []
      // promoted to the root only when it is the only one
      return below.length > 1 ? [root] : below
    })
  }

  /**
   * The children of dummies instead of them; they have been through this themselves. The longest list takes in the others, so that
   * a long chain of dummies costs little. The order comes later.
   */
  #withoutDummies(nodes: number[], children: ChildLists): number[] {
    if (!nodes.some(node => this.#messages[node] === -1)) return nodes
    const dummies = nodes.filter(node => this.#messages[node] === -1)
    const lists = dummies.map(dummy => children[dummy] ?? [])
    for (const dummy of dummies) children[dummy] = undefined
    const longest = lists.reduce((long, list) => (list.length > long.length ? list : long))
    for (const list of lists) if (list !== longest) for (const child of list) longest.push(child)
    for (const node of nodes) if (this.#messages[node] !== -1) longest.push(node)
    return longest
  }
}

type ChildLists = (number[] | undefined)[]

/** A list begins with room for one: most have no second child, and `[].push` makes room for seventeen. */
function adopt(children: ChildLists, parent: number, child: number): void {
  const list = children[parent]
  if (list) list.push(child)
  else children[parent] = [child]
}

/** Steps 4 to 6, on threads without needless dummies. */
class Forest {
  readonly #messages: number[]
  readonly #children: ChildLists
  readonly #threaded: Threaded

  constructor(messages: number[], children: ChildLists, threaded: Threaded) {
    this.#messages = messages
    this.#children = children
    this.#threaded = threaded
  }

  *gathered(roots: number[]): Steps<ThreadTree> {
    // step 4
    for (const [at, root] of roots.entries()) {
      if (this.#isDummy(root)) yield* this.#sortChildren(root)
      else if (at % stepItems === 0) yield
    }
    const sorted = yield* this.#sorted(roots)
    const gathered = yield* this.#merged(sorted, yield* this.#subjectTable(sorted))
    yield* this.#sortSiblings()
    return { roots: yield* this.#sorted(gathered), messages: this.#messages, children: this.#children }
  }

  /** Messages within a thread stand by sent date, threads by the latest arrival in each. */
  *byArrival(roots: number[], arrivals: ArrayLike<number>): Steps<ThreadTree> {
    yield* this.#sortSiblings()
    const latest = roots.map(() => -Infinity)
    const stack: number[] = []
    let steps = 0
    for (const [at, root] of roots.entries()) {
      stack.push(root)
      for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
        latest[at] = Math.max(latest[at] ?? 0, arrivals[this.#messages[node] ?? -1] ?? -Infinity)
        for (const child of this.#children[node] ?? []) stack.push(child)
        if (++steps % stepItems === 0) yield
      }
    }
    const order = Uint32Array.from(roots.keys())
    const byPlace = (a: number, b: number) => this.#speaker(roots[a] ?? 0) - this.#speaker(roots[b] ?? 0)
    yield* sortInSteps(order, (a, b) => (latest[a] ?? 0) - (latest[b] ?? 0) || byPlace(a, b))
    return { roots: Array.from(order, at => roots[at] ?? 0), messages: this.#messages, children: this.#children }
  }

  /** Step 6: the youngest siblings first; only dummies look at their children, and those are theirs alone. */
  *#sortSiblings(): Steps<void> {
    for (let node = 0; node < this.#children.length; node++) {
      const children = this.#children[node]
      // most have none or one, and hardly any more than a few
      if (children && children.length <= fewNumbers) sortFew(children, this.#byDate)
      else if (children) yield* this.#sortChildren(node)
      if (node % stepItems === 0) yield
    }
  }

  /** Step 5B: for each thread subject the root that others join. */
  *#subjectTable(roots: readonly number[]): Steps<Map<Subject, number>> {
    const table = new Map<Subject, number>()
    for (const [at, root] of roots.entries()) {
      if (at % stepItems === 0) yield
      const subject = this.#subjectOf(root)
      if (!subject) continue
      const found = table.get(subject)
      if (found === undefined) table.set(subject, root)
      else if (!this.#isDummy(found) && (this.#isDummy(root) || (this.#isReply(found) && !this.#isReply(root))))
        table.set(subject, root)
    }
    return table
  }

  /** Step 5C. */
  *#merged(roots: readonly number[], table: Map<Subject, number>): Steps<number[]> {
    const gone = new Set<number>()
    const added: number[] = []
    for (const [at, root] of roots.entries()) {
      if (at % stepItems === 0) yield
      const subject = this.#subjectOf(root)
      const found = table.get(subject)
      if (gone.has(root) || !subject || found === undefined || found === root) continue
      gone.add(root)
      if (this.#isDummy(found)) {
        if (this.#isDummy(root)) this.#adoptAll(found, root)
        else this.#adopt(found, root)
      } else if (this.#isReply(root) && !this.#isReply(found)) this.#adopt(found, root)
      else {
        const dummy = this.#messages.push(-1) - 1
        this.#children[dummy] = [found, root]
        gone.add(found)
        added.push(dummy)
        table.set(subject, dummy)
      }
    }
    return [...roots, ...added].filter(root => !gone.has(root))
  }

  #adopt(parent: number, child: number): void {
    adopt(this.#children, parent, child)
  }

  #adoptAll(parent: number, from: number): void {
    for (const child of this.#children[from] ?? []) this.#adopt(parent, child)
    this.#children[from] = undefined
  }

  #isDummy(node: number): boolean {
    return this.#messages[node] === -1
  }

  /** The message that speaks for a root: its own, or that of its first child. */
  #speaker(node: number): number {
    const message = this.#messages[node] ?? -1
    return message >= 0 ? message : (this.#messages[this.#children[node]?.[0] ?? 0] ?? 0)
  }

  #subjectOf(node: number): Subject {
    return this.#threaded.subjects[this.#speaker(node)] ?? ''
  }

  #isReply(node: number): boolean {
    return !this.#isDummy(node) && Boolean(this.#threaded.isReply[this.#messages[node] ?? 0])
  }

  *#sortChildren(node: number): Steps<void> {
    const children = this.#children[node] ?? []
    if (children.length > 1) this.#children[node] = yield* this.#sorted(children)
  }

  /** By sent date, and where that says nothing by sequence number. RFC 5256 §2.2 */
  *#sorted(nodes: readonly number[]): Steps<number[]> {
    const order = new Uint32Array(nodes)
    yield* sortInSteps(order, this.#byDate)
    return Array.from(order)
  }

  readonly #byDate = (left: number, right: number): number => {
    const { dates } = this.#threaded
    const a = this.#speaker(left)
    const b = this.#speaker(right)
    return (dates[a] ?? 0) - (dates[b] ?? 0) || a - b
  }
}
