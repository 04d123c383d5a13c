import assert from 'node:assert/strict'
import test from 'node:test'
import { browserName, localTime, utcTime } from './preferences.ts'

test('times of fields and of the wire, there and back', () => {
  assert.equal(localTime(null), '')
  assert.equal(utcTime(''), null)
  for (const utc of ['2026-11-27T09:30:00Z', '2026-01-01T00:00:00Z', '2027-07-31T23:59:00Z'])
    assert.equal(utcTime(localTime(utc)), utc)
})

test('browsers by names that people know', () => {
  const safari =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1'
  const edge =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0'
  assert.deepEqual(browserName(safari), { browser: 'Safari', system: 'iPhone' })
  assert.deepEqual(browserName(edge), { browser: 'Edge', system: 'Windows' })
  assert.deepEqual(browserName('Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko Firefox/150.0'), {
    browser: 'Firefox',
    system: 'Linux',
  })
  assert.deepEqual(browserName('curl/8'), { browser: '', system: '' })
})
