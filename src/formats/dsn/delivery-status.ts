/** The machine's part of a delivery status notification. RFC 3464 §2, internationalised by RFC 6533. Plain data. */

export type DsnAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded'

export type TypedAddress = {
  /** `rfc822` or `utf-8` (RFC 6533 §3), lower case */
  readonly type: string
  readonly address: string
}

export type RecipientStatus = {
  /** ORCPT as the sender gave it. RFC 3464 §2.3.1 */
  readonly originalRecipient?: TypedAddress
  readonly finalRecipient: TypedAddress
  readonly action: DsnAction
  /** `5.1.1`. RFC 3463 */
  readonly status: string
  /** Host that gave the diagnostic, as `dns; mx.example.org` without the type */
  readonly remoteMta?: string
  /** The remote's words, code included, one line */
  readonly diagnostic?: string
  /** Milliseconds since 1970, whole seconds */
  readonly lastAttemptAt?: number
  readonly willRetryUntil?: number
  readonly finalLogId?: string
}

export type DeliveryStatus = {
  /** Name of the MTA that made the report */
  readonly reportingMta: string
  /** ENVID, decoded. RFC 3464 §2.2.1 */
  readonly originalEnvelopeId?: string
  readonly arrivedAt?: number
  readonly recipients: readonly RecipientStatus[]
}

export const dsnActions: readonly DsnAction[] = ['failed', 'delayed', 'delivered', 'relayed', 'expanded']

/** Some address cannot be written in ASCII: message/global-delivery-status is needed. RFC 6533 §4 */
export function needsGlobalStatus(status: DeliveryStatus): boolean {
  return status.recipients.some(
    ({ finalRecipient, originalRecipient }) =>
      nonAscii.test(finalRecipient.address) || nonAscii.test(originalRecipient?.address ?? ''),
  )
}

const nonAscii = /[^\0-\x7f]/
