/** The account's preferences as they are kept: one small object (mail/account.ts, setObjects) that is there even before anything was set. */
import type { Account } from '#mail/account.ts'
import type { ModSeq } from '#mail/ids.ts'
import { singleton } from '../singleton.ts'
import { printState } from '../state.ts'
import { isObject } from '../syntax/request.ts'
import type { JsonValue } from '../wire.ts'
import { labelColors, type Preferences } from '../wire-preferences.ts'

export const preferencesKind = 'Preferences'

/** Senders; a new one beyond it is refused */
export const maxTrustedSenders = 1_000
/** More than a side bar can show */
export const maxLabels = 200
/** Characters of a label's name */
const maxLabelChars = 100
/** Octets of the whole as JSON */
export const maxPreferencesBytes = 64 * 1024
/** RFC 5321 §4.5.3.1.3: 256 with the brackets of a path */
const maxAddressChars = 254

export type KeptPreferences = Omit<Preferences, 'id'>
/** `stored`: as it stands in the store; null before the first change. `state`: of this object alone */
export type PreferencesNow = {
  readonly state: string
  readonly stored: string | null
  readonly preferences: KeptPreferences
}

export async function preferencesOf(account: Account): Promise<PreferencesNow> {
  const { row, epoch } = await account.read(reader => ({
    row: reader.objects(preferencesKind).find(({ id }) => id === singleton),
    epoch: reader.state.epoch,
  }))
  return {
    state: printState({ epoch, modSeq: (row?.modSeq ?? 0) as ModSeq }),
    stored: row?.value ?? null,
    preferences: { trustedSenders: {}, labels: {}, ...(row && (JSON.parse(row.value) as Partial<KeptPreferences>)) },
  }
}

/** As senders are compared: in lower case, one at sign with something on both sides, no blanks. */
export function isSenderAddress(text: string): boolean {
  return text.length <= maxAddressChars && text === text.toLowerCase() && /^[^\s\p{Cc}]+@[^\s\p{Cc}@]+$/u.test(text)
}

/** RFC 8621 §4.1.1: 1 to 255 characters that IMAP has in atoms, in lower case. */
export function isKeyword(text: string): boolean {
  return /^[!-~]{1,255}$/.test(text) && !/[(){\]%*"\\A-Z]/.test(text)
}

/** A name without blanks around it and control characters, and a colour; nothing else. */
export function isLabel(value: JsonValue): boolean {
  if (!isObject(value)) return false
  const { name, color, ...others } = value
  return (
    typeof name === 'string' &&
    name.trim() === name &&
    name !== '' &&
    name.length <= maxLabelChars &&
    !/\p{Cc}/u.test(name) &&
    labelColors.some(one => one === color) &&
    Object.keys(others).length === 0
  )
}
