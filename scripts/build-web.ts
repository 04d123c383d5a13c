// Builds the webmail into web/dist when its sources are newer than what is there: by the hash of their contents, kept in web/dist/.stamp.
// `npm start` and `npm test` call it; it costs 0.1 s when nothing has to be done, and about two when something has.
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { workerConfig } from '../web/vite.config.ts'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'web', 'dist')
const lock = join(root, 'web', '.build-lock')
const lockMaxAgeMs = 60_000

type Stamp = { readonly hash: string; readonly modules: readonly string[] }

if (import.meta.main) await buildWeb()

/** True when it built. Two commands may start at once; the second waits for the first. */
export async function buildWeb(): Promise<boolean> {
  if (isFresh()) return false
  while (!takeLock()) await sleep(100)
  try {
    if (isFresh()) return false
    await build()
    return true
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

function isFresh(): boolean {
  try {
    const stamp = JSON.parse(readFileSync(join(dist, '.stamp'), 'utf8')) as Stamp
    return stamp.hash === hashOf(stamp.modules)
  } catch {
    return false
  }
}

/** Of everything in web/, of the modules of src/ that the last build took, and of the packages' versions. */
function hashOf(modules: readonly string[]): string {
  const own = globSync('web/**/*', { cwd: root, exclude: ['web/dist', 'web/.build-lock', 'web/dist.new'] })
  const hash = createHash('sha256')
  for (const file of [...own, ...modules, 'package-lock.json', 'scripts/build-web.ts'].sort()) {
    const path = join(root, file)
    if (file.endsWith('.test.ts') || !statSync(path).isFile()) continue
    hash.update(`${file}\0`).update(readFileSync(path)).update('\0')
  }
  return hash.digest('hex')
}

/** Beside the old one, which a server may be reading, and put in its place when it is whole. */
async function build(): Promise<void> {
  const [{ build: viteBuild }, { webConfig, workerConfig }] = await Promise.all([
    import('vite'),
    import('../web/vite.config.ts'),
  ])
  const outDir = join(root, 'web', 'dist.new')
  rmSync(outDir, { recursive: true, force: true })
  const taken = new Set<string>()
  const note = {
    name: 'note-modules',
    moduleParsed: ({ id }: { readonly id: string }) => {
      const path = relative(root, id.split('?')[0] ?? id)
      if (path.startsWith('src/')) taken.add(path)
    },
  }
  await viteBuild({ ...webConfig, plugins: [note], build: { ...webConfig.build, outDir } })
  copyPdfFiles(outDir)
  const worker = workerConfig(shellIn(outDir))
  await viteBuild({ ...worker, plugins: [note], build: { ...worker.build, outDir } })
  await Promise.all(
    globSync('**/*.{js,mjs,css,html,svg,json,webmanifest}', { cwd: outDir }).map(file => compress(join(outDir, file))),
  )
  const modules = [...taken].sort()
  writeFileSync(join(outDir, '.stamp'), JSON.stringify({ hash: hashOf(modules), modules } satisfies Stamp))
  rmSync(dist, { recursive: true, force: true })
  renameSync(outDir, dist)
}

/** What pdf.js asks for while it reads (web/mail/preview/pdf.ts): tables of characters, fonts that are never embedded, decoders of images. */
function copyPdfFiles(outDir: string): void {
  const from = join(root, 'node_modules', 'pdfjs-dist')
  const { version } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as { readonly version: string }
  const to = join(outDir, 'assets', `pdf-${version}`)
  for (const folder of ['cmaps', 'standard_fonts', 'iccs'])
    cpSync(join(from, folder), join(to, folder), { recursive: true })
  mkdirSync(join(to, 'wasm'))
  for (const file of ['jbig2.wasm', 'openjpeg.wasm', 'qcms_bg.wasm'])
    cpSync(join(from, 'wasm', file), join(to, 'wasm', file))
}

/** What the service worker keeps: all that the page may ask for, under a version that is another as soon as any of it is. */
function shellIn(outDir: string): Parameters<typeof workerConfig>[0] {
  const files = globSync('**/*.{js,css,html,svg,png,webmanifest,woff2,wasm,mjs}', { cwd: outDir })
    // two megabytes that few look at PDFs with
    .filter(file => !file.startsWith('assets/pdf'))
    .sort()
  const version = createHash('sha256')
  for (const file of files)
    version
      .update(`${file}\0`)
      .update(readFileSync(join(outDir, file)))
      .update('\0')
  const pageSha256 = createHash('sha256')
    .update(readFileSync(join(outDir, 'index.html')))
    .digest('hex')
  return { files: files.map(file => `/${file}`), version: version.digest('hex').slice(0, 16), pageSha256 }
}

async function compress(path: string): Promise<void> {
  const octets = readFileSync(path)
  // the worker of pdf.js comes as it is, and takes seconds at the highest
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: path.endsWith('.mjs') ? 9 : 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: octets.length,
  }
  writeFileSync(`${path}.br`, await promisify(brotliCompress)(octets, { params }))
  writeFileSync(`${path}.gz`, await promisify(gzip)(octets, { level: 9 }))
}

function takeLock(): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch {
    if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > lockMaxAgeMs)
      rmSync(lock, { recursive: true, force: true })
    return false
  }
}
