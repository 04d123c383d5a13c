/**
 * Parameters of an envelope's addresses: those of SMTP submission that are a client's to say, checked as there. What the server finds out itself (SIZE,
 * BODY, SMTPUTF8) is not taken. Values stand as they are, without xtext or unitext. RFC 8621 §7, RFC 3461 §4, RFC 4865 §3, RFC 8689 §2
 */
import type { DsnNotify, Envelope } from '#formats/envelope.ts'
import { envelopeIdOf, notifyOf, originalRecipientOf, returnOf } from '#protocols/smtp/syntax/dsn-parameters.ts'
import { utc } from '../syntax/arguments.ts'
import type { SetError } from '../wire.ts'
import type { SubmissionAddress, SubmissionEnvelope } from '../wire-sending.ts'

export type EnvelopeParameters = {
  /** Without `releaseAt`: now */
  readonly mailFrom: SenderParameters
  /** In the order of rcptTo */
  readonly rcptTo: readonly RecipientParameters[]
}

export type SenderParameters = Pick<Envelope, 'releaseAt' | 'dsnReturn' | 'dsnEnvelopeId' | 'requireTls'>
export type RecipientParameters = { readonly notify?: DsnNotify; readonly originalRecipient?: string }

export function envelopeParameters(
  { mailFrom, rcptTo }: SubmissionEnvelope,
  maxDelayMs: number,
  now: number,
): EnvelopeParameters | SetError {
  const readers: Readers<SenderParameters> = {
    RET: value => named('dsnReturn', returnOf(value)),
    ENVID: value => named('dsnEnvelopeId', envelopeIdOf(value)),
    HOLDFOR: value => named('releaseAt', ahead(holdFor(value, now), maxDelayMs, now)),
    HOLDUNTIL: value => named('releaseAt', ahead(holdUntil(value), maxDelayMs, now)),
    REQUIRETLS: (_, isAlone) => named('requireTls', isAlone || undefined),
  }
  const sender = read(mailFrom, readers)
  if ('wrong' in sender) return wrong(`mailFrom/parameters/${sender.wrong}`)
  const recipients: RecipientParameters[] = []
  for (const [index, one] of rcptTo.entries()) {
    const recipient = read(one, recipientReaders)
    if ('wrong' in recipient) return wrong(`rcptTo/${index}/parameters/${recipient.wrong}`)
    recipients.push(recipient.value)
  }
  const { releaseAt, ...others } = sender.value
  const isLater = releaseAt !== undefined && releaseAt > now
  return { mailFrom: { ...others, ...(isLater && { releaseAt }) }, rcptTo: recipients }
}

/** By name; undefined: that is no value for it. `isAlone`: none was given (null). */
type Readers<Value> = Readonly<Record<string, (value: string, isAlone: boolean) => Partial<Value> | undefined>>

const recipientReaders: Readers<RecipientParameters> = {
  NOTIFY: value => named('notify', notifyOf(value)),
  ORCPT(value) {
    const [, type = '', address = ''] = /^([^;]*);(.*)$/su.exec(value) ?? []
    return named('originalRecipient', originalRecipientOf(type, address))
  },
}

function named<Name extends string, Value>(name: Name, value: Value | undefined) {
  return value === undefined ? undefined : ({ [name]: value } as Readonly<Record<Name, Value>>)
}

/** Each is said once, whatever its case; HOLDFOR and HOLDUNTIL are one (RFC 4865 §3). */
function read<Value extends object>({ parameters }: SubmissionAddress, readers: Readers<Value>) {
  const all: Partial<Value> = {}
  for (const [given, value] of Object.entries(parameters ?? {})) {
    const name = given.toUpperCase()
    const got = Object.hasOwn(readers, name) ? readers[name]?.(value ?? '', value === null) : undefined
    if (!got || Object.keys(got).some(key => Object.hasOwn(all, key))) return { wrong: given.slice(0, 100) }
    Object.assign(all, got)
  }
  return { value: all as Value }
}

function wrong(place: string): SetError {
  return {
    type: 'invalidProperties',
    properties: ['envelope'],
    description: `${place} is not known here, or not right`,
  }
}

/** A moment that has passed means now. */
function ahead(at: number | undefined, maxDelayMs: number, now: number): number | undefined {
  return at === undefined || at > now + maxDelayMs ? undefined : at
}

function holdFor(value: string, now: number): number | undefined {
  return /^\d{1,9}$/.test(value) ? now + Number(value) * 1000 : undefined
}

function holdUntil(value: string): number | undefined {
  try {
    return utc(value, 'HOLDUNTIL')
  } catch {
    return undefined
  }
}
