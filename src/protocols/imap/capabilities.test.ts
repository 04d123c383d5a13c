import assert from 'node:assert/strict'
import test from 'node:test'
import { capabilityList, type CapabilityFacts } from './capabilities.ts'

const facts: CapabilityFacts = {
  secure: true,
  canStartTls: false,
  mayLogIn: true,
  mechanisms: ['PLAIN'],
  appendLimitBytes: 50_000_000,
  compressed: false,
  off: new Set(),
}

test('the limit of APPEND is told with its value, to those who are logged in', () => {
  assert.match(capabilityList('authenticated', facts), / APPENDLIMIT=50000000\b/)
  assert.doesNotMatch(capabilityList('unauthenticated', facts), /APPENDLIMIT/)
})

test('a name is switched off without its value, and only that name', () => {
  const names = capabilityList('authenticated', {
    ...facts,
    off: new Set(['APPENDLIMIT', 'QUOTA', 'IMAP4REV1']),
  }).split(' ')
  assert.deepEqual(
    names.filter(name => /^(APPENDLIMIT|QUOTA|IMAP4rev1)/.test(name)),
    ['IMAP4rev1', 'QUOTA=RES-STORAGE', 'QUOTA=RES-MESSAGE', 'QUOTASET'],
  )
})
