/** Values of the envelope test. RFC 5228 §5.4; parameters of DSN: RFC 6009 §3 */
import { canonicalAddress, parseAddress } from '#formats/address/address.ts'
import type { DsnNotify, EnvelopeRecipient } from '#formats/envelope.ts'
import type { AddressPart } from '#formats/sieve/program.ts'
import { SieveFault } from './fault.ts'
import { addressPart } from './fields.ts'
import type { Run } from './run.ts'
import { texts } from './texts.ts'

export function envelopeValues(run: Run, parts: readonly string[], part: AddressPart): string[] {
  // RFC 6785 §4.4: there is no envelope
  if (run.message.event) throw new SieveFault(texts.notForImap('envelope'))
  return parts.flatMap(name => valuesOf(run, name.toLowerCase(), part))
}

function valuesOf(run: Run, name: string, part: AddressPart): string[] {
  const { envelope, recipient } = run.message
  const own = recipientOf(run)
  switch (name) {
    case 'from':
      return pathParts(run, envelope.reversePath, part)
    case 'to':
      return pathParts(run, own?.address ?? recipient, part)
    case 'notify':
      return own?.notify ? notifyWords(own.notify) : []
    case 'orcpt':
      return own?.originalRecipient === undefined ? [] : [own.originalRecipient]
    case 'ret':
      return envelope.dsnReturn === undefined ? [] : [envelope.dsnReturn]
    case 'envid':
      return envelope.dsnEnvelopeId === undefined ? [] : [envelope.dsnEnvelopeId]
    default:
      return []
  }
}

/** Only the recipient that this delivery is for: others may be secret. */
export function recipientOf({ message }: Run): EnvelopeRecipient | undefined {
  return message.envelope.recipients.find(
    ({ address }) => canonicalAddress(address) === canonicalAddress(message.recipient),
  )
}

/** The null path is the empty string, whatever part is asked for. */
function pathParts(run: Run, path: string, part: AddressPart): string[] {
  if (path === '') return ['']
  const address = parseAddress(path)
  if (!address) return part === 'all' ? [path] : []
  return part === 'all' ? [path] : addressPart(run, address.localpart, address.domain, part)
}

/** RFC 6009 §3: each is a value of its own, so that they can be counted */
function notifyWords(notify: DsnNotify): string[] {
  if ('never' in notify) return ['NEVER']
  return (['success', 'failure', 'delay'] as const).filter(word => notify[word]).map(word => word.toUpperCase())
}
