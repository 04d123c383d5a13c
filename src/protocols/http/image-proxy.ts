/**
 * `GET /image?url=…`: images of letters from the internet, for who is signed in. Their servers learn neither the reader's address nor browser,
 * and what comes is shown as pixels or not at all.
 */
import { pipeline } from 'node:stream/promises'
import { deadline } from '#base/deadline.ts'
import type { Log } from '#base/log.ts'
import type { MetricsRegistry } from '#base/metrics.ts'
import { plain } from './door.ts'
import { beginsMs, cacheSeconds, endsMs, turnLimits, waitsForTurnMs } from './image/limits.ts'
import { fetchRemoteImage, type NoImage, type RemoteImage, type RemoteImageOptions } from './image/remote-image.ts'
import { type TurnLimits, Turns } from './image/turns.ts'
import type { HttpSite, HttpVisit } from './site.ts'

export type ImageProxyOptions = RemoteImageOptions & {
  readonly log: Log
  readonly metrics?: MetricsRegistry
  /** Tests turn these; everyone else takes what image/limits.ts says. */
  readonly limits?: { readonly beginsMs?: number; readonly endsMs?: number; readonly turns?: TurnLimits }
}

/** Whoever is signed in by this request. Undefined: nobody, who may have been told so already */
export type WhoReads = (visit: HttpVisit) => Promise<{ readonly account: string | number } | undefined>

export const imagePath = '/image'

/** One for all listeners: what is under way is counted together. */
export function createImageProxy(options: ImageProxyOptions): (who: WhoReads) => HttpSite {
  const turns = new Turns(options.limits?.turns ?? turnLimits)
  const counter = options.metrics?.counter(
    'hikyaku_letter_images_total',
    'Remote images of letters asked for, by outcome',
  )
  const told = (outcome: Outcome, visit: HttpVisit) => {
    counter?.add(1, { outcome })
    // the URL tells who reads what: it stays out of the log
    options.log.debug('An image of a letter was asked for', { outcome, clientAddress: visit.clientAddress })
  }
  return who => visit => {
    if (visit.path !== imagePath) return undefined
    return answer(visit, { ...options, who }, turns).then(outcome => told(outcome, visit))
  }
}

type Outcome = 'shown' | 'broken' | 'refused' | 'nobody' | 'crowded' | NoImage['why']

async function answer(
  visit: HttpVisit,
  options: ImageProxyOptions & { readonly who: WhoReads },
  turns: Turns,
): Promise<Outcome> {
  const { request, response } = visit
  if (request.method !== 'GET') {
    response.setHeader('allow', 'GET')
    plain(response, 405, 'Images are only for reading. 画像は読み取り専用です。\n')
    return 'refused'
  }
  if (!comesFromOurPage(visit)) {
    plain(response, 403, 'Only our own pages show images here. 画像は、このサイトのページだけが表示できます。\n')
    return 'refused'
  }
  const reader = await options.who(visit)
  if (!reader) {
    if (!response.headersSent) plain(response, 401, 'Sign in first. 先にサインインしてください。\n')
    return 'nobody'
  }
  using waiting = deadline(visit.gone, waitsForTurnMs)
  using turn = await turns.take(String(reader.account), waiting.signal)
  if (turn) return await show(visit, options)
  response.setHeader('retry-after', '5')
  plain(response, 503, 'Too many images at once. 画像の要求が多すぎます。\n')
  return 'crowded'
}

/** As an image of a page of ours, where the browser says what for (Fetch Metadata); never opened by itself, never for another site. */
function comesFromOurPage({ request }: HttpVisit): boolean {
  const { 'sec-fetch-site': site = 'same-origin', 'sec-fetch-dest': dest = 'image' } = request.headers
  return site === 'same-origin' && dest === 'image'
}

async function show(visit: HttpVisit, options: ImageProxyOptions): Promise<Outcome> {
  using ends = deadline(AbortSignal.any([visit.gone, visit.stopping]), options.limits?.endsMs ?? endsMs)
  using begins = deadline(ends.signal, options.limits?.beginsMs ?? beginsMs)
  const image = await fetchRemoteImage(visit.query.get('url') ?? '', options, {
    begins: begins.signal,
    signal: ends.signal,
  })
  if (image.kind === 'image') return await send(visit, image, ends.signal)
  plain(visit.response, image.why === 'url' ? 400 : 404, 'There is no such image. 画像を取得できません。\n')
  return image.why
}

async function send({ response }: HttpVisit, image: RemoteImage, signal: AbortSignal): Promise<Outcome> {
  response.writeHead(200, {
    'content-type': image.type,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'content-disposition': 'inline',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'cache-control': `private, max-age=${cacheSeconds}, immutable`,
  })
  try {
    await pipeline(image.octets, response, { signal })
    return 'shown'
  } catch {
    // cut, so that the browser does not keep half an image for whole
    response.destroy()
    return 'broken'
  }
}
