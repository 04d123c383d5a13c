/** One message to a push service. RFC 8030 §5 */
import { deadline } from '#base/deadline.ts'
import { httpCall } from '#net/http-call.ts'
import { publicAddressesOf, type PublicHostOptions } from '#net/public-host.ts'
import type { PushSubscription } from '#mail/access/push-subscriptions.ts'
import { encryptPush, maxPlaintextBytes } from './encrypt.ts'
import type { Vapid } from './vapid.ts'

export type PostOptions = PublicHostOptions & {
  readonly vapid: Vapid
  /** Authorities for https: in PEM; the system's when absent */
  readonly ca?: string | undefined
}

export type Posted =
  | { readonly kind: 'taken' }
  /** The subscription is not there any more (RFC 8030 §7.3) */
  | { readonly kind: 'gone' }
  | { readonly kind: 'later'; readonly why: string; readonly afterMs: number | undefined }

const postMs = 20_000
const maxAddresses = 2
/** The push service keeps it so long for a device that is off */
const ttlSeconds = 24 * 60 * 60

/** `topic`: a later message with the same one takes the place of this while the device is off (RFC 8030 §5.4). */
export async function postPush(
  { url: text, keys }: Pick<PushSubscription, 'url' | 'keys'>,
  message: object,
  { topic, now }: { readonly topic: string; readonly now: number },
  options: PostOptions,
  signal: AbortSignal,
): Promise<Posted> {
  const url = new URL(text)
  const plaintext = Buffer.from(JSON.stringify(message))
  if (plaintext.length > maxPlaintextBytes) throw new RangeError('A push is too long')
  const body = keys ? encryptPush(plaintext, keys) : plaintext
  const host = await publicAddressesOf(url, options)
  if ('none' in host) return { kind: 'later', why: host.none, afterMs: undefined }
  const headers = {
    'content-type': 'application/json',
    ...(keys && { 'content-encoding': 'aes128gcm' }),
    ttl: String(ttlSeconds),
    topic,
    urgency: 'normal',
    authorization: options.vapid.authorization(url, now),
  }
  let why = 'unreachable'
  for (const address of host.addresses.slice(0, maxAddresses)) {
    using time = deadline(signal, postMs)
    try {
      const answer = await httpCall({ method: 'POST', url, address, headers, body, ca: options.ca }, time.signal)
      // what it says besides is for nobody
      answer.destroy()
      return outcomeOf(answer.statusCode ?? 0, answer.headers['retry-after'])
    } catch (error) {
      if (signal.aborted) throw error
      why = error instanceof Error && 'code' in error ? String(error.code) : 'unreachable'
    }
  }
  return { kind: 'later', why, afterMs: undefined }
}

function outcomeOf(status: number, retryAfter: string | undefined): Posted {
  if (status >= 200 && status < 300) return { kind: 'taken' }
  if (status === 404 || status === 410) return { kind: 'gone' }
  const seconds = Number(retryAfter)
  return { kind: 'later', why: String(status), afterMs: seconds > 0 ? seconds * 1000 : undefined }
}
