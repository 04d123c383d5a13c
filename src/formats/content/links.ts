/** What the links of a message show. */
import type { Evidence } from './evidence.ts'
import { hostName, hostOf, isLookalike, isNumberHost, ownedName } from './hosts.ts'
import type { Link } from './html-links.ts'

export type LinkFindings = {
  readonly evidence: readonly Evidence[]
  /** Each once */
  readonly hosts: readonly string[]
}

/** `shorteners`: hosts behind which anything may be. */
export function judgeLinks(links: readonly Link[], shorteners: ReadonlySet<string>): LinkFindings {
  const evidence = new Map<string, Evidence>()
  const add = (one: Evidence) => evidence.has(one.code) || evidence.set(one.code, one)
  const hosts = new Set<string>()
  for (const { target, words } of links) {
    if (/^(?:javascript|vbscript|data):/i.test(target) && !/^data:image\//i.test(target))
      add({ code: 'link-to-script' })
    const host = hostOf(target)
    if (host === undefined) continue
    hosts.add(host)
    if (isNumberHost(host)) add({ code: 'link-to-number', detail: { host } })
    if (isLookalike(host)) add({ code: 'link-lookalike', detail: { host } })
    if (/^https?:[\\/]{2}[^/\\?#]{1,256}@/i.test(target)) add({ code: 'link-with-user', detail: { host } })
    if (shorteners.has(host) || shorteners.has(ownedName(host))) add({ code: 'link-shortened', detail: { host } })
    const shown = shownHost(words)
    if (shown !== undefined && ownedName(shown) !== ownedName(host))
      add({ code: 'link-elsewhere', detail: { shown, host } })
  }
  return { evidence: [...evidence.values()], hosts: [...hosts] }
}

/** The host that the words of a link promise: an address, or nothing but a host name. */
function shownHost(words: string): string | undefined {
  if (words === '') return undefined
  const address = /^\s*https?:\/\/\S{3,200}/i.exec(words)?.[0]
  if (address !== undefined) return hostOf(address.trim())
  const bare =
    /^\s*((?:[a-z0-9-]{1,63}\.){1,5}(?:com|net|org|info|biz|jp|io|dev|co|uk|de|fr|us|test|example))(?:\/\S*)?\s*$/i.exec(
      words,
    )
  return bare?.[1] === undefined ? undefined : hostName(bare[1])
}
