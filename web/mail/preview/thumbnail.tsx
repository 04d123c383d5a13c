/** A small picture of an attached image: drawn once it is in sight, so that no more than its few pixels are kept. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { useMail } from '../views/mail-context.ts'
import { imageOf } from './octets.ts'

/** Twice of what it is on the page, for fine screens */
const width = 88
const height = 80

export function Thumbnail({ blobId }: { readonly blobId: string }) {
  const { client } = useMail()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [isDrawn, setDrawn] = useState(false)
  useEffect(() => {
    const place = canvas.current
    if (!place) return undefined
    const end = new AbortController()
    const draw = async () => {
      const bitmap = await createImageBitmap(await imageOf(client, blobId, end.signal))
      const scale = Math.max(width / bitmap.width, height / bitmap.height)
      const [wide, high] = [bitmap.width * scale, bitmap.height * scale]
      const pen = place.getContext('2d')
      if (pen) pen.imageSmoothingQuality = 'high'
      pen?.drawImage(bitmap, (width - wide) / 2, (height - high) / 2, wide, high)
      bitmap.close()
      setDrawn(true)
    }
    const watch = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting !== true) return
      watch.disconnect()
      // one that is no image keeps the word for its kind
      draw().catch(() => undefined)
    })
    watch.observe(place)
    return () => {
      watch.disconnect()
      end.abort()
    }
  }, [blobId])
  return <canvas ref={canvas} class="thumbnail" data-drawn={isDrawn} width={width} height={height} aria-hidden="true" />
}
