/**
 * Identities (RFC 8621 §6): one for each address of the user, which is always there, and those that the user has made for these addresses besides.
 * What the user says of one is kept; which addresses there are is the directory's.
 */
import { createHash } from 'node:crypto'
import type { Account } from '#mail/account.ts'
import type { AccountState } from '#mail/account-reader.ts'
import type { Sending } from '../sending.ts'
import { printState, readModSeq } from '../state.ts'
import type { Identity } from '../wire-sending.ts'

export const identityKind = 'Identity'

/** As it is kept; `email` of an own address is not looked at */
export type KeptIdentity = Omit<Identity, 'id' | 'mayDelete'>

export type Identities = {
  /** When they last changed, and a mark of what the directory says */
  readonly state: string
  readonly account: AccountState
  readonly modSeq: number
  readonly list: readonly Identity[]
}

type Own = { readonly id: string; readonly email: string; readonly name: string }

export async function identitiesOf(account: Account, sending: Sending): Promise<Identities> {
  const own = await noticeAddresses(account, sending)
  const { modSeq, rows, state } = await account.read(reader => ({
    rows: reader.objects(identityKind),
    state: reader.state,
    modSeq: reader.kindState(identityKind).modSeq,
  }))
  const kept = new Map(rows.map(({ id, value }) => [id, JSON.parse(value) as KeptIdentity]))
  const always = own.map(one => ({
    ...standard(one),
    ...kept.get(one.id),
    id: one.id,
    email: one.email,
    mayDelete: false,
  }))
  const made: Identity[] = []
  for (const [id, value] of kept)
    if (isMadeId(id) && (await sending.directory.maySendAs(account.id, value.email)))
      made.push({ ...value, id, mayDelete: true })
  return {
    state: `${printState({ epoch: state.epoch, modSeq })}.${markOf(own)}`,
    account: state,
    modSeq,
    list: [...always, ...made],
  }
}

/** Those of this moment, and a change of the account where they are others than before. */
export async function noticeAddresses(account: Account, sending: Sending): Promise<readonly Own[]> {
  const own = await ownAddresses(account, sending)
  const mark = markOf(own)
  if ((await account.read(reader => reader.kindState(identityKind).mark)) !== mark)
    await account.setMark(identityKind, mark)
  return own
}

/** The user's address, then the aliases that may be written as, by name. */
async function ownAddresses(account: Account, { directory }: Sending): Promise<readonly Own[]> {
  const user = await directory.userOf(account.id)
  if (!user) return []
  const aliases: string[] = []
  for (const { address } of await directory.aliases())
    if (await directory.maySendAs(account.id, address)) aliases.push(address)
  const addresses = new Set([user.address, ...aliases.sort()])
  return [...addresses].map(email => ({ id: ownId(email), email, name: user.name }))
}

function standard({ name, email }: Own): KeptIdentity {
  return { name, email, replyTo: null, bcc: null, textSignature: '', htmlSignature: '' }
}

/** The same for an address as long as the address is the same */
function ownId(email: string): string {
  return `D${createHash('sha256').update(email).digest('hex').slice(0, 24)}`
}

export function isMadeId(id: string): boolean {
  return /^I[0-9a-f]{24}$/.test(id)
}

function markOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12)
}

/** Whether nothing changed since this state. */
export function isCurrent(state: string, { account, modSeq, state: now }: Identities): boolean {
  const [given, own] = [stateParts(state), stateParts(now)]
  const since = readModSeq(given?.numbers ?? '', account.epoch)
  return since !== undefined && since >= modSeq && since <= account.modSeq && given?.mark === own?.mark
}

/** `mark`: of the addresses, on which it depends which made ones are shown */
export function stateParts(state: string): { readonly numbers: string; readonly mark: string } | undefined {
  const [, numbers, mark] = /^(\d+\.\d+)\.([0-9a-f]{12})$/.exec(state) ?? []
  return numbers === undefined || mark === undefined ? undefined : { numbers, mark }
}
