// Processor time by thread, as Linux tells it (proc(5)): user and system together.
import { readdirSync, readFileSync } from 'node:fs'

/** Milliseconds by the thread's name; threads of one name together */
export type ThreadTimes = Readonly<Record<string, number>>

/** Of a tick of /proc/PID/stat: 100 a second on every Linux that we measure on */
const tickMs = 10

export function threadTimes(pid: number): ThreadTimes {
  const times: Record<string, number> = {}
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    // `tid (name) state …`: the name may hold blanks and parentheses
    const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8')
    const end = stat.lastIndexOf(')')
    const name = stat.slice(stat.indexOf('(') + 1, end)
    const fields = stat.slice(end + 2).split(' ')
    times[name] = (times[name] ?? 0) + (Number(fields[11]) + Number(fields[12])) * tickMs
  }
  return times
}

/** Of each of `count` pieces of work. */
export function timesBetween(before: ThreadTimes, after: ThreadTimes, count: number): ThreadTimes {
  return Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, (ms - (before[name] ?? 0)) / count]))
}
