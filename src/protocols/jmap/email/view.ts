/** `viewCharset` of Email/get and Email/parse: our extension, for who names its capability. */
import { viewableCharsets } from '#formats/charset/viewable.ts'
import type { MethodContext } from '../method.ts'
import { ArgumentFault, type Check, nullable, text } from '../syntax/arguments.ts'
import { viewCapability } from '../wire.ts'
import type { BodyWishes } from './from-letter.ts'

/** Undefined: it was not given. null: read as always, but tell what was found */
export const viewCharset: Check<string | null | undefined> = (value, at) =>
  value === undefined ? undefined : nullable(text)(value, at)

export function viewOf(
  charset: string | null | undefined,
  { using }: Pick<MethodContext, 'using'>,
): BodyWishes['view'] {
  if (charset === undefined) return undefined
  if (!using.has(viewCapability)) throw new ArgumentFault(`viewCharset needs ${viewCapability} in "using"`)
  return { charset: checkedCharset(charset ?? undefined, 'viewCharset') }
}

/** Throws for one that cannot be chosen. */
export function checkedCharset(charset: string | undefined, argument: string): string | undefined {
  if (charset !== undefined && !viewableCharsets.includes(charset))
    throw new ArgumentFault(`${argument}: “${charset.slice(0, 40)}” is none of the charsets that can be chosen`)
  return charset
}
