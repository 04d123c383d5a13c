// The walk must find faults, each by the right word: planted in the dialogue, and over a restart.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { freePort } from '../scenarios/running.ts'
import type { Extension } from './commands-session.ts'
import { Complaint, type ComplaintKind } from './complaint.ts'
import { faults } from './faults.ts'
import { type Home, startHome } from './home.ts'
import { honestProxy, plant, type Proxy } from './proxy.ts'
import { commit, restartFaults } from './restart-faults.ts'
import { Walk, WalkFailure } from './walk.ts'

const folder = mkdtempSync(join(tmpdir(), 'hikyaku-walk-faults-'))
const scope = new AsyncDisposableStack()
let home: Home
before(async () => {
  home = await startHome(scope, folder, await freePort())
})
after(async () => {
  await scope.disposeAsync()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

type Plan = {
  readonly needs?: Extension
  readonly proxy: Proxy
  /** In each run the same: new courses are for `npm run walk` */
  readonly seed: number
  readonly seconds: number
  readonly kills: number
}

/** What the walk complains of; undefined when it finds nothing. */
async function complaintOf(plan: Plan, afterRestart?: (user: string) => Promise<void>): Promise<Complaint | undefined> {
  const user = await home.newUser()
  const walk = new Walk({
    ...plan,
    home,
    user,
    clients: 4,
    ...(afterRestart && { afterRestart: () => afterRestart(user) }),
  })
  try {
    await walk.run()
    return undefined
  } catch (error) {
    if (error instanceof WalkFailure && error.cause instanceof Complaint) {
      // the dialogue, for whoever reads a failure
      error.cause.stack = error.message
      return error.cause
    }
    throw error
  }
}

type Found = { readonly complaint: Complaint | undefined; readonly planted: number }

const attempts = 4

/**
 * The clients' moments differ from run to run, so that now and then a fault shows first by what it entails, under another
 * word, or does not come up at all; then the next course must show it. A finding before anything was planted is a true one.
 */
async function mustFind(kinds: readonly ComplaintKind[], search: (seed: number) => Promise<Found>): Promise<void> {
  const others: string[] = []
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const { complaint, planted } = await search(attempt)
    assert.ok(!complaint || planted > 0, `nothing was planted; ${complaint?.stack}`)
    if (complaint && kinds.includes(complaint.kind)) return
    others.push(complaint?.message ?? `not found, planted ${planted} times`)
  }
  assert.fail(`expected ${kinds.join(' or ')}, got ${others.join('; then ')}`)
}

// one home for all of them: each walk waits for its answers half of the time
describe('planted in the dialogue', { concurrency: 3 }, () => {
  for (const { name, kinds, needs, ...planted } of faults)
    test(`found: ${name}`, { timeout: 240_000 }, () =>
      mustFind(kinds, async seed => {
        const proxy = plant(planted)
        const complaint = await complaintOf({ proxy, seed, seconds: 45, kills: 0, ...(needs && { needs }) })
        return { complaint, planted: proxy.planted }
      }),
    )
})

for (const fault of restartFaults)
  test(`found: ${fault.name}`, { timeout: 120_000 }, () =>
    mustFind(fault.kinds, async seed => {
      let planted = 0
      const complaint = await complaintOf({ proxy: honestProxy, seed, seconds: 4, kills: 1 }, async user => {
        await commit(fault, home, user)
        planted++
      })
      return { complaint, planted }
    }),
  )
