/** What is offered while somebody types whom a letter goes to. */
import type { EmailAddress } from '#protocols/jmap/wire.ts'

export type Suggestion =
  | { readonly kind: 'person'; readonly address: EmailAddress }
  /** All of them are put in */
  | { readonly kind: 'group'; readonly name: string; readonly addresses: readonly EmailAddress[] }

export function addressesOf(suggestion: Suggestion): readonly EmailAddress[] {
  return suggestion.kind === 'group' ? suggestion.addresses : [suggestion.address]
}
