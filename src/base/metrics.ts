/** Counters, gauges and histograms with labels, printed for Prometheus (text format 0.0.4). */

export type Labels = Readonly<Record<string, string>>

export type Counter = { add(count?: number, labels?: Labels): void }
export type Histogram = { observe(value: number, labels?: Labels): void }

export type MetricsRegistry = {
  /** `name` ends in _total */
  counter(name: string, help: string): Counter
  /** Read when printed */
  gauge(
    name: string,
    help: string,
    read: () => number | readonly { readonly labels: Labels; readonly value: number }[],
  ): void
  /** `bounds` ascending, in the unit the name ends with, such as _seconds */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram
  print(): string
}

/** A label that takes its values from peers would grow without end: further combinations count together. */
const maxSeries = 1_000
const overflow = '{overflow="true"}'

export function createMetrics(): MetricsRegistry {
  const printers = new Map<string, () => string>()
  const register = (name: string, type: string, help: string, lines: () => readonly string[]) => {
    if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name) || printers.has(name))
      throw new Error(`Metric ${name} cannot be registered`)
    const head = `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`
    printers.set(
      name,
      () =>
        head +
        lines()
          .map(line => `${line}\n`)
          .join(''),
    )
  }
  return {
    counter(name, help) {
      const values = new Map<string, number>()
      register(name, 'counter', help, () => [...values].map(([labels, value]) => `${name}${labels} ${value}`))
      return {
        add(count = 1, labels) {
          const at = seriesOf(values, labels)
          values.set(at, (values.get(at) ?? 0) + count)
        },
      }
    },
    gauge(name, help, read) {
      register(name, 'gauge', help, () => {
        const value = read()
        if (typeof value === 'number') return [`${name} ${value}`]
        return value.map(item => `${name}${printLabels(item.labels)} ${item.value}`)
      })
    },
    histogram(name, help, bounds) {
      const series = new Map<string, Buckets>()
      register(name, 'histogram', help, () =>
        [...series].flatMap(([labels, buckets]) => printBuckets(name, labels, bounds, buckets)),
      )
      return {
        observe(value, labels) {
          const at = seriesOf(series, labels)
          let buckets = series.get(at)
          if (!buckets)
            series.set(at, (buckets = { counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 }))
          let index = 0
          while (index < bounds.length && value > (bounds[index] ?? 0)) index++
          buckets.counts[index] = (buckets.counts[index] ?? 0) + 1
          buckets.sum += value
        },
      }
    },
    print: () => [...printers.values()].map(print => print()).join(''),
  }
}

type Buckets = { readonly counts: number[]; sum: number }

function seriesOf(known: ReadonlyMap<string, unknown>, labels: Labels | undefined): string {
  const printed = printLabels(labels)
  return known.has(printed) || known.size < maxSeries ? printed : overflow
}

/** Of objects that come again and again: hot counters keep theirs. */
const printedLabels = new WeakMap<Labels, string>()

function printLabels(labels: Labels | undefined): string {
  if (!labels) return ''
  let printed = printedLabels.get(labels)
  if (printed === undefined) {
    const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
    printed = pairs.length === 0 ? '' : `{${pairs.join(',')}}`
    printedLabels.set(labels, printed)
  }
  return printed
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function printBuckets(name: string, labels: string, bounds: readonly number[], buckets: Buckets): readonly string[] {
  const inside = labels === '' ? '' : `${labels.slice(1, -1)},`
  let total = 0
  const lines = buckets.counts.map((count, index) => {
    total += count
    return `${name}_bucket{${inside}le="${bounds[index] ?? '+Inf'}"} ${total}`
  })
  return [...lines, `${name}_sum${labels} ${buckets.sum}`, `${name}_count${labels} ${total}`]
}
