/** In which time zone times are shown and entered: the system's, or one that was chosen in this browser. */
import { offsetAt } from '#formats/search/query/dates.ts'
import { chosenZone } from './settings.ts'

/** IANA's name. Reactive */
export function timeZone(): string {
  return chosenZone.value === '' ? systemZone() : chosenZone.value
}

const askedAgainMs = 1_000
let system = { zone: '', until: -Infinity }

/** Who travels takes the page along; but asking takes as long as all the rest of a row. */
export function systemZone(): string {
  const now = performance.now()
  if (now > system.until) system = { zone: Intl.DateTimeFormat().resolvedOptions().timeZone, until: now + askedAgainMs }
  return system.zone
}

/** Milliseconds that the clocks we show are ahead of UTC at this moment. Reactive */
function offsetOf(date: Date): number {
  const zone = chosenZone.value
  return zone === '' ? -date.getTimezoneOffset() * 60_000 : offsetAt(date.getTime(), zone)
}

/** As fields of type datetime-local have it: `2026-11-27T18:30`. Reactive */
export function wallTime(date: Date): string {
  return new Date(date.getTime() + offsetOf(date)).toISOString().slice(0, 16)
}

/** The moment at which clocks there show this. Where they are put forward past it: as much later; where they show it twice: the first time. */
export function momentOf(wall: string): Date {
  const utc = Date.parse(`${wall.slice(0, 16)}Z`)
  const zone = timeZone()
  // a day off in each direction has the offsets of before and after any change
  const [before, after] = [offsetAt(utc - 86_400_000, zone), offsetAt(utc + 86_400_000, zone)]
  const fitting = [before, after].map(offset => utc - offset).filter(moment => moment + offsetAt(moment, zone) === utc)
  return new Date(fitting.length > 0 ? Math.min(...fitting) : utc - before)
}

/** Days since 1970 by the calendar there. Reactive */
export function dayNumber(date: Date): number {
  return Math.floor((date.getTime() + offsetOf(date)) / 86_400_000)
}
