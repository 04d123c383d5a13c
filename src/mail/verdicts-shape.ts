/** Whether what came from JSON (a facts field, an entry of the hold) has the shape of Verdicts, within bounds. */
import { maxArcInstances, maxSignatures } from './authenticity/limits.ts'
import type { Verdicts } from './verdicts.ts'

const results: ReadonlySet<unknown> = new Set([
  'none',
  'neutral',
  'pass',
  'fail',
  'softfail',
  'policy',
  'temperror',
  'permerror',
])
const policies: ReadonlySet<unknown> = new Set(['none', 'quarantine', 'reject'])

/** Of each text in it */
const maxCharacters = 1_000
const maxEntries = 100

export function isVerdicts(value: unknown): value is Verdicts {
  if (!isObject(value)) return false
  const { authenticity, connection } = value
  return (
    (authenticity === undefined || isAuthenticity(authenticity)) &&
    (connection === undefined || isConnection(connection))
  )
}

type Fields = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxCharacters
}

function mayBe(check: (value: unknown) => boolean, value: unknown): boolean {
  return value === undefined || check(value)
}

function isListOf(check: (value: unknown) => boolean, value: unknown, max = maxEntries): boolean {
  return Array.isArray(value) && value.length <= max && value.every(check)
}

function isFinding(value: unknown): value is Fields {
  return isObject(value) && results.has(value['result']) && mayBe(isText, value['reason'])
}

function isAuthenticity(value: unknown): boolean {
  if (!isObject(value)) return false
  const { fromDomain, spf, dkim, dmarc, arc } = value
  return (
    mayBe(isText, fromDomain) &&
    isFinding(spf) &&
    isText(spf['domain']) &&
    (spf['scope'] === 'mailfrom' || spf['scope'] === 'helo') &&
    isListOf(isDkim, dkim, maxSignatures) &&
    isDmarc(dmarc) &&
    isFinding(arc) &&
    isListOf(isText, arc['sealers'], maxArcInstances)
  )
}

function isDkim(value: unknown): boolean {
  return isFinding(value) && isText(value['domain']) && isText(value['selector']) && isText(value['algorithm'])
}

function isDmarc(value: unknown): boolean {
  return (
    isFinding(value) &&
    mayBe(isText, value['domain']) &&
    mayBe(policy => policies.has(policy), value['policy']) &&
    policies.has(value['disposition']) &&
    isListOf(by => by === 'spf' || by === 'dkim', value['alignedBy'], 2)
  )
}

function isConnection(value: unknown): boolean {
  if (!isObject(value)) return false
  const { reverse, lists, remarks } = value
  return (
    isFinding(reverse) &&
    mayBe(isText, reverse['name']) &&
    isListOf(isText, remarks) &&
    isListOf(
      one => isObject(one) && isText(one['zone']) && isText(one['kind']) && isListOf(isText, one['answers']),
      lists,
    )
  )
}
