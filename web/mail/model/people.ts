/** Addresses as people: what they are called where. */
import type { EmailAddress } from '#protocols/jmap/wire.ts'
import { isSeen, plainSigns } from './plain-signs.ts'

export function nameOf({ name, email }: EmailAddress): string {
  const clean = plainSigns(name ?? '')
    .trim()
    .replace(/^["'](.*)["']$/, '$1')
  return isSeen(clean) ? clean : plainSigns((email.split('@')[0] ?? email) || email)
}

/** In a row of several: the first of the words of a Western name, all of another */
export function shortNameOf(address: EmailAddress): string {
  const name = nameOf(address)
  const [first = name, ...rest] = name.split(' ')
  return rest.length > 0 && /^\p{Script=Latin}+$/u.test(first) ? first : name
}

/** Each once, in their order */
export function distinct(addresses: readonly EmailAddress[]): EmailAddress[] {
  const seen = new Set<string>()
  return addresses.filter(({ email }) => {
    const key = email.toLowerCase()
    return !seen.has(key) && seen.add(key)
  })
}

export function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
