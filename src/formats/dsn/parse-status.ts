/**
 * The text of a message/delivery-status part → DeliveryStatus. Lenient where reports in the wild are: types in any case, unknown
 * fields, missing dates. Undefined when it names no MTA or no recipient with an action.
 */
import { utf8 } from '#base/bytes.ts'
import { readUtf8Address } from '../address/utf8-address.ts'
import { parseDate } from '../message/date.ts'
import {
  type DeliveryStatus,
  type DsnAction,
  dsnActions,
  type RecipientStatus,
  type TypedAddress,
} from './delivery-status.ts'
import { maxStatusBytes, maxStatusRecipients } from './limits.ts'

export type Fields = ReadonlyMap<string, string>

export function parseDeliveryStatus(bytes: Uint8Array): DeliveryStatus | undefined {
  const text = new TextDecoder().decode(bytes.subarray(0, maxStatusBytes))
  const groups = text.split(/(?:\r?\n[ \t]*(?=\r?\n))+\r?\n/, maxStatusRecipients + 1).map(fieldsOf)
  const [message, ...others] = groups.filter(group => group.size > 0)
  const reportingMta = untyped(message?.get('reporting-mta'))
  const recipients = others.flatMap(fields => recipientStatus(fields) ?? [])
  if (!message || reportingMta === undefined || recipients.length === 0) return undefined
  return {
    reportingMta,
    ...defined('originalEnvelopeId', message.get('original-envelope-id')),
    ...defined('arrivedAt', moment(message.get('arrival-date'))),
    recipients,
  }
}

function recipientStatus(fields: Fields): RecipientStatus | undefined {
  const finalRecipient = typedAddress(fields.get('final-recipient'))
  const action = fields.get('action')?.toLowerCase() as DsnAction | undefined
  const status = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(fields.get('status') ?? '')?.[0]
  if (!finalRecipient || !action || !dsnActions.includes(action) || status === undefined) return undefined
  return {
    ...defined('originalRecipient', typedAddress(fields.get('original-recipient'))),
    finalRecipient,
    action,
    status,
    ...defined('remoteMta', untyped(fields.get('remote-mta'))),
    ...defined('diagnostic', untyped(fields.get('diagnostic-code'))),
    ...defined('lastAttemptAt', moment(fields.get('last-attempt-date'))),
    ...defined('willRetryUntil', moment(fields.get('will-retry-until'))),
    ...defined('finalLogId', fields.get('final-log-id')),
  }
}

/** Of a group, by name in lower case; the first of a name counts. */
export function fieldsOf(group: string): Fields {
  const fields = new Map<string, string>()
  for (const line of group.replace(/\r?\n(?=[ \t])/g, '').split(/\r?\n/)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    // control characters mean nothing here, and are not printed either
    const value = line
      .slice(colon + 1)
      .replace(/[\x00-\x1f\x7f]+/g, ' ')
      .trim()
    if (colon > 0 && value !== '' && !fields.has(name)) fields.set(name, value)
  }
  return fields
}

function untyped(value: string | undefined): string | undefined {
  return splitType(value)?.rest
}

export function typedAddress(value: string | undefined): TypedAddress | undefined {
  const split = splitType(value)
  if (!split) return undefined
  const { type, rest } = split
  return { type, address: type === 'utf-8' ? readUtf8Address(rest) : rest }
}

function splitType(value: string | undefined): { readonly type: string; readonly rest: string } | undefined {
  const [, type, rest] = /^([^;]*);(.*)$/s.exec(value ?? '') ?? []
  const trimmed = rest?.trim()
  return type === undefined || !trimmed ? undefined : { type: type.trim().toLowerCase(), rest: trimmed }
}

function moment(value: string | undefined): number | undefined {
  return value === undefined ? undefined : parseDate(utf8(value))
}

function defined<Name extends string, Value>(name: Name, value: Value | undefined): { readonly [K in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [K in Name]?: Value })
}
