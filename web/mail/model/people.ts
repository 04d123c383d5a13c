/** Addresses as people: what they are called where. */
import type { EmailAddress } from '#protocols/jmap/wire.ts'
import { isSeen, plainName, plainSigns } from './plain-signs.ts'

export function nameOf({ name, email }: EmailAddress): string {
  const clean = plainSigns(name ?? '')
    .trim()
    .replace(/^["'](.*)["']$/, '$1')
  return isSeen(clean) ? clean : plainSigns((email.split('@')[0] ?? email) || email)
}

/**
 * Where nothing else says who it is: whoever calls themselves by an address that is not theirs is shown with the one that is.
 * `bank@bank.example <x@evil.example>`
 */
export function aloneNameOf(address: EmailAddress): string {
  const name = nameOf(address)
  const claimed = name.normalize('NFKC').match(/[^\s<>()"',;:]+@[^\s<>()"',;:]+/g) ?? []
  return claimed.every(one => isSame(one, address.email)) ? name : `${name} <${plainName(address.email)}>`
}

/** In a row of several: the first of the words of a Western name, all of another */
export function shortNameOf(address: EmailAddress): string {
  const name = aloneNameOf(address)
  if (name !== nameOf(address)) return name
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
