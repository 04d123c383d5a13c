/**
 * An account's one quota, of octets; none where it has no limit. RFC 9425
 * Its state has the limit in it, which is changed in the directory and leaves the account's modseq as it is.
 */
import type { Account } from '#mail/account.ts'
import { printState, readModSeq } from '../state.ts'
import type { Quota } from '../wire.ts'

export const quotaId = 'storage'

export type QuotaNow = { readonly state: string; readonly limitBytes: number | undefined; readonly usedBytes: number }

export async function quotaOf(account: Account): Promise<QuotaNow> {
  const { limitBytes } = await account.quota()
  const { state, usedBytes } = await account.read(reader => ({ state: reader.state, usedBytes: reader.usedBytes }))
  return { state: `${printState(state)}.${limitBytes ?? 'none'}`, limitBytes, usedBytes }
}

/** The limit in a state of this account's quota; undefined: it was never one. */
export function limitIn(state: string, now: QuotaNow): { readonly limit: string } | undefined {
  const [, numbers = '', limit = ''] = /^(\d+\.\d+)\.(\d{1,16}|none)$/.exec(state) ?? []
  const [, epoch, modSeq] = /^(\d+)\.(\d+)\./.exec(now.state) ?? []
  const known = readModSeq(numbers, Number(epoch))
  return known === undefined || known > Number(modSeq) ? undefined : { limit }
}

export function quotaObject({ limitBytes, usedBytes }: QuotaNow, name: string): Quota | undefined {
  if (limitBytes === undefined) return undefined
  return {
    id: quotaId,
    resourceType: 'octets',
    used: usedBytes,
    hardLimit: limitBytes,
    scope: 'account',
    name,
    types: ['Email'],
    warnLimit: null,
    softLimit: null,
    description: null,
  }
}
