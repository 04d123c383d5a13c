/**
 * Clients that stumble over an extension are not offered it: rules by what a client says of itself with ID (RFC 2971), set by
 * the owner. RFC 2971 §1 wants no operational change made from ID, so none is built in: an owner may know better of their own
 * clients, and the log says each time what was done and why.
 */
import type { IdParameter } from './syntax/request.ts'

export type ClientQuirk = {
  /** Of `name` in ID, in any case; `*` stands for any text */
  readonly client: string
  /** Of `version`, likewise; any, or none, when undefined */
  readonly version?: string | undefined
  /** Capability names, in any case */
  readonly off: readonly string[]
  /** For the log */
  readonly reason: string
}

/** The rules that are meant for a client. */
export function quirksOf(
  quirks: readonly ClientQuirk[],
  parameters: readonly IdParameter[] | undefined,
): readonly ClientQuirk[] {
  const said = (field: string) => parameters?.find(one => one.field.toLowerCase() === field)?.value
  const [name, version] = [said('name'), said('version')]
  if (name === undefined) return []
  return quirks.filter(
    quirk =>
      fits(quirk.client, name) &&
      (quirk.version === undefined || (version !== undefined && fits(quirk.version, version))),
  )
}

/** Greedy from the left, piece by piece: linear, whatever the client says. */
function fits(pattern: string, text: string): boolean {
  const pieces = pattern.toLowerCase().split('*')
  const [first = '', ...rest] = pieces
  const last = rest.pop()
  const value = text.toLowerCase()
  if (last === undefined) return value === first
  if (!value.startsWith(first)) return false
  let at = first.length
  for (const piece of rest) {
    const found = value.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return value.length - at >= last.length && value.endsWith(last)
}
