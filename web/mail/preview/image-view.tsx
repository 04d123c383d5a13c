import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../texts/texts.ts'
import { useMail } from '../views/mail-context.ts'
import { useFetched } from './fetched.ts'
import { imageOf, NoImage } from './octets.ts'
import { Problem, Waiting } from './states.tsx'

type Size = { readonly width: number; readonly height: number }

/** `zoom`: 1 is all of it in the window, or its own size where that is smaller */
export function ImageView({
  blobId,
  name,
  zoom,
}: {
  readonly blobId: string
  readonly name: string
  readonly zoom: number
}) {
  const { client } = useMail()
  const place = useRef<HTMLDivElement>(null)
  const [own, setOwn] = useState<Size | undefined>(undefined)
  const [broken, setBroken] = useState(false)
  const image = useFetched(signal => imageOf(client, blobId, signal), [blobId])
  const [url, setUrl] = useState<string | undefined>(undefined)
  useEffect(() => {
    if (image.kind !== 'here') return undefined
    const made = URL.createObjectURL(image.value)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [image])
  if (image.kind === 'loading') return <Waiting />
  const problem = image.kind === 'failed' && image.error instanceof NoImage ? image.error.problem : undefined
  if (image.kind === 'failed' || broken) return <Problem text={t().preview[problem ?? 'failed']} />
  const room = place.current
  const fit = own && room ? Math.min(1, (room.clientWidth - 32) / own.width, (room.clientHeight - 32) / own.height) : 1
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys
    <div ref={place} class="viewer-picture" tabIndex={0}>
      <img
        src={url}
        alt={name}
        hidden={own === undefined}
        style={own && { width: `${Math.round(own.width * fit * zoom)}px` }}
        onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
          setOwn({ width: naturalWidth, height: naturalHeight })
        }
        onError={() => setBroken(url !== undefined)}
      />
    </div>
  )
}
