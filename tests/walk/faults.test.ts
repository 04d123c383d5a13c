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

type Plan = { readonly needs?: Extension; readonly proxy: Proxy; readonly seconds: number; readonly kills: number }

/** Each walk its own seed, in each run the same: new courses are for `npm run walk` */
let walks = 0

/** What the walk complains of; undefined when it finds nothing. */
async function complaintOf(plan: Plan, afterRestart?: (user: string) => Promise<void>): Promise<Complaint | undefined> {
  const user = await home.newUser()
  const walk = new Walk({
    ...plan,
    home,
    user,
    seed: ++walks,
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

function mustBe(complaint: Complaint | undefined, kinds: readonly ComplaintKind[], planted: number): void {
  // before anything was planted it would be a true finding
  assert.ok(planted > 0, `nothing was planted; ${complaint?.stack}`)
  assert.ok(complaint, `not found, planted ${planted} times`)
  assert.ok(kinds.includes(complaint.kind), `expected ${kinds.join(' or ')}, got ${complaint.message}`)
}

// one home for all of them: each walk waits for its answers half of the time
describe('planted in the dialogue', { concurrency: 3 }, () => {
  for (const { name, kinds, needs, ...planted } of faults)
    test(`found: ${name}`, { timeout: 240_000 }, async () => {
      const proxy = plant(planted)
      const complaint = await complaintOf({ proxy, seconds: 120, kills: 0, ...(needs && { needs }) })
      mustBe(complaint, kinds, proxy.planted)
    })
})

for (const fault of restartFaults)
  test(`found: ${fault.name}`, { timeout: 120_000 }, async () => {
    let planted = 0
    const complaint = await complaintOf({ proxy: honestProxy, seconds: 6, kills: 1 }, async user => {
      await commit(fault, home, user)
      planted++
    })
    mustBe(complaint, fault.kinds, planted)
  })
