/** The ESMTP parameters of MAIL and RCPT. RFC 5321 §4.1.2 (esmtp-param), 1870 SIZE, 6152 BODY, 3461 DSN, 6531 SMTPUTF8, 4954 AUTH */
import { readUtf8Address } from '#formats/address/utf8-address.ts'
import type { BodyKind, DsnNotify } from '#formats/envelope.ts'
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import { envelopeIdOf, isAddressType, notifyOf, originalRecipientOf, returnOf } from './dsn-parameters.ts'
import { decodeXtext } from './xtext.ts'

export type MailParameters = {
  readonly sizeBytes?: number
  readonly body?: BodyKind
  readonly smtpUtf8?: true
  readonly dsnReturn?: 'FULL' | 'HDRS'
  readonly dsnEnvelopeId?: string
  /** RFC 8689 §2 */
  readonly requireTls?: true
  /** RFC 4865 §3: seconds from now, or a moment in milliseconds since 1970 */
  readonly holdFor?: number
  readonly holdUntil?: number
  /** MAIL AUTH=: kept out of the envelope, nothing here relies on it. RFC 4954 §5 */
  readonly auth?: string
  /** Ours: the delivery id, from a home to its gateway */
  readonly deliveryId?: string
}

export type RecipientParameters = {
  readonly notify?: DsnNotify
  readonly originalRecipient?: string
}

export type Parsed<Value> = { readonly value: Value } | { readonly problem: SmtpReply }

const name = /^[A-Za-z0-9][A-Za-z0-9-]*$/

export function readMailParameters(text: string): Parsed<MailParameters> {
  return readAll<MailParameters>(text, mailParameter)
}

export function readRecipientParameters(text: string): Parsed<RecipientParameters> {
  return readAll<RecipientParameters>(text, recipientParameter)
}

type Reader<Value> = (key: string, value: string | undefined) => Partial<Value> | 'bad' | 'unknown'

function readAll<Value extends object>(text: string, read: Reader<Value>): Parsed<Value> {
  const all: Partial<Value> = {}
  if (text === '') return { value: all as Value }
  const seen = new Set<string>()
  for (const part of text.split(/ +/)) {
    const equals = part.indexOf('=')
    const key = (equals < 0 ? part : part.slice(0, equals)).toUpperCase()
    if (!name.test(key) || seen.has(key)) return bad(key)
    seen.add(key)
    const got = read(key, equals < 0 ? undefined : part.slice(equals + 1))
    if (got === 'unknown') return { problem: smtpReply(555, '5.5.4', `Parameter ${key} is not known here`) }
    if (got === 'bad') return bad(key)
    Object.assign(all, got)
  }
  return { value: all as Value }
}

function bad(key: string): { problem: SmtpReply } {
  const shown = name.test(key) ? key : 'list'
  return { problem: smtpReply(501, '5.5.4', `Parameter ${shown} cannot be read`) }
}

function mailParameter(key: string, value: string | undefined): Partial<MailParameters> | 'bad' | 'unknown' {
  switch (key) {
    case 'SIZE': // RFC 1870 §6.1: 1 to 20 digits
      return value !== undefined && /^\d{1,20}$/.test(value) ? { sizeBytes: Number(value) } : 'bad'
    case 'BODY': {
      const body = value?.toUpperCase()
      return body === '7BIT' || body === '8BITMIME' || body === 'BINARYMIME' ? { body } : 'bad'
    }
    case 'SMTPUTF8':
      return value === undefined ? { smtpUtf8: true } : 'bad'
    case 'REQUIRETLS':
      return value === undefined ? { requireTls: true } : 'bad'
    case 'HOLDFOR': // RFC 4865 §3: 1 to 9 digits
      return value !== undefined && /^\d{1,9}$/.test(value) ? { holdFor: Number(value) } : 'bad'
    case 'HOLDUNTIL': {
      const at = value === undefined ? undefined : readMoment(value)
      return at === undefined ? 'bad' : { holdUntil: at }
    }
    case 'RET': {
      const ret = returnOf(value ?? '')
      return ret ? { dsnReturn: ret } : 'bad'
    }
    case 'ENVID': {
      const id = envelopeIdOf(decodeXtext(value ?? '') ?? '')
      return id === undefined ? 'bad' : { dsnEnvelopeId: id }
    }
    case 'AUTH': {
      const auth = value === undefined ? undefined : decodeXtext(value)
      return auth !== undefined && auth !== '' ? { auth } : 'bad'
    }
    case 'XDELIVERY':
      return value !== undefined && deliveryId.test(value) ? { deliveryId: value } : 'bad'
    default:
      return 'unknown'
  }
}

const deliveryId = /^[A-Za-z0-9._-]{1,200}$/

/** RFC 3339 date-time with T and a zone; milliseconds since 1970 */
function readMoment(value: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/i.test(value)) return undefined
  const at = Date.parse(value.toUpperCase())
  return Number.isNaN(at) ? undefined : at
}

function recipientParameter(key: string, value: string | undefined): Partial<RecipientParameters> | 'bad' | 'unknown' {
  switch (key) {
    case 'NOTIFY': {
      const notify = notifyOf(value ?? '')
      return notify ? { notify } : 'bad'
    }
    case 'ORCPT': {
      const original = readOriginalRecipient(value ?? '')
      return original === undefined ? 'bad' : { originalRecipient: original }
    }
    default:
      return 'unknown'
  }
}

/** RFC 3461 §4.2, RFC 6533 §3 (utf-8 addresses come escaped, as they are, or by old senders as xtext of their octets) */
function readOriginalRecipient(value: string): string | undefined {
  const semicolon = value.indexOf(';')
  const type = value.slice(0, semicolon)
  if (semicolon < 1 || !isAddressType(type)) return undefined
  const written = value.slice(semicolon + 1)
  const plain = /[\u0080-\u{10ffff}]/u.test(written) ? written : decodeXtext(written)
  const address = plain !== undefined && /^utf-8$/i.test(type) ? readUtf8Address(plain) : plain
  return address === undefined ? undefined : originalRecipientOf(type, address)
}
