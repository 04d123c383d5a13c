/**
 * An account's one quota, of octets; none where it has no limit. RFC 9425
 * Its limit stands in the directory: what was noticed of it last is kept in the account, so that a change of it is one of the account's changes.
 */
import type { Account } from '#mail/account.ts'
import type { AccountReader, AccountState } from '#mail/account-reader.ts'
import { printState, readModSeq } from '../state.ts'
import type { PushType, Quota } from '../wire.ts'

export const quotaId = 'storage'
export const quotaKind = 'Quota' satisfies PushType

/** `state`: with the limit in it, which tells whoever asks from there whether there was one */
export type QuotaNow = {
  readonly state: string
  readonly account: AccountState
  readonly modSeq: number
  readonly limitBytes: number | undefined
  readonly usedBytes: number
}

export async function quotaOf(account: Account): Promise<QuotaNow> {
  const limitBytes = await noticeLimit(account)
  return await account.read(reader => {
    const modSeq = quotaModSeq(reader, limitBytes)
    const state = `${printState({ epoch: reader.state.epoch, modSeq })}.${limitBytes ?? 'none'}`
    return { state, account: reader.state, modSeq, limitBytes, usedBytes: reader.usedBytes }
  })
}

/** When it last changed. What is used is nobody's news where there is no limit. */
export function quotaModSeq({ kindState, state }: AccountReader, limitBytes: number | undefined): number {
  const { modSeq } = kindState(quotaKind)
  return limitBytes === undefined ? modSeq : Math.max(modSeq, state.types.used)
}

/** The limit of this moment, and a change of the account where it is another than before. */
export async function noticeLimit(account: Account): Promise<number | undefined> {
  const { limitBytes } = await account.quota()
  const mark = String(limitBytes ?? 'none')
  if ((await account.read(reader => reader.kindState(quotaKind).mark)) !== mark) await account.setMark(quotaKind, mark)
  return limitBytes
}

/** What a state of this account's quota says; undefined: it was never one. */
export function quotaStateParts(
  text: string,
  { account }: QuotaNow,
): { readonly modSeq: number; readonly limit: string } | undefined {
  const [, numbers = '', limit = ''] = /^(\d+\.\d+)\.(\d{1,16}|none)$/.exec(text) ?? []
  const modSeq = readModSeq(numbers, account.epoch)
  return modSeq === undefined || modSeq > account.modSeq ? undefined : { modSeq, limit }
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
