/** Previews: made when a letter comes, and kept with it. Those of letters from earlier releases are made when first asked for. */
import type { EmailId } from './ids.ts'

/** What is kept: null where nothing has been made yet, undefined where the email is gone */
export type KeptPreview = string | null | undefined

export type PreviewMaking = {
  kept(emails: readonly EmailId[]): Promise<readonly KeptPreview[]>
  /** Reads the letters; undefined where one is gone. */
  make(emails: Float64Array): Promise<readonly (string | undefined)[]>
  keep(previews: readonly { readonly email: number; readonly preview: string }[]): Promise<unknown>
}

/** `lazy`: nothing is made, so null stays where there is nothing. */
export async function previewsOf(
  emails: readonly EmailId[],
  lazy: boolean,
  making: PreviewMaking,
): Promise<readonly KeptPreview[]> {
  const previews = [...(await making.kept(emails))]
  const missing = lazy ? [] : [...previews.keys()].filter(index => previews[index] === null)
  if (missing.length === 0) return previews
  const ids = missing.map(index => emails[index] ?? 0)
  const made = await making.make(Float64Array.from(ids))
  for (const [at, index] of missing.entries()) previews[index] = made[at]
  const news = ids.flatMap((email, at) => {
    const preview = made[at]
    return preview === undefined ? [] : [{ email, preview }]
  })
  // they are right without being kept: a full disk costs only the time to make them again
  await making.keep(news).catch(() => undefined)
  return previews
}
