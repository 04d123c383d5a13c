/** Changes as Email/set takes them. */
import type { EmailPatch } from './emails.ts'

/** RFC 8620 §5.3, a PatchObject. Keywords have no `/` or `~` here. */
export function flat({ keywords = {}, mailboxIds = {} }: EmailPatch): object {
  return Object.fromEntries([
    ...Object.entries(keywords).map(([name, value]) => [`keywords/${name}`, value]),
    ...Object.entries(mailboxIds).map(([name, value]) => [`mailboxIds/${name}`, value]),
  ])
}

export function pieces<Value>(all: readonly Value[], size: number): Value[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size))
}
