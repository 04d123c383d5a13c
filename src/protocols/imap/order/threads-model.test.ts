// THREAD over random mailboxes, against the RFC's algorithm written down a second time, and over very large ones.
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { orderedSubject } from './ordered-subject.ts'
import { References } from './references.ts'
import { byReferences, finished, type Letter, printed, threadedOf } from './threads.testbed.ts'

const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const letter: fc.Arbitrary<Letter> = fc.tuple(
  fc.constantFrom('', ...ids),
  fc.array(fc.constantFrom(...ids, 'y', 'z'), { maxLength: 4 }).map(list => list.join(' ')),
  fc.constantFrom('', 'p', 'q', 'Re: p', '[fwd: q]', 'r'),
  fc.integer({ min: 0, max: 3 }),
)
const mailbox = fc.array(letter, { maxLength: 12 })

test('every message is there exactly once, and only a root can be a dummy', () => {
  fc.assert(
    fc.property(mailbox, letters => {
      for (const tree of [byReferences(letters), finished(orderedSubject(threadedOf(letters)))]) {
        const seen: number[] = []
        const nodes = [...tree.roots]
        for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
          const message = tree.messages[node] ?? -1
          assert.ok(message >= 0 || (tree.roots.includes(node) && (tree.children[node] ?? []).length > 1))
          if (message >= 0) seen.push(message)
          nodes.push(...(tree.children[node] ?? []))
        }
        assert.deepEqual(
          seen.toSorted((a, b) => a - b),
          [...letters.keys()],
        )
        const numbers = printed(tree).match(/\d+/g) ?? []
        assert.deepEqual(
          numbers.map(Number).toSorted((a, b) => a - b),
          [...letters.keys()].map(at => at + 1),
        )
      }
    }),
    { numRuns: 3000 },
  )
})

// The same algorithm written down as the RFC tells it, with objects and without a thought for time.
type Node = { message: number; parent: Node | undefined; children: Node[] }

function told(letters: readonly Letter[]): string {
  const { dates, subjects, isReply } = threadedOf(letters)
  const all: Node[] = []
  const table = new Map<string, Node>()
  const make = (message: number) => {
    const node: Node = { message, parent: undefined, children: [] }
    all.push(node)
    return node
  }
  const named = (id: string) => {
    const node = table.get(id) ?? make(-1)
    table.set(id, node)
    return node
  }
  const isBelow = (node: Node | undefined, top: Node): boolean =>
    node !== undefined && (node === top || isBelow(node.parent, top))
  const link = (parent: Node, child: Node) => {
    if (isBelow(parent, child)) return
    child.parent = parent
    parent.children.push(child)
  }
  for (const [message, [id, references]] of letters.entries()) {
    let previous: Node | undefined
    for (const reference of references.split(' ').filter(Boolean)) {
      const node = named(reference)
      if (previous && !node.parent) link(previous, node)
      previous = node
    }
    let own = id === '' ? make(-1) : named(id)
    if (own.message !== -1) own = make(-1)
    own.message = message
    if (own.parent) own.parent.children = own.parent.children.filter(child => child !== own)
    own.parent = undefined
    if (previous) link(previous, own)
  }
  const prune = (nodes: readonly Node[], isRoot: boolean): Node[] =>
    nodes.flatMap(node => {
      node.children = prune(node.children, false)
      if (node.message !== -1) return [node]
      return !isRoot || node.children.length < 2 ? node.children : [node]
    })
  const speaker = (node: Node): number => (node.message !== -1 ? node.message : (node.children[0]?.message ?? 0))
  const date = (node: Node) => dates[speaker(node)] ?? 0
  const sort = (nodes: Node[]) => nodes.sort((a, b) => date(a) - date(b) || speaker(a) - speaker(b))
  let roots = prune(
    all.filter(node => !node.parent),
    true,
  )
  for (const root of roots) if (root.message === -1) sort(root.children)
  sort(roots)
  const subject = (node: Node) => subjects[speaker(node)] ?? ''
  const reply = (node: Node) => node.message !== -1 && isReply[node.message] === true
  const bySubject = new Map<string, Node>()
  for (const root of roots) {
    const found = bySubject.get(subject(root))
    if (subject(root) === '') continue
    if (!found || (found.message !== -1 && (root.message === -1 || (reply(found) && !reply(root)))))
      bySubject.set(subject(root), root)
  }
  for (const root of roots) {
    const found = bySubject.get(subject(root))
    if (!found || found === root || !roots.includes(root)) continue
    roots = roots.filter(other => other !== root)
    if (found.message === -1) found.children.push(...(root.message === -1 ? root.children : [root]))
    else if (reply(root) && !reply(found)) found.children.push(root)
    else {
      const dummy: Node = { message: -1, parent: undefined, children: [found, root] }
      roots = [...roots.filter(other => other !== found), dummy]
      bySubject.set(subject(found), dummy)
    }
  }
  const sortAll = (nodes: Node[]): Node[] => {
    for (const node of nodes) sortAll(node.children)
    return sort(nodes)
  }
  const print = (node: Node): string => {
    const inner = node.children.map(child => `(${print(child)})`).join('')
    const [only] = node.children
    const below = node.children.length === 1 && only ? print(only) : inner
    return node.message === -1 ? below : [String(node.message + 1), below].filter(Boolean).join(' ')
  }
  return sortAll(roots)
    .map(root => `(${print(root)})`)
    .join('')
}

test('REFERENCES does what the RFC tells', () => {
  fc.assert(
    fc.property(mailbox, letters => {
      assert.equal(printed(byReferences(letters)), told(letters))
    }),
    { numRuns: 5000 },
  )
})

test('threads may be as deep, as wide and as crooked as they like', () => {
  const count = 50_000
  const started = performance.now()
  const numbers = Array.from({ length: count }, (_, at) => at)
  const shapes: readonly Letter[][] = [
    numbers.map(at => [`${at}`, `${at - 1}`, '']),
    numbers.map(at => [`${at}`, `${at + 1}`, '']),
    numbers.map(at => [`${at}`, 'a', '']),
    numbers.map(at => [`${at}`, 'a b c d e', `${at}`]),
    numbers.map(at => [`${at}`, `${(at * 7919) % count}`, '']),
    numbers.map(() => ['', '', 'Re: x']),
    numbers.map(at => ['', `${at + 1} ${at}`, '']),
  ]
  for (const letters of shapes) {
    const text = printed(byReferences(letters))
    assert.equal((text.match(/\d+/g) ?? []).length, count)
    assert.equal((text.match(/\(/g) ?? []).length, (text.match(/\)/g) ?? []).length)
  }
  assert.ok(performance.now() - started < 20_000)
})

test('ids beyond the budget are as if nobody had named them', () => {
  const references = new References(new Map(), 3 * 64 + 3)
  references.add('a', [])
  references.add('b', ['x', 'a'])
  references.add('c', ['b', 'y'])
  references.add('d', ['c'])
  const threaded = { dates: [0, 1, 2, 3], subjects: ['p', 'q', 'r', 's'], isReply: [false, false, false, false] }
  assert.equal(printed(finished(references.threads(threaded))), '(1 2 3)(4)')
})
