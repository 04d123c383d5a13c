/** Days as people write them, and the moments they begin and end in a time zone. */

export type Unit = 'hour' | 'day' | 'week' | 'month' | 'year'
export type NamedPeriod =
  | 'today'
  | 'yesterday'
  | 'two-days-ago'
  | 'this-week'
  | 'last-week'
  | 'this-month'
  | 'last-month'
  | 'this-year'
  | 'last-year'

export type QueryDate =
  /** A day, or without `day` a month, or without `month` too a year */
  | { readonly kind: 'calendar'; readonly year: number; readonly month?: number; readonly day?: number }
  /** The latest such day that is not in the future */
  | { readonly kind: 'yearless'; readonly month: number; readonly day: number }
  | { readonly kind: 'ago'; readonly count: number; readonly unit: Unit }
  | { readonly kind: 'named'; readonly name: NamedPeriod }

/** Milliseconds since 1970, from `from` up to and without `to` */
export type Period = { readonly from: number; readonly to: number }

const named: Readonly<Record<NamedPeriod, readonly string[]>> = {
  today: ['today', '今日', '本日', 'きょう'],
  yesterday: ['yesterday', '昨日', 'きのう', '前日'],
  'two-days-ago': ['two-days-ago', '一昨日', 'おととい'],
  'this-week': ['this-week', 'thisweek', '今週'],
  'last-week': ['last-week', 'lastweek', '先週'],
  'this-month': ['this-month', 'thismonth', '今月'],
  'last-month': ['last-month', 'lastmonth', '先月'],
  'this-year': ['this-year', 'thisyear', '今年'],
  'last-year': ['last-year', 'lastyear', '昨年', '去年'],
}
const byName = new Map(
  (Object.keys(named) as NamedPeriod[]).flatMap(name => named[name].map(word => [word, name] as const)),
)

const units: Readonly<Record<string, Unit>> = {
  h: 'hour',
  hour: 'hour',
  hours: 'hour',
  時間: 'hour',
  時間前: 'hour',
  d: 'day',
  day: 'day',
  days: 'day',
  日: 'day',
  日前: 'day',
  日間: 'day',
  w: 'week',
  week: 'week',
  weeks: 'week',
  週: 'week',
  週間: 'week',
  週間前: 'week',
  m: 'month',
  month: 'month',
  months: 'month',
  か月: 'month',
  ヶ月: 'month',
  ケ月: 'month',
  カ月: 'month',
  ヵ月: 'month',
  箇月: 'month',
  か月前: 'month',
  ヶ月前: 'month',
  カ月前: 'month',
  y: 'year',
  year: 'year',
  years: 'year',
  年前: 'year',
  年間: 'year',
}
const shortUnits: Readonly<Record<Unit, string>> = { hour: 'h', day: 'd', week: 'w', month: 'm', year: 'y' }

/** `2026-11-27`, `2026/11/27`, `2026年11月27日`, `2026-11`, `2026`, `11/27`, `7d`, `3週間`, `yesterday`, `昨日`; undefined: no date. */
export function readDate(written: string): QueryDate | undefined {
  const text = written.normalize('NFKC').toLowerCase()
  const name = byName.get(text)
  if (name !== undefined) return { kind: 'named', name }
  const [, count = '', word = ''] = /^(\d{1,4})([^\d\s/.-]{1,8})$/.exec(text) ?? []
  const unit = Object.hasOwn(units, word) ? units[word] : undefined
  if (unit) return { kind: 'ago', count: Number(count), unit }
  return readCalendar(text)
}

function readCalendar(text: string): QueryDate | undefined {
  const whole = /^(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?|年)?$/.exec(text)
  if (whole) {
    const [, year, month, day] = whole.map(part => (part === undefined ? undefined : Number(part)))
    if (!year || !isDay(year, month ?? 1, day ?? 1)) return undefined
    return {
      kind: 'calendar',
      year,
      ...(month !== undefined && { month }),
      ...(day !== undefined && { day }),
    }
  }
  const [, month, day] = /^(\d{1,2})[-/月](\d{1,2})日?$/.exec(text) ?? []
  // the 29th of February is a day of some years
  if (month === undefined || !isDay(2000, Number(month), Number(day))) return undefined
  return { kind: 'yearless', month: Number(month), day: Number(day) }
}

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day))
  return year >= 1970 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/** What `readDate` reads as this date. */
export function printDate(date: QueryDate): string {
  switch (date.kind) {
    case 'calendar': {
      const { year, month, day } = date
      return [String(year), ...[month, day].flatMap(part => (part === undefined ? [] : [two(part)]))].join('-')
    }
    case 'yearless':
      return `${two(date.month)}/${two(date.day)}`
    case 'ago':
      return `${date.count}${shortUnits[date.unit]}`
    case 'named':
      return date.name
  }
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

/** The days that a date names. What is some days or hours ago is the day of that moment. `timeZone` by IANA's name */
export function periodOf(date: QueryDate, nowMs: number, timeZone: string): Period {
  const today = dayAt(nowMs, timeZone)
  const days = (from: Day, to: Day) => ({ from: startOfDay(from, timeZone), to: startOfDay(to, timeZone) })
  switch (date.kind) {
    case 'calendar': {
      const { year, month, day } = date
      if (month === undefined) return days([year, 1, 1], [year + 1, 1, 1])
      if (day === undefined) return days([year, month, 1], [year, month + 1, 1])
      return days([year, month, day], [year, month, day + 1])
    }
    case 'yearless': {
      const { month, day } = date
      let [year] = today
      while (!isDay(year, month, day) || startOfDay([year, month, day], timeZone) > nowMs) year--
      return days([year, month, day], [year, month, day + 1])
    }
    case 'ago': {
      const { count, unit } = date
      const [year, month, day] = unit === 'hour' ? dayAt(nowMs - count * hourMs, timeZone) : dayAgo(today, count, unit)
      return days([year, month, day], [year, month, day + 1])
    }
    case 'named':
      return days(...namedDays(date.name, today))
  }
}

/** The moment so long before now: days, weeks, months and years keep the time of the day. */
export function momentAgo(date: QueryDate & { readonly kind: 'ago' }, nowMs: number, timeZone: string): number {
  if (date.unit === 'hour') return nowMs - date.count * hourMs
  const today = dayAt(nowMs, timeZone)
  return startOfDay(dayAgo(today, date.count, date.unit), timeZone) + (nowMs - startOfDay(today, timeZone))
}

/** Year, month and day, from 1 on; what goes beyond a month is carried on */
type Day = readonly [year: number, month: number, day: number]

function dayAgo([year, month, day]: Day, count: number, unit: Unit): Day {
  if (unit === 'day' || unit === 'week') return [year, month, day - count * (unit === 'week' ? 7 : 1)]
  const months = unit === 'year' ? count * 12 : count
  // the last day of a shorter month
  const lastDay = new Date(Date.UTC(year, month - months, 0)).getUTCDate()
  return [year, month - months, Math.min(day, lastDay)]
}

function namedDays(name: NamedPeriod, [year, month, day]: Day): readonly [Day, Day] {
  // weeks begin on Monday (ISO 8601)
  const monday = day - ((new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7)
  switch (name) {
    case 'today':
      return [
        [year, month, day],
        [year, month, day + 1],
      ]
    case 'yesterday':
      return [
        [year, month, day - 1],
        [year, month, day],
      ]
    case 'two-days-ago':
      return [
        [year, month, day - 2],
        [year, month, day - 1],
      ]
    case 'this-week':
      return [
        [year, month, monday],
        [year, month, monday + 7],
      ]
    case 'last-week':
      return [
        [year, month, monday - 7],
        [year, month, monday],
      ]
    case 'this-month':
      return [
        [year, month, 1],
        [year, month + 1, 1],
      ]
    case 'last-month':
      return [
        [year, month - 1, 1],
        [year, month, 1],
      ]
    case 'this-year':
      return [
        [year, 1, 1],
        [year + 1, 1, 1],
      ]
    case 'last-year':
      return [
        [year - 1, 1, 1],
        [year, 1, 1],
      ]
  }
}

const hourMs = 3_600_000

/** The first moment of a day there: midnight, or where the clock skips it, what comes instead. */
export function startOfDay([year, month, day]: Day, timeZone: string): number {
  const midnight = Date.UTC(year, month - 1, day)
  // zones reach from -12 to +14 hours; the offset may change on the day itself
  const candidates = [-26, -14, 0, 12, 24].map(hours => midnight - offsetAt(midnight + hours * hourMs, timeZone))
  const starts = candidates.filter(moment => moment + offsetAt(moment, timeZone) >= midnight)
  return Math.min(...starts)
}

/** Milliseconds that local time is ahead of UTC */
/** Milliseconds that clocks there are ahead of UTC at this moment */
export function offsetAt(moment: number, timeZone: string): number {
  const parts: Record<string, number> = {}
  for (const { type, value } of formatOf(timeZone).formatToParts(moment)) parts[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(moment / 1000) * 1000
}

function dayAt(moment: number, timeZone: string): Day {
  const local = new Date(moment + offsetAt(moment, timeZone))
  return [local.getUTCFullYear(), local.getUTCMonth() + 1, local.getUTCDate()]
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone)
  if (!format) {
    const numeric = 'numeric' as const
    const parts = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric }
    format = new Intl.DateTimeFormat('en-US', { ...parts, timeZone, hourCycle: 'h23', calendar: 'gregory' })
    formats.set(timeZone, format)
  }
  return format
}
