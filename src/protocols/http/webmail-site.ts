/**
 * The webmail's files as Vite built them, compressed beforehand. What has its hash in its name is kept by browsers for ever; the page itself is
 * asked for anew each time. Only what was there when the server started is served: a path never becomes a file name.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, relative } from 'node:path'
import { plain } from './door.ts'
import type { HttpSite, HttpVisit } from './site.ts'

type Encoding = 'br' | 'gzip' | 'identity'

type WebFile = {
  readonly path: string
  readonly type: string
  readonly etag: string
  /** Its name changes with its contents. */
  readonly isHashed: boolean
  readonly encodings: ReadonlyMap<Encoding, Buffer>
}

/** Paths as browsers ask for them → files; undefined where the webmail was not built. */
export type WebFiles = ReadonlyMap<string, WebFile>

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.mjs': 'text/javascript; charset=utf-8',
  // what pdf.js asks for
  '.bcmap': 'application/octet-stream',
  '.pfb': 'application/octet-stream',
  '.ttf': 'font/ttf',
  '.icc': 'application/vnd.iccprofile',
}

/** What a letter smuggles past us finds no way to run, to load or to leave. */
export const webmailSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "font-src 'self'",
  "frame-src 'self' blob:",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

/** Of the worker that reads strangers' PDFs: our own tables and fonts, and decoders in WebAssembly, which the page itself may not run. */
const pdfWorkerPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"

/** Reads them all: some megabytes, most of it for PDFs. */
export async function readWebFiles(folder: string): Promise<WebFiles | undefined> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const present = new Set(names.filter(name => name.isFile()).map(({ parentPath, name }) => join(parentPath, name)))
  const files = new Map<string, WebFile>()
  for (const file of present) {
    const type = types[extname(file)]
    if (type === undefined) continue
    const path = `/${relative(folder, file)}`
    files.set(path, await readWebFile(file, { path, type }, present))
  }
  return files.has('/index.html') ? files : undefined
}

async function readWebFile(
  file: string,
  { path, type }: Pick<WebFile, 'path' | 'type'>,
  present: ReadonlySet<string>,
): Promise<WebFile> {
  const octets = await readFile(file)
  const encodings = new Map<Encoding, Buffer>()
  if (present.has(`${file}.br`)) encodings.set('br', await readFile(`${file}.br`))
  if (present.has(`${file}.gz`)) encodings.set('gzip', await readFile(`${file}.gz`))
  encodings.set('identity', octets)
  const etag = `"${createHash('sha256').update(octets).digest('base64url').slice(0, 22)}"`
  return { path, type, etag, isHashed: path.startsWith('/assets/'), encodings }
}

export function webmailSite(files: WebFiles | undefined): HttpSite {
  return visit => {
    const path = isPage(visit.path) ? '/index.html' : visit.path
    if (!files) return isPage(visit.path) ? notBuilt(visit) : undefined
    const file = files.get(path)
    if (!file) return path.startsWith('/assets/') ? gone(visit) : undefined
    return serveFile(visit, file)
  }
}

/** The page's own addresses are the browser's history: one page for all of them. */
function isPage(path: string): boolean {
  return path === '/' || /^\/(?:mail|contacts)(?:\/|$)/.test(path)
}

function serveFile({ request, response }: HttpVisit, file: WebFile): Promise<void> {
  const { method } = request
  if (method !== 'GET' && method !== 'HEAD') return notAllowed(response)
  const encoding = encodingFor(request.headers['accept-encoding'], file)
  const body = file.encodings.get(encoding) ?? Buffer.alloc(0)
  const headers = {
    ...commonHeaders,
    etag: file.etag,
    vary: 'Accept-Encoding',
    'cache-control': file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...(file.type.startsWith('text/html') && pageHeaders),
    ...(file.path.startsWith('/assets/pdf.worker') && { 'content-security-policy': pdfWorkerPolicy }),
    ...(file.path === workerPath && workerHeaders),
  }
  if (names(request.headers['if-none-match'], file.etag)) {
    response.writeHead(304, headers).end()
    return Promise.resolve()
  }
  response.writeHead(200, {
    ...headers,
    'content-type': file.type,
    'content-length': body.length,
    ...(encoding !== 'identity' && { 'content-encoding': encoding }),
  })
  response.end(method === 'HEAD' ? '' : body)
  return Promise.resolve()
}

const commonHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}

const pageHeaders = {
  'content-security-policy': webmailSecurityPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'x-frame-options': 'DENY',
}

/** Stands under a name that stays: it is asked for anew each time, as the page is. */
const workerPath = '/worker.js'

/** A worker has a policy of its own: it loads nothing but what it asks of us. */
const workerHeaders = {
  'content-security-policy': "default-src 'none'; connect-src 'self'",
  'service-worker-allowed': '/',
}

/** RFC 9110 §12.5.3, without weights but 0: who can undo brotli says so. */
function encodingFor(accepted: string | string[] | undefined, { encodings }: WebFile): Encoding {
  const named = String(accepted ?? '')
    .toLowerCase()
    .split(',')
    .map(one => one.split(';').map(part => part.trim()))
    .filter(([, weight]) => !/^q=0(?:\.0*)?$/.test(weight ?? ''))
    .map(([name]) => name)
  for (const encoding of ['br', 'gzip'] as const)
    if (encodings.has(encoding) && named.includes(encoding)) return encoding
  return 'identity'
}

/** RFC 9110 §13.1.2: compared weakly */
function names(header: string | undefined, etag: string): boolean {
  return header?.split(',').some(one => one.trim().replace(/^W\//, '') === etag || one.trim() === '*') ?? false
}

function notAllowed(response: ServerResponse): Promise<void> {
  response.setHeader('allow', 'GET, HEAD')
  plain(response, 405, 'This page is only for reading. このページは閲覧専用です。\n')
  return Promise.resolve()
}

/** A page that was open during an upgrade asks for files of the old one. */
function gone({ response }: HttpVisit): Promise<void> {
  plain(response, 404, 'This file belongs to another version. 別のバージョンのファイルです。\n')
  return Promise.resolve()
}

function notBuilt({ response }: HttpVisit): Promise<void> {
  plain(
    response,
    503,
    'The webmail has not been built: run "npm run build:web" in the checkout and start again. The status page is at /status.\n' +
      'ウェブメールがまだビルドされていません。チェックアウトで npm run build:web を実行して再起動してください。稼働状況は /status にあります。\n',
  )
  return Promise.resolve()
}
