import assert from 'node:assert/strict'
import test from 'node:test'
import { begin, type Gesture, isFar, moveTo, type Side } from './gesture.ts'
import { leavesList, swipeAct } from './swipe-act.ts'

const both: ReadonlySet<Side> = new Set(['left', 'right'] as const)

/** A finger that goes down at 100, 100 and over these points */
function drawn(points: readonly (readonly [x: number, y: number])[], open = both): Gesture {
  return points.reduce((gesture, [x, y]) => moveTo(gesture, x, y, open), begin(100, 100))
}

test('a finger that moves less than ten pixels has decided nothing', () => {
  assert.equal(drawn([[109, 109]]).kind, 'undecided')
  assert.equal(drawn([[91, 100]]).kind, 'undecided')
  assert.equal(drawn([[110, 100]]).kind, 'swipe')
  assert.equal(drawn([[100, 110]]).kind, 'over')
})

test('the larger direction decides, once', () => {
  const scrolled = drawn([
    [104, 111],
    [300, 111],
  ])
  assert.deepEqual([scrolled.kind, scrolled.by], ['over', 0])
  const swiped = drawn([
    [112, 105],
    [150, 400],
  ])
  assert.deepEqual([swiped.kind, swiped.by], ['swipe', 50])
  assert.equal(drawn([[111, 111]]).kind, 'over', 'as far both ways: scrolling is not disturbed')
})

test('a row goes to no side where nothing would happen', () => {
  const right: ReadonlySet<Side> = new Set(['right'] as const)
  assert.equal(drawn([[80, 100]], right).kind, 'over')
  const there = drawn(
    [
      [120, 100],
      [60, 100],
    ],
    right,
  )
  assert.deepEqual([there.kind, there.by], ['swipe', 0])
  assert.equal(drawn([[160, 100]], new Set()).kind, 'over')
})

test('over a third of the width it happens, to either side; brought back it does not', () => {
  assert.equal(isFar(drawn([[230, 100]]), 390), false)
  assert.equal(isFar(drawn([[231, 100]]), 390), true)
  assert.equal(isFar(drawn([[-31, 100]]), 390), true)
  const back = drawn([
    [300, 100],
    [130, 100],
  ])
  assert.equal(isFar(back, 390), false)
  assert.equal(isFar(drawn([[100, 400]]), 390), false)
})

test('what a swipe does follows the mailbox and the conversation', () => {
  const inbox = { role: 'inbox', isUnread: true, isStarred: false } as const
  const done = { ...inbox, isUnread: false, isStarred: true } as const
  assert.deepEqual(
    (['archive', 'trash', 'read', 'star', 'junk', 'none'] as const).map(choice => [
      swipeAct(choice, inbox),
      swipeAct(choice, done),
      swipeAct(choice, { ...inbox, role: 'archive' }),
      swipeAct(choice, { ...inbox, role: 'junk' }),
      swipeAct(choice, { ...inbox, role: 'trash' }),
    ]),
    [
      ['archive', 'archive', undefined, undefined, undefined],
      ['trash', 'trash', 'trash', 'destroy', 'destroy'],
      ['read', 'unread', 'read', 'read', 'read'],
      ['star', 'unstar', 'star', 'star', 'star'],
      ['junk', 'junk', 'junk', 'notJunk', 'junk'],
      [undefined, undefined, undefined, undefined, undefined],
    ],
  )
  // it is asked about first
  assert.equal(leavesList('destroy'), false)
  assert.equal(leavesList('archive'), true)
})
