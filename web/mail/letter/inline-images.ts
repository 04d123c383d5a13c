/** Images that a letter carries along, for as long as it is shown. */
import { useEffect, useState } from 'preact/hooks'

export type InlineImage = {
  /** Content-ID, without brackets */
  readonly cid: string
  /** As the letter calls it; `image/png` */
  readonly type: string
  /** Its octets, by the session's download */
  readonly open: (signal: AbortSignal) => Promise<Blob>
}

/**
 * Pixels only: an SVG or a page called an image could run, if it were opened by itself, as ours. A URL of this type is never taken for anything
 * else, whatever its octets are.
 */
const shownTypes: ReadonlySet<string> = new Set(
  ['png', 'jpeg', 'jpg', 'gif', 'webp', 'avif', 'bmp', 'x-icon', 'vnd.microsoft.icon'].map(name => `image/${name}`),
)

/** Undefined: not shown in its place. */
export function shownType(type: string): string | undefined {
  const bare = type.split(';')[0]?.trim().toLowerCase() ?? ''
  if (!shownTypes.has(bare)) return undefined
  return bare === 'image/jpg' ? 'image/jpeg' : bare
}

const none: ReadonlyMap<string, string> = new Map()

/** blob: URLs by Content-ID, for those that are used. */
export function useInlineUrls(images: readonly InlineImage[], cids: readonly string[]): ReadonlyMap<string, string> {
  const [urls, setUrls] = useState(none)
  const used = cids.join('\n')
  useEffect(() => {
    const gone = new AbortController()
    const made: string[] = []
    const show = async ({ cid, open }: InlineImage, as: string) => {
      const blob = await open(gone.signal)
      if (gone.signal.aborted) return
      const url = URL.createObjectURL(blob.slice(0, blob.size, as))
      made.push(url)
      setUrls(before => new Map(before).set(cid, url))
    }
    for (const image of images) {
      const as = shownType(image.type)
      // one that cannot be had leaves its alternative text
      if (as !== undefined && cids.includes(image.cid)) show(image, as).catch(() => undefined)
    }
    return () => {
      gone.abort()
      for (const url of made) URL.revokeObjectURL(url)
      setUrls(none)
    }
  }, [images, used])
  return urls
}
