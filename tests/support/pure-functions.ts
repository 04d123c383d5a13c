// The tests of pure functions as one test file: a process for each of them would spend its time on starting.
import { resolve } from 'node:path'
import { after } from 'node:test'
import { pureTests } from '../../scripts/unit-tests.ts'

// some wait for what keeps no process alive (AbortSignal.timeout); all that come behind them would be given up with them
const alive = setInterval(() => {}, 60_000)

for (const file of pureTests) await import(resolve(file))

// told before this, the end of the tests would come between two of the files
after(() => clearInterval(alive))
