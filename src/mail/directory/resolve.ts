/**
 * Whose mail is this? One address to accounts, from memory.
 *
 * Order: user, alias, sub-address of either, postmaster and abuse, catch-all. A name that is disabled, or was deleted, ends
 * the search where it is found: its mail never falls to the catch-all.
 */
import { canonicalAddress, parseAddress, printAddress, splitSubaddress } from '#formats/address/address.ts'
import type { AccountId } from '../ids.ts'
import type { LocalTarget, Resolution } from '../directory.ts'
import { maxAliasDepth, maxResolvedTargets } from './limits.ts'
import { splitAddress } from './model.ts'
import type { Model } from './model.ts'

export type ResolveOptions = {
  /** Who reads postmaster@ and abuse@ where no user or alias has the name; the oldest user when undefined. RFC 5321 §4.5.1, RFC 2142 §4 */
  readonly postmaster?: string | undefined
  /** False: what only the catch-all would take is unknown */
  readonly catchAll?: boolean
}

const unknown: Resolution = { kind: 'unknown' }
const disabled: Resolution = { kind: 'disabled' }
const roleNames = new Set(['postmaster', 'abuse'])

export function resolveAddress(model: Model, text: string, options: ResolveOptions = {}): Resolution {
  // RFC 5321 §4.5.1: RCPT TO:<Postmaster> without a domain is everybody's
  if (text.toLowerCase() === 'postmaster') return roleMailbox(model, options)
  const address = canonicalAddress(text)
  if (address === undefined) return unknown
  const domain = model.domains.get(splitAddress(address)[1])
  if (!domain) return { kind: 'foreign' }
  return (
    named(model, address) ??
    subaddressed(model, address, domain.separators) ??
    (roleNames.has(splitAddress(address)[0]) ? roleMailbox(model, options) : undefined) ??
    (domain.catchAll === null || options.catchAll === false ? undefined : named(model, domain.catchAll)) ??
    unknown
  )
}

/** The address names a user or an alias, or did so once; undefined when it never did. */
export function named(model: Model, address: string, detail?: string): Resolution | undefined {
  const user = model.users.get(address)
  if (user) {
    if (!user.enabled) return disabled
    return { kind: 'local', targets: [{ account: user.account as AccountId, address, detail }] }
  }
  if (model.aliases.has(address)) return expandAlias(model, address, detail)
  return model.deleted.has(address) ? unknown : undefined
}

function subaddressed(model: Model, address: string, separators: string): Resolution | undefined {
  const base = baseAddress(address, separators)
  return base && named(model, base.address, base.detail)
}

/** `yuki+lists@home.test` → `yuki@home.test` and `lists`. Undefined without a separator. RFC 5233 */
export function baseAddress(
  address: string,
  separators: string,
): { readonly address: string; readonly detail: string } | undefined {
  const parsed = parseAddress(address)
  if (!parsed) return undefined
  const { user, detail } = splitSubaddress(parsed.localpart, separators)
  if (detail === undefined) return undefined
  return { address: printAddress({ localpart: user, domain: parsed.domain }), detail }
}

function roleMailbox(model: Model, options: ResolveOptions): Resolution {
  const chosen = options.postmaster === undefined ? undefined : canonicalAddress(options.postmaster)
  const resolved = chosen && named(model, chosen)
  if (resolved && resolved.kind === 'local') return resolved
  const oldest = oldestUser(model)
  return oldest === undefined ? unknown : (named(model, oldest) ?? unknown)
}

function oldestUser(model: Model): string | undefined {
  let oldest: { readonly address: string; readonly createdAt: number } | undefined
  for (const user of model.users.values())
    if (user.enabled && (!oldest || user.createdAt < oldest.createdAt)) oldest = user
  return oldest?.address
}

/** Everyone an alias reaches, each once; those who are disabled are passed over, and it is disabled only when all are. */
function expandAlias(model: Model, start: string, detail: string | undefined): Resolution {
  const targets = new Map<string, LocalTarget>()
  const seen = new Set([start])
  let sawDisabled = false
  let layer: readonly string[] = [start]
  for (let depth = 0; depth < maxAliasDepth && layer.length > 0; depth++) {
    const next: string[] = []
    for (const target of layer.flatMap(alias => model.aliases.get(alias)?.targets ?? [])) {
      if (seen.has(target)) continue
      seen.add(target)
      const { user, detail: own } = userAt(model, target)
      if (user && !user.enabled) sawDisabled = true
      else if (user && !targets.has(user.account) && targets.size < maxResolvedTargets)
        targets.set(user.account, {
          account: user.account as AccountId,
          address: user.address,
          detail: own ?? detail,
        })
      else if (model.aliases.has(target)) next.push(target)
    }
    layer = next
  }
  if (targets.size > 0) return { kind: 'local', targets: [...targets.values()] }
  return sawDisabled ? disabled : unknown
}

/** An alias may point to a user's sub-address. */
function userAt(model: Model, address: string) {
  const user = model.users.get(address)
  if (user) return { user, detail: undefined }
  const separators = model.domains.get(splitAddress(address)[1])?.separators ?? ''
  const base = baseAddress(address, separators)
  return { user: base && model.users.get(base.address), detail: base?.detail }
}

/** The target stands on its own: a user, an alias or a sub-address of a user, in a domain of ours. */
export function isLocalTarget(model: Model, address: string): boolean {
  return model.aliases.has(address) || userAt(model, address).user !== undefined
}

/** Following `targets` leads back to `address`. */
export function leadsBack(model: Model, address: string, targets: readonly string[]): boolean {
  const seen = new Set<string>()
  const open = [...targets]
  for (let target = open.pop(); target !== undefined; target = open.pop()) {
    if (target === address) return true
    if (seen.has(target)) continue
    seen.add(target)
    open.push(...(model.aliases.get(target)?.targets ?? []))
  }
  return false
}
