import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { longDate, shortDate } from './dates.ts'
import { chosenZone } from './settings.ts'
import { dayNumber, momentOf, systemZone, timeZone, wallTime } from './zone.ts'

function inZone(zone: string, act: () => void): void {
  chosenZone.value = zone
  try {
    act()
  } finally {
    chosenZone.value = ''
  }
}

test('times as clocks of a zone show them, and back', () => {
  inZone('Asia/Tokyo', () => {
    assert.equal(wallTime(new Date('2026-11-27T09:30:00Z')), '2026-11-27T18:30')
    assert.equal(momentOf('2026-11-28T08:00').toISOString(), '2026-11-27T23:00:00.000Z')
    assert.equal(dayNumber(new Date('2026-11-27T15:00:00Z')) - dayNumber(new Date('2026-11-27T14:59:59Z')), 1)
  })
  inZone('America/New_York', () => {
    // 8 March 2026: from 02:00 to 03:00; 1 November 2026: from 02:00 back to 01:00
    assert.equal(momentOf('2026-03-08T02:30').toISOString(), '2026-03-08T07:30:00.000Z')
    assert.equal(momentOf('2026-11-01T01:30').toISOString(), '2026-11-01T05:30:00.000Z')
  })
  for (const zone of ['Asia/Tokyo', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Kiritimati', 'Australia/Lord_Howe'])
    inZone(zone, () =>
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 25_000_000 }), minutes => {
          const date = new Date(Date.UTC(2000) + minutes * 60_000)
          const again = momentOf(wallTime(date))
          // an hour that is shown twice is read as the first one
          assert.equal(wallTime(again), wallTime(date))
        }),
        { numRuns: 200 },
      ),
    )
})

test('what is shown follows the zone', () => {
  const words = { locale: 'en-GB', yesterday: 'Yesterday' }
  const [date, now] = [new Date('2026-11-26T23:30:00Z'), new Date('2026-11-27T09:00:00Z')]
  inZone('Asia/Tokyo', () => {
    assert.equal(shortDate(date, now, words), '08:30')
    assert.match(longDate(date, now, words), /Fri,? 27 Nov.* 08:30/)
  })
  inZone('Europe/London', () => {
    assert.equal(shortDate(date, now, words), 'Yesterday')
    assert.match(longDate(date, now, words), /Thu,? 26 Nov.* 23:30/)
  })
  assert.equal(timeZone(), systemZone())
})
