// The tests of pure functions as one test file: a process for each of them would spend its time on starting.
import { resolve } from 'node:path'
import { pureTests } from '../../scripts/unit-tests.ts'

for (const file of pureTests) await import(resolve(file))
