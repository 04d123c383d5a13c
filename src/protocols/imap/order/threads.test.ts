import assert from 'node:assert/strict'
import test from 'node:test'
import { orderedSubject } from './ordered-subject.ts'
import type { ThreadTree } from './thread-tree.ts'
import { byReferences, byRefs, finished, type Letter, printed, threadedOf } from './threads.testbed.ts'

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
