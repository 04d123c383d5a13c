/** The directory in memory: what directory.db holds, indexed for the questions that are asked. */
import type { AliasRow, DeletedRow, DirectoryRows, DirectoryStep, DomainRow, UserRow } from '#store/directory/rows.ts'
import { AccessIndex } from './access-index.ts'

export type AliasEntry = { readonly row: AliasRow; readonly targets: readonly string[] }

export type Model = {
  readonly domains: Map<string, DomainRow>
  /** By canonical address */
  readonly users: Map<string, UserRow>
  /** Account id to address */
  readonly accounts: Map<string, string>
  readonly aliases: Map<string, AliasEntry>
  readonly deleted: Map<string, DeletedRow>
  /** Addresses of users by bare local part, for logins without a domain */
  readonly localparts: Map<string, Set<string>>
  readonly access: AccessIndex
}

export function modelOf(rows: DirectoryRows): Model {
  const model: Model = {
    domains: new Map(),
    users: new Map(),
    accounts: new Map(),
    aliases: new Map(),
    deleted: new Map(),
    localparts: new Map(),
    access: new AccessIndex(),
  }
  for (const row of rows.domains) model.domains.set(row.name, row)
  for (const row of rows.users) putUser(model, row)
  for (const row of rows.aliases) putAlias(model, row)
  for (const row of rows.deleted) model.deleted.set(row.address, row)
  for (const row of rows.access) model.access.put(row)
  return model
}

/** The same steps that the store has written. */
export function applySteps(model: Model, steps: readonly DirectoryStep[]): void {
  for (const step of steps) {
    if ('put' in step) putRow(model, step)
    else dropRow(model, step)
  }
}

/** `a@home.test` → [`a`, `home.test`]; a quoted local part may hold an at sign, a domain never does. */
export function splitAddress(address: string): readonly [localpart: string, domain: string] {
  const at = address.lastIndexOf('@')
  return [address.slice(0, at), address.slice(at + 1)]
}

function putRow(model: Model, step: Extract<DirectoryStep, { put: string }>): void {
  switch (step.put) {
    case 'domain':
      model.domains.set(step.row.name, step.row)
      break
    case 'user':
      putUser(model, step.row)
      break
    case 'alias':
      putAlias(model, step.row)
      break
    case 'deleted':
      model.deleted.set(step.row.address, step.row)
      break
    case 'access':
      model.access.put(step.row)
      break
    default:
      step satisfies never
  }
}

function dropRow(model: Model, step: Extract<DirectoryStep, { drop: string }>): void {
  switch (step.drop) {
    case 'domain':
      model.domains.delete(step.key)
      break
    case 'user':
      dropUser(model, step.key)
      break
    case 'alias':
      model.aliases.delete(step.key)
      break
    case 'deleted':
      model.deleted.delete(step.key)
      break
    case 'access':
      model.access.drop(step.key)
      break
    default:
      step satisfies never
  }
}

function putUser(model: Model, row: UserRow): void {
  model.users.set(row.address, row)
  model.accounts.set(row.account, row.address)
  const [localpart] = splitAddress(row.address)
  const addresses = model.localparts.get(localpart) ?? new Set()
  model.localparts.set(localpart, addresses.add(row.address))
}

function dropUser(model: Model, account: string): void {
  const address = model.accounts.get(account)
  if (address === undefined) return
  model.accounts.delete(account)
  model.users.delete(address)
  const [localpart] = splitAddress(address)
  const addresses = model.localparts.get(localpart)
  addresses?.delete(address)
  if (addresses?.size === 0) model.localparts.delete(localpart)
}

function putAlias(model: Model, row: AliasRow): void {
  model.aliases.set(row.address, { row, targets: JSON.parse(row.targets) as string[] })
}
