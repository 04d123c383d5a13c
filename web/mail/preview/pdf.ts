/**
 * PDFs by pdf.js. A stranger's file is read in a worker that may ask our own server for fonts and tables and nobody else, and is ended with the view. What
 * comes of it is pixels, text and addresses of links: no forms, no scripts, no layers of its own.
 */
import {
  getDocument,
  type PDFDocumentProxy,
  type PDFPageProxy,
  PDFWorker,
  TextLayer,
  version,
} from 'pdfjs-dist/legacy/build/pdf.mjs'
// oxlint-disable-next-line import/default -- Vite makes a file of it, and its address
import workerUrl from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url'
import { type LetterLink, readLink } from '../letter/link.ts'

export { TextLayer, type PDFDocumentProxy, type PDFPageProxy }

/** Where scripts/build-web.ts puts what pdf.js asks for */
const files = `/assets/pdf-${version}/`
/** Of one picture in it; larger ones are left out */
const maxImagePixels = 64_000_000
const maxLinks = 500
/** A damaged or hostile file may keep its worker busy for ever. */
const openMs = 30_000

export type OpenPdf = { readonly document: PDFDocumentProxy } & Disposable

export class LockedPdf extends Error {}

/** `octets` are used up. Throws LockedPdf, or what pdf.js throws over what is none. */
export async function openPdf(octets: Uint8Array<ArrayBuffer>): Promise<OpenPdf> {
  const port = new Worker(trusted(workerUrl) as unknown as string, { type: 'module', name: 'pdf' })
  const task = getDocument({
    data: octets,
    worker: PDFWorker.create({ port }),
    verbosity: 0,
    cMapUrl: `${files}cmaps/`,
    cMapPacked: true,
    standardFontDataUrl: `${files}standard_fonts/`,
    iccUrl: `${files}iccs/`,
    wasmUrl: `${files}wasm/`,
    useWorkerFetch: true,
    enableXfa: false,
    disableWorkerRendering: true,
    maxImageSize: maxImagePixels,
  } as Parameters<typeof getDocument>[0])
  const end = () => {
    task.destroy().catch(() => undefined)
    port.terminate()
  }
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('It takes too long')), openMs)
  // a worker that could not even start says it here
  port.addEventListener('error', () => reject(new Error('The worker has failed')))
  try {
    return { document: await Promise.race([task.promise, late]), [Symbol.dispose]: end }
  } catch (error) {
    end()
    throw error instanceof Error && error.name === 'PasswordException' ? new LockedPdf() : error
  } finally {
    clearTimeout(timer)
  }
}

type Policy = { createScriptURL(url: string): string }
type Factory = { createPolicy(name: string, rules: Policy): Policy }
let policy: Policy | undefined

function trusted(url: string): string {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: Factory }
  const rules: Policy = {
    createScriptURL: one => {
      if (one !== workerUrl) throw new TypeError('This is not the worker of ours')
      return one
    },
  }
  return (policy ??= trustedTypes?.createPolicy('hikyaku-pdf', rules) ?? rules).createScriptURL(url)
}

/** In parts of the page, from its upper left corner */
export type PageLink = {
  readonly link: LetterLink
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Where a page leads to: the same addresses that a letter may lead to. */
export async function linksOf(page: PDFPageProxy): Promise<readonly PageLink[]> {
  const viewport = page.getViewport({ scale: 1 })
  const found = (await page.getAnnotations({ intent: 'display' })) as readonly Record<string, unknown>[]
  return found.slice(0, maxLinks).flatMap(({ subtype, url, rect }) => {
    const link = subtype === 'Link' && typeof url === 'string' ? readLink(url) : undefined
    if (!link || !isRectangle(rect)) return []
    const [x1 = 0, y1 = 0] = viewport.convertToViewportPoint(rect[0], rect[1]) as number[]
    const [x2 = 0, y2 = 0] = viewport.convertToViewportPoint(rect[2], rect[3]) as number[]
    return {
      link,
      left: Math.min(x1, x2) / viewport.width,
      top: Math.min(y1, y2) / viewport.height,
      width: Math.abs(x2 - x1) / viewport.width,
      height: Math.abs(y2 - y1) / viewport.height,
    }
  })
}

function isRectangle(value: unknown): value is readonly [number, number, number, number] {
  return Array.isArray(value) && value.length === 4 && value.every(one => Number.isFinite(one))
}
