/** How a list is left, as its letter says (RFC 2369 §3.2, RFC 8058). Pure, also for browsers. */
import { ownResults, parseResults, type RawField, unfolded } from './authentication-results.ts'

export type Unsubscribing = {
  /** What takes a POST and nothing else; `signedBy`: the domain that answers for it */
  readonly oneClick: { readonly url: string; readonly signedBy: string } | undefined
  /** `mailto:` URL */
  readonly mail: string | undefined
  /** A page, for a person to look at */
  readonly page: string | undefined
}

const maxUrlLength = 2_000
const bothFields = ['list-unsubscribe', 'list-unsubscribe-post']

/** Undefined: it is no letter of a list that can be left. `authservIds`: of our own servers */
export function unsubscribing(headers: readonly RawField[], authservIds: readonly string[]): Unsubscribing | undefined {
  const [field, ...others] = named(headers, 'list-unsubscribe')
  // of several somebody on the way may have added one: nobody knows whose is meant
  if (field === undefined || others.length > 0) return undefined
  const urls = [...field.matchAll(/<([^<>]*)>/g)].map(([, url = '']) => url.replaceAll(/\s/g, ''))
  const first = (scheme: RegExp) =>
    urls.find(url => scheme.test(url) && url.length <= maxUrlLength && URL.canParse(url))
  const page = first(/^https:/i)
  const [post, ...more] = named(headers, 'list-unsubscribe-post')
  // RFC 8058 §3.1, §5
  const isOffered =
    page !== undefined && more.length === 0 && post?.replaceAll(/\s/g, '') === 'List-Unsubscribe=One-Click'
  const signedBy = isOffered ? signerOf(headers, authservIds, bothFields) : undefined
  const mail = first(/^mailto:/i)
  if (page === undefined && mail === undefined) return undefined
  return { oneClick: page !== undefined && signedBy !== undefined ? { url: page, signedBy } : undefined, mail, page }
}

/**
 * Whose signature covers all these fields and was found good by our own server (RFC 8058 §4). One that could be mistaken for another, since it has the same
 * domain and selector, does not count.
 */
function signerOf(
  headers: readonly RawField[],
  authservIds: readonly string[],
  fields: readonly string[],
): string | undefined {
  const results = parseResults(ownResults(headers, authservIds) ?? '').filter(({ method }) => method === 'dkim')
  const signatures = named(headers, 'dkim-signature').map(tagsOf)
  for (const { result, properties } of results) {
    const key = keyOf(properties.get('header.d'), properties.get('header.s'))
    const same = signatures.filter(tags => keyOf(tags.get('d'), tags.get('s')) === key)
    const [signature] = same
    const isOne = results.filter(one => keyOf(one.properties.get('header.d'), one.properties.get('header.s')) === key)
    if (result !== 'pass' || !signature || same.length !== 1 || isOne.length !== 1) continue
    const names = (signature.get('h') ?? '')
      .toLowerCase()
      .split(':')
      .map(name => name.replaceAll(/\s/g, ''))
    if (fields.every(name => names.includes(name))) return properties.get('header.d')?.toLowerCase()
  }
  return undefined
}

function keyOf(domain: string | undefined, selector: string | undefined): string | undefined {
  if (domain === undefined || selector === undefined) return undefined
  return `${selector}._domainkey.${domain}`.toLowerCase()
}

/** RFC 6376 §3.2 */
function tagsOf(value: string): ReadonlyMap<string, string> {
  return new Map(
    value.split(';').flatMap(one => {
      const equals = one.indexOf('=')
      return equals < 0 ? [] : [[one.slice(0, equals).trim(), one.slice(equals + 1).trim()] as const]
    }),
  )
}

function named(headers: readonly RawField[], name: string): string[] {
  return headers.filter(one => one.name.toLowerCase() === name).map(one => unfolded(one.value))
}
