import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { baseSubject } from './base-subject.ts'
import { orderedSubject } from './ordered-subject.ts'
import { References } from './references.ts'
import type { Steps } from './slices.ts'
import { printThreads, type Threaded, type ThreadTree } from './thread-tree.ts'

/** id, references, subject; the date is the position unless one is given */
type Letter = readonly [id: string, references: string, subject: string, date?: number]

function finished<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

function threadedOf(letters: readonly Letter[]): Threaded & { readonly subjects: readonly string[] } {
  const bases = letters.map(([, , subject]) => baseSubject(subject))
  return {
    dates: letters.map(([, , , date], at) => date ?? at),
    subjects: bases.map(({ base }) => base.toUpperCase()),
    isReply: bases.map(({ isReply }) => isReply),
  }
}

function byReferences(letters: readonly Letter[]): ThreadTree {
  const references = new References()
  for (const [id, named] of letters) references.add(id === '' ? undefined : id, named.split(' ').filter(Boolean))
  return finished(references.threads(threadedOf(letters)))
}

function printed(tree: ThreadTree): string {
  return [...printThreads(tree, message => message + 1)].join('')
}

function byRefs(letters: readonly Letter[], arrivals: readonly number[]): ThreadTree {
  const references = new References()
  for (const [id, named] of letters) references.add(id === '' ? undefined : id, named.split(' ').filter(Boolean))
  return finished(references.refs(threadedOf(letters), arrivals))
}

const refs: readonly [why: string, letters: readonly Letter[], arrivals: readonly number[], threads: string][] = [
  [
    'the thread that got a message last is last',
    [
      ['a', '', 'x'],
      ['b', '', 'y'],
      ['c', 'a', 'Re: x'],
    ],
    [1, 2, 3],
    '(2)(1 3)',
  ],
  [
    'subjects make no thread',
    [
      ['a', '', 'x'],
      ['b', '', 'Re: x'],
    ],
    [1, 2],
    '(1)(2)',
  ],
  [
    'one arrived late stays before its answer, and moves the thread',
    [
      ['a', '', 'x', 1],
      ['b', 'a', 'x', 2],
      ['c', '', 'z', 3],
    ],
    [9, 4, 5],
    '(3)(1 2)',
  ],
  [
    'siblings stand by sent date',
    [
      ['a', '', 'x', 1],
      ['b', 'a', 'x', 5],
      ['c', 'a', 'x', 3],
    ],
    [1, 2, 3],
    '(1 (3)(2))',
  ],
  [
    'a parent that is missing holds its children together',
    [
      ['b', 'a', 'x', 1],
      ['d', '', 'x', 2],
      ['c', 'a', 'x', 3],
    ],
    [1, 2, 3],
    '(2)((1)(3))',
  ],
  [
    'the same moment: by number',
    [
      ['a', '', 'x'],
      ['b', '', 'x'],
      ['c', '', 'x'],
    ],
    [1, 1, 1],
    '(1)(2)(3)',
  ],
  [
    'a loop ends',
    [
      ['a', 'b', 'x'],
      ['b', 'a', 'x'],
    ],
    [1, 2],
    '(2 1)',
  ],
  ['nothing', [], [], ''],
]
for (const [why, letters, arrivals, threads] of refs)
  test(`REFS: ${why}`, () => assert.equal(printed(byRefs(letters, arrivals)), threads))

const examples: readonly [why: string, expected: string, tree: ThreadTree][] = [
  // RFC 5256 §4: 3 is the parent of 6, which has 4 (parent of 23) and 44 (parent of 7, parent of 96)
  [
    'parents and children',
    '(2)(3 6 (4 23)(44 7 96))',
    {
      roots: [0, 1],
      messages: [1, 2, 5, 3, 22, 43, 6, 95],
      children: [undefined, [2], [3, 5], [4], undefined, [6], [7]],
    },
  ],
  ['a parent that is not there', '((3)(5))', { roots: [0], messages: [-1, 2, 4], children: [[1, 2]] }],
  ['nothing', '', { roots: [], messages: [], children: [] }],
]
for (const [why, expected, tree] of examples) test(`prints ${why}`, () => assert.equal(printed(tree), expected))

const referencesCases: readonly [why: string, letters: readonly Letter[], threads: string][] = [
  ['nobody', [], ''],
  [
    'strangers',
    [
      ['a', '', 'x'],
      ['b', '', 'y'],
    ],
    '(1)(2)',
  ],
  [
    'parent and child',
    [
      ['a', '', 'x'],
      ['b', 'a', 'Re: x'],
    ],
    '(1 2)',
  ],
  [
    'the child comes first',
    [
      ['b', 'a', 'Re: x'],
      ['a', '', 'x'],
    ],
    '(2 1)',
  ],
  [
    'a chain through one that is missing',
    [
      ['a', '', 'x'],
      ['c', 'a b', 'Re: x'],
    ],
    '(1 2)',
  ],
  [
    'siblings of one that is missing',
    [
      ['b', 'a', 'p'],
      ['c', 'a', 'q'],
    ],
    '((1)(2))',
  ],
  ['an only child of one that is missing', [['b', 'a', 'p']], '(1)'],
  [
    'siblings by date',
    [
      ['a', '', 'x'],
      ['b', 'a', 'x', 9],
      ['c', 'a', 'x', 8],
    ],
    '(1 (3)(2))',
  ],
  [
    'threads by date',
    [
      ['a', '', 'x', 5],
      ['b', '', 'y', 4],
    ],
    '(2)(1)',
  ],
  [
    'a dummy by its first child',
    [
      ['b', 'a', 'p', 7],
      ['c', 'a', 'q', 3],
      ['d', '', 'r', 5],
    ],
    '((2)(1))(3)',
  ],
  [
    'equal dates by number',
    [
      ['b', '', 'p', 1],
      ['a', '', 'q', 1],
    ],
    '(1)(2)',
  ],
  [
    'no ids',
    [
      ['', '', 'x'],
      ['', '', 'y'],
    ],
    '(1)(2)',
  ],
  [
    'one id twice: the first has it',
    [
      ['a', '', 'x'],
      ['a', '', 'y'],
      ['b', 'a', 'z'],
    ],
    '(1 3)(2)',
  ],
  ['itself as its parent', [['a', 'a', 'x']], '(1)'],
  [
    'a loop of two',
    [
      ['a', 'b', 'x'],
      ['b', 'a', 'y'],
    ],
    '(2 1)',
  ],
  [
    'a loop of three',
    [
      ['a', 'c', 'x'],
      ['b', 'a', 'y'],
      ['c', 'b', 'z'],
    ],
    '(3 1 2)',
  ],
  // step 1A: a link that is there stays; 1B: but the message itself knows its parent
  [
    'truncated references',
    [
      ['a', '', 'w'],
      ['c', 'a', 'x'],
      ['d', 'a b c', 'y'],
      ['b', 'a', 'z'],
    ],
    '(1 (2 3)(4))',
  ],
  [
    'its own parent comes later',
    [
      ['d', 'a c', 'y'],
      ['c', 'b', 'x'],
      ['a', '', 'w'],
      ['b', '', 'v'],
    ],
    '(3)(4 2 1)',
  ],
  [
    'a message without references has no parent',
    [
      ['d', 'a c', 'y'],
      ['c', '', 'x'],
    ],
    '(2 1)',
  ],
  // step 5
  [
    'a reply joins its subject',
    [
      ['a', '', 'x'],
      ['b', '', 'Re: x'],
    ],
    '(1 2)',
  ],
  [
    'a reply that came first',
    [
      ['b', '', 'Re: x'],
      ['a', '', 'x'],
    ],
    '(2 1)',
  ],
  [
    'two that are no replies',
    [
      ['a', '', 'x'],
      ['b', '', 'X'],
    ],
    '((1)(2))',
  ],
  [
    'two replies',
    [
      ['a', '', 'Re: x'],
      ['b', '', 'Fwd: x'],
    ],
    '((1)(2))',
  ],
  [
    'three replies',
    [
      ['a', '', 'Re: x'],
      ['b', '', 'Re: x'],
      ['c', '', 'Re: x'],
    ],
    '((1)(2)(3))',
  ],
  [
    'a reply and siblings without a parent',
    [
      ['b', 'z', 'x'],
      ['c', 'z', 'x'],
      ['d', '', 'Re: x'],
    ],
    '((1)(2)(3))',
  ],
  [
    'two sets of siblings',
    [
      ['b', 'y', 'x'],
      ['c', 'y', 'x'],
      ['d', 'z', 'x'],
      ['e', 'z', 'x'],
    ],
    '((1)(2)(3)(4))',
  ],
  [
    'no subject joins nothing',
    [
      ['a', '', ''],
      ['b', '', 'Re:'],
    ],
    '(1)(2)',
  ],
  [
    'a reply under a thread',
    [
      ['a', '', 'x'],
      ['b', 'a', 'Re: x'],
      ['c', '', 'Re: x'],
    ],
    '(1 (2)(3))',
  ],
]
for (const [why, letters, threads] of referencesCases)
  test(`REFERENCES: ${why}`, () => assert.equal(printed(byReferences(letters)), threads))

const subjectCases: readonly [why: string, letters: readonly Letter[], threads: string][] = [
  ['nobody', [], ''],
  [
    'by subject, then by date',
    [
      ['', '', 'b', 3],
      ['', '', 'a', 4],
      ['', '', 'Re: b', 1],
      ['', '', 'B', 2],
    ],
    '(3 (4)(1))(2)',
  ],
  [
    'one child',
    [
      ['', '', 'x'],
      ['', '', 're: x'],
    ],
    '(1 2)',
  ],
]
for (const [why, letters, threads] of subjectCases)
  test(`ORDEREDSUBJECT: ${why}`, () => assert.equal(printed(finished(orderedSubject(threadedOf(letters)))), threads))

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
