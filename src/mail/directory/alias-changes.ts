import { canonicalAddress } from '#formats/address/address.ts'
import type { DirectoryStep } from '#store/directory/rows.ts'
import type { Alias } from '../directory.ts'
import { maxAliasTargets, reuseAfterMs } from './limits.ts'
import { splitAddress } from './model.ts'
import type { Model } from './model.ts'
import { done, refuse } from './plan.ts'
import type { Plan } from './plan.ts'
import { isLocalTarget, leadsBack } from './resolve.ts'

export function planAddAlias(model: Model, text: string, texts: readonly string[], now: number): Plan<Alias> {
  const address = canonicalAddress(text)
  if (address === undefined) return refuse('bad-address', text)
  if (!model.domains.has(splitAddress(address)[1])) return refuse('no-such-domain', splitAddress(address)[1])
  if (model.users.has(address) || model.aliases.has(address)) return refuse('exists', address)
  const deleted = model.deleted.get(address)
  // an alias that comes back is the same hands on the same name; a user's address is not to be read by others so soon
  if (deleted?.kind === 'user' && now - deleted.deletedAt < reuseAfterMs) return refuse('recently-deleted', address)
  const targets = new Set<string>()
  for (const target of texts) {
    const canonical = canonicalAddress(target)
    if (canonical === undefined) return refuse('bad-address', target)
    if (!isLocalTarget(model, canonical)) return refuse('target-not-local', canonical)
    targets.add(canonical)
  }
  if (targets.size === 0 || targets.size > maxAliasTargets)
    return refuse('bad-address', `an alias has 1 to ${maxAliasTargets} targets`)
  if (leadsBack(model, address, [...targets])) return refuse('target-not-local', `${address} leads back to itself`)
  const row = { address, targets: JSON.stringify([...targets]), createdAt: now }
  return {
    steps: [
      { put: 'alias', row },
      { drop: 'deleted', key: address },
    ],
    answer: { address, targets: [...targets] },
  }
}

export function planRemoveAlias(model: Model, text: string, now: number): Plan<object> {
  const address = canonicalAddress(text)
  if (address === undefined || !model.aliases.has(address)) return refuse('no-such-alias', text)
  return {
    steps: [
      { drop: 'alias', key: address },
      { put: 'deleted', row: { address, kind: 'alias', account: null, deletedAt: now } },
      ...withoutTarget(model, address, now),
    ],
    answer: done,
  }
}

/** Takes an address that goes away out of the aliases and catch-alls that name it; an alias left with no target goes too. */
export function withoutTarget(model: Model, gone: string, now: number): readonly DirectoryStep[] {
  const steps: DirectoryStep[] = []
  const left = new Set([gone])
  for (const address of left) {
    for (const domain of model.domains.values())
      if (domain.catchAll === address) steps.push({ put: 'domain', row: { ...domain, catchAll: null } })
    for (const alias of model.aliases.values()) {
      if (left.has(alias.row.address) || !alias.targets.includes(address)) continue
      const targets = alias.targets.filter(target => !left.has(target))
      if (targets.length > 0) {
        steps.push({ put: 'alias', row: { ...alias.row, targets: JSON.stringify(targets) } })
        continue
      }
      left.add(alias.row.address)
      steps.push({ drop: 'alias', key: alias.row.address })
      steps.push({ put: 'deleted', row: { address: alias.row.address, kind: 'alias', account: null, deletedAt: now } })
    }
  }
  return steps
}
