/** Run by killed.test.ts: an IMAP session appends messages while their scripts run, until the process is killed. Prints each that was answered. */
import { writeSync } from 'node:fs'
import { isRefusal } from '../account.ts'
import { openEvents } from './run.testbed.ts'

const [folder = ''] = process.argv.slice(2)
const { append } = await openEvents(folder)
for (;;) {
  const placed = await append()
  if (isRefusal(placed)) throw new Error(placed.refused)
  writeSync(1, '.')
}
