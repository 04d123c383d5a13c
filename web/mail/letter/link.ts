/** Where a link of a stranger may lead, and what a reader should know before following it. Pure. */

export type LetterLink = {
  readonly href: string
  readonly kind: 'web' | 'mail' | 'phone'
  /** Where it truly leads, when its text says another place or hides it */
  readonly trueHost?: string
}

const maxHrefLength = 8_000

/**
 * Undefined: no link. `href` as the letter has it; `text` as it is shown. Relative ones lead nowhere: they would be taken as paths of our own page.
 */
export function readLink(href: string, text = ''): LetterLink | undefined {
  // what a URL parser takes away is taken away before anything is looked at: java&#10;script:
  const trimmed = href.replaceAll(/[\t\n\r]/g, '').replace(/^[\u0000-\u0020]+|[\u0000-\u0020]+$/g, '')
  if (trimmed.length > maxHrefLength) return undefined
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(trimmed)?.[1]?.toLowerCase()
  if (scheme === 'mailto') return { href: trimmed, kind: 'mail' }
  if (scheme === 'tel')
    return /^tel:[+\d().\-; =a-z]{1,60}$/i.test(trimmed) ? { href: trimmed, kind: 'phone' } : undefined
  if ((scheme !== 'http' && scheme !== 'https') || !URL.canParse(trimmed)) return undefined
  const url = new URL(trimmed)
  if (url.hostname === '') return undefined
  const isDisguised = url.username !== '' || url.password !== ''
  // who sees bank.example@evil.example reads the first of them
  url.username = url.password = ''
  const lies = isDisguised || saysAnother(text, url.hostname)
  return { href: url.href, kind: 'web', ...(lies && { trueHost: shownHost(url) }) }
}

function shownHost(url: URL): string {
  return url.host.replace(/^www\./, '')
}

/** Whether the text names a host (a whole URL, or just `www.bank.example`) that is neither the true one nor above or below it. */
function saysAnother(text: string, host: string): boolean {
  const named = hostIn(text)
  if (named === undefined) return false
  const [said, true_] = [named, host].map(one => one.replace(/^www\./, '').replace(/\.$/, ''))
  if (said === undefined || true_ === undefined) return false
  return said !== true_ && !said.endsWith(`.${true_}`) && !true_.endsWith(`.${said}`)
}

/** The host that a text begins with, as a reader would read it. */
function hostIn(text: string): string | undefined {
  const plain = text
    .normalize('NFKC')
    .replaceAll(/[\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff]/g, '')
    .trim()
  const match =
    /^(?:<|\[|「|\()?\s*(?:https?:\s*\/\/\s*(?:[^\s/@]*@)?|(?=[\w-]+(?:\.[\w-]+)+))([^\s/:?#@<>"'()「」]+)/iu.exec(
      plain,
    )
  const host = match?.[1]?.toLowerCase()
  if (host === undefined || !/\.[a-z\u0080-\uffff]{2,}\.?$|\.xn--[a-z0-9-]+$/i.test(host)) return undefined
  // `report.pdf`, `a@b.example`: no hosts
  if (!/^https?:/i.test(plain) && (fileEndings.has(host.split('.').at(-1) ?? '') || plain.includes('@')))
    return undefined
  return asciiHost(host)
}

function asciiHost(host: string): string {
  return URL.canParse(`http://${host}/`) ? new URL(`http://${host}/`).hostname : host
}

const fileEndings: ReadonlySet<string> = new Set(
  'pdf doc docx xls xlsx ppt pptx txt csv png jpg jpeg gif webp html htm xml json js ts css md log mp3 mp4 exe tar gz'.split(
    ' ',
  ),
)
