/** What the account says of its user: names and signatures, and what it answers while they are away. */
import type { Identity, VacationResponse } from '#protocols/jmap/wire-sending.ts'
import type { Client } from '../../jmap/client.ts'
import { Refused } from '../refused.ts'
import { momentOf, wallTime } from '../zone.ts'

export async function readIdentities(client: Client): Promise<readonly Identity[]> {
  const calls = client.batch()
  const get = calls.call('Identity/get', { ids: null })
  return (await client.send(calls)).of(get).list
}

/** The new state of the identities */
export async function saveIdentity(
  client: Client,
  id: string,
  patch: Partial<Pick<Identity, 'name' | 'textSignature' | 'htmlSignature'>>,
): Promise<string> {
  const calls = client.batch()
  const set = calls.call('Identity/set', { update: { [id]: patch } })
  const { notUpdated, newState } = (await client.send(calls)).of(set)
  const error = notUpdated?.[id]
  if (error) throw new Refused(error)
  return newState
}

const singleton = 'singleton'

export async function readVacation(client: Client): Promise<VacationResponse | undefined> {
  const calls = client.batch()
  const get = calls.call('VacationResponse/get', { ids: [singleton] })
  return (await client.send(calls)).of(get).list[0]
}

export async function saveVacation(client: Client, patch: Partial<Omit<VacationResponse, 'id'>>): Promise<void> {
  const calls = client.batch()
  const set = calls.call('VacationResponse/set', { update: { [singleton]: patch } })
  const error = (await client.send(calls)).of(set).notUpdated?.[singleton]
  if (error) throw new Refused(error)
}

/** `2026-11-27T09:30:00Z` ↔ what a field of type datetime-local has, in the zone that was chosen */
export function localTime(utc: string | null): string {
  return utc === null ? '' : wallTime(new Date(utc))
}

export function utcTime(local: string): string | null {
  return local === '' ? null : momentOf(local).toISOString().replace(/\.\d+/, '')
}

/** `Firefox on Windows`, as people know it; nothing where it is none of those that they know. */
export function browserName(userAgent: string): { readonly browser: string; readonly system: string } {
  const find = (all: readonly (readonly [RegExp, string])[]) => all.find(([sign]) => sign.test(userAgent))?.[1] ?? ''
  return {
    browser: find([
      [/Edg\//, 'Edge'],
      [/OPR\//, 'Opera'],
      [/Firefox\/|FxiOS/, 'Firefox'],
      [/Chrome\/|CriOS/, 'Chrome'],
      [/Safari\//, 'Safari'],
    ]),
    system: find([
      [/iPhone|iPod/, 'iPhone'],
      [/iPad/, 'iPad'],
      [/Android/, 'Android'],
      [/Windows/, 'Windows'],
      [/Mac OS X|Macintosh/, 'macOS'],
      [/CrOS/, 'ChromeOS'],
      [/Linux/, 'Linux'],
    ]),
  }
}
