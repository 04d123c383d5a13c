/** Values of the DSN parameters, their encoding undone: what may stand there. Undefined: this may not. RFC 3461 §4 */
import type { DsnNotify } from '#formats/envelope.ts'
import { maxEnvelopeIdBytes, maxOriginalRecipientBytes } from '../limits.ts'

/** RET. §4.3 */
export function returnOf(value: string): 'FULL' | 'HDRS' | undefined {
  const ret = value.toUpperCase()
  return ret === 'FULL' || ret === 'HDRS' ? ret : undefined
}

/** ENVID. §4.4: printable, so that it can stand in a DSN's header */
export function envelopeIdOf(id: string): string | undefined {
  return id !== '' && id.length <= maxEnvelopeIdBytes && /^[ -~]*$/.test(id) ? id : undefined
}

/** NOTIFY. §4.1 */
export function notifyOf(value: string): DsnNotify | undefined {
  const words = value.toUpperCase().split(',')
  if (words.length === 1 && words[0] === 'NEVER') return { never: true }
  if (!words.every(word => word === 'SUCCESS' || word === 'FAILURE' || word === 'DELAY')) return undefined
  return { success: words.includes('SUCCESS'), failure: words.includes('FAILURE'), delay: words.includes('DELAY') }
}

export function isAddressType(type: string): boolean {
  return /^[A-Za-z0-9-]+$/.test(type)
}

/** ORCPT: `type;address`. §4.2 */
export function originalRecipientOf(type: string, address: string): string | undefined {
  if (!isAddressType(type) || address === '' || /[\u0000-\u001f\u007f]/.test(address)) return undefined
  return address.length > maxOriginalRecipientBytes ? undefined : `${type};${address}`
}
