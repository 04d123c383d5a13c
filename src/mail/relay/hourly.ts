/** So many an hour for each name, spread evenly: a bucket that fills at that rate. In memory. */
const hourMs = 3600 * 1000

export type Hourly = {
  /** False when `name` has used up what `perHour` (0: no limit) gives it by now */
  take(name: string, perHour: number): boolean
}

/** `now` in milliseconds, monotonic. */
export function hourly(now: () => number): Hourly {
  const used = new Map<string, { at: number; level: number }>()
  return {
    take(name, perHour) {
      if (perHour === 0) return true
      const at = now()
      const before = used.get(name) ?? { at, level: 0 }
      const level = Math.max(0, before.level - ((at - before.at) / hourMs) * perHour)
      const fits = level + 1 <= perHour
      used.set(name, { at, level: fits ? level + 1 : level })
      return fits
    },
  }
}
