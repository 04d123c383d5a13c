/** A schedule over plain objects, for tests. */
import { type Job, type JobKeeper, Schedule, type ScheduleOptions } from './schedule.ts'

/** Its places are never used again; a place that is dropped more often than it was kept is a mistake. */
export function scheduleOf<J extends Job>(options: ScheduleOptions): Schedule<J> {
  const jobs: J[] = []
  const places = new Map<J, number>()
  const uses: number[] = []
  const keeper: JobKeeper<J> = {
    placeOf(job) {
      const place = places.get(job) ?? jobs.push(job) - 1
      places.set(job, place)
      return place
    },
    jobAt: place => jobs[place] as J,
    kept: place => (uses[place] = (uses[place] ?? 0) + 1),
    dropped(place) {
      const left = (uses[place] ?? 0) - 1
      if (left < 0) throw new Error(`The place of a job was dropped too often: ${place}`)
      if (left === 0 && jobs[place]?.state !== 'gone')
        throw new Error(`A job that is not gone lost its place: ${place}`)
      uses[place] = left
    },
  }
  return new Schedule<J>(options, keeper)
}
