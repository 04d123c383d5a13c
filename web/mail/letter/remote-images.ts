/** Images of a letter that lie on the internet: which there are, and which of them only tell that it was read. Pure. */

export type RemoteImages = { readonly images: number; readonly trackers: number }

/** The largest data: image that is shown, in characters. */
const maxDataUrl = 2_000_000

export type ImageSource =
  | { readonly kind: 'remote'; readonly url: string }
  | { readonly kind: 'inline'; readonly cid: string }
  | { readonly kind: 'data'; readonly url: string }

/** Undefined: nothing that could be shown. */
export function readImageSource(text: string): ImageSource | undefined {
  const url = text.replaceAll(/[\t\n\r]/g, '').trim()
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === 'cid') return { kind: 'inline', cid: readCid(url.slice(4)) }
  if (scheme === 'data')
    return /^data:image\/(?:png|jpe?g|gif|webp|avif|bmp);base64,[a-z0-9+/=%\s]*$/i.test(url) && url.length <= maxDataUrl
      ? { kind: 'data', url }
      : undefined
  // `//images.example/x`: there is no page whose scheme it could be
  const whole = url.startsWith('//') ? `https:${url}` : url
  if (!/^https?:/i.test(whole) || !URL.canParse(whole) || whole.length > 8_000) return undefined
  return { kind: 'remote', url: new URL(whole).href }
}

/** RFC 2392: percent-encoded, without the brackets of the field. */
export function readCid(text: string): string {
  const bare = text.trim().replace(/^<(.*)>$/, '$1')
  try {
    return decodeURIComponent(bare)
  } catch {
    return bare
  }
}

export type ImageFacts = {
  readonly url: string
  readonly width?: string
  readonly height?: string
  readonly style?: string
}

/** Nobody could see it, so it is there for its sender's sake. */
export function isTracker({ url, width, height, style = '' }: ImageFacts): boolean {
  if (isTiny(width) || isTiny(height)) return true
  if (
    /(?:^|;)\s*(?:display:\s*none|visibility:\s*hidden|opacity:\s*0(?:\.0*)?\s*(?:;|$|!)|(?:max-)?(?:width|height):\s*[0-3](?:px)?\s*(?:;|$|!))/i.test(
      style,
    )
  )
    return true
  return (
    /\/(?:open|pixel|track(?:ing)?|beacon|wf\/open|o\.gif|trk|imp)(?:[./?]|$)/i.test(url) &&
    width === undefined &&
    height === undefined
  )
}

function isTiny(size: string | undefined): boolean {
  return size !== undefined && /^\s*[0-3](?:px)?\s*$/i.test(size)
}
