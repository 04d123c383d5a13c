import { canonicalDomain, literalAddress } from '#formats/address/domain.ts'
import { canonicalAddress } from '#formats/address/address.ts'
import type { DomainRow } from '#store/directory/rows.ts'
import type { Domain } from '../directory.ts'
import { splitAddress } from './model.ts'
import type { Model } from './model.ts'
import { done, refuse } from './plan.ts'
import type { Plan } from './plan.ts'
import { isLocalTarget } from './resolve.ts'

const defaultSeparators = '+'

export function domainOfRow(row: DomainRow): Domain {
  return { name: row.name, catchAll: row.catchAll ?? undefined, separators: row.separators }
}

export function planAddDomain(model: Model, text: string, now: number): Plan<Domain> {
  const name = canonicalDomain(text)
  if (name === undefined || literalAddress(name) !== undefined) return refuse('bad-domain', text)
  if (model.domains.has(name)) return refuse('exists', name)
  const row: DomainRow = { name, catchAll: null, separators: defaultSeparators, createdAt: now }
  return { steps: [{ put: 'domain', row }], answer: domainOfRow(row) }
}

export function planRemoveDomain(model: Model, text: string): Plan<object> {
  const domain = model.domains.get(canonicalDomain(text) ?? '')
  if (!domain) return refuse('no-such-domain', text)
  const user = [...model.users.keys(), ...model.aliases.keys()].find(
    address => splitAddress(address)[1] === domain.name,
  )
  if (user !== undefined) return refuse('domain-in-use', user)
  return { steps: [{ drop: 'domain', key: domain.name }], answer: done }
}

export function planSetCatchAll(model: Model, text: string, address: string | undefined): Plan<object> {
  const domain = model.domains.get(canonicalDomain(text) ?? '')
  if (!domain) return refuse('no-such-domain', text)
  if (address === undefined) return { steps: [{ put: 'domain', row: { ...domain, catchAll: null } }], answer: done }
  const target = canonicalAddress(address)
  if (target === undefined) return refuse('bad-address', address)
  if (!isLocalTarget(model, target)) return refuse('target-not-local', target)
  return { steps: [{ put: 'domain', row: { ...domain, catchAll: target } }], answer: done }
}
