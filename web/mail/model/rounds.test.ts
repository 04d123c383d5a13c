import assert from 'node:assert/strict'
import test from 'node:test'
import { Rounds } from './rounds.ts'

test('who asks while a round is under way has another one behind it, and no more than that', async () => {
  const waiting: (() => void)[] = []
  let rounds = 0
  const round = async () => {
    rounds++
    await new Promise<void>(resolve => waiting.push(resolve))
    return false
  }
  const asked = new Rounds({ round, most: 5, anew: () => Promise.resolve(false) })
  const all = Promise.all([asked.now(), asked.now(), asked.now()])
  waiting.shift()?.()
  while (waiting.length === 0) await Promise.resolve()
  assert.equal(rounds, 2)
  waiting.shift()?.()
  await all
  assert.equal(rounds, 2)
})

test('after too many rounds all is read anew, and what changed meanwhile is asked for', async () => {
  const steps: string[] = []
  let left = 100
  const rounds = new Rounds({
    round: () => {
      steps.push('round')
      return Promise.resolve(left-- > 0)
    },
    most: 2,
    anew: () => {
      steps.push('anew')
      left = 0
      return Promise.resolve(true)
    },
  })
  await rounds.now()
  assert.deepEqual(steps, ['round', 'round', 'round', 'anew', 'round'])
})

test('a round that fails fails those who asked, and the next begins again', async () => {
  let isAway = true
  const round = () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(false))
  const rounds = new Rounds({ round, most: 5, anew: () => Promise.resolve(false) })
  await assert.rejects(rounds.now(), /away/)
  isAway = false
  await rounds.now()
})
