/** The pages that letters are shown in: one as it is served to people, one without any guard; and who counts what is fetched. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'vite'
import { webmailSecurityPolicy } from '#protocols/http/webmail-site.ts'
import { webConfig } from '../../../web/vite.config.ts'
import { type Letter, letters } from './corpus/corpus.ts'

const testbed = join(import.meta.dirname, '../../../web/mail/letter/testbed')

export type Reader = AsyncDisposable & {
  readonly origin: string
  readonly letters: readonly Letter[]
  /** Requests that letters made, by number: at the canary's own door */
  readonly hits: ReadonlyMap<number, readonly string[]>
  /** Paths asked of the reader's server beside its own files */
  readonly asked: readonly string[]
}

export async function openReader(): Promise<Reader> {
  const files = await builtFiles()
  const hits = new Map<number, string[]>()
  const canary = createServer((request, response) => {
    const id = Number(/^\/c\/(\d+)/.exec(request.url ?? '')?.[1] ?? -1)
    hits.set(id, [...(hits.get(id) ?? []), `${request.headers['sec-fetch-dest']} ${request.url}`])
    response.writeHead(200, { 'access-control-allow-origin': '*', 'content-type': 'text/plain' }).end()
  })
  const corpus = letters(await listen(canary))
  const asked: string[] = []
  const pages = createServer((request, response) => serve(request, response, { files, corpus, asked }))
  const origin = await listen(pages)
  return {
    origin,
    letters: corpus,
    hits,
    asked,
    async [Symbol.asyncDispose]() {
      for (const server of [pages, canary]) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

async function listen(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** By name: guarded.js, unguarded.js and the style sheet */
async function builtFiles(): Promise<ReadonlyMap<string, string>> {
  const built = await build({
    ...webConfig,
    root: testbed,
    build: {
      ...webConfig.build,
      write: false,
      minify: false,
      cssCodeSplit: false,
      rolldownOptions: {
        input: { guarded: join(testbed, 'guarded.tsx'), unguarded: join(testbed, 'unguarded.ts') },
        output: { entryFileNames: '[name].js', chunkFileNames: '[name].js', assetFileNames: '[name][extname]' },
      },
    },
  })
  const outputs = [built].flat().flatMap(one => ('output' in one ? one.output : []))
  return new Map(outputs.map(file => [`/${file.fileName}`, file.type === 'chunk' ? file.code : String(file.source)]))
}

type Site = {
  readonly files: ReadonlyMap<string, string>
  readonly corpus: readonly Letter[]
  readonly asked: string[]
}

const types: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css' }
const html = { 'content-type': 'text/html; charset=utf-8' }

function serve({ url = '/' }: IncomingMessage, response: ServerResponse, { files, corpus, asked }: Site): void {
  const path = new URL(url, 'http://home.test').pathname
  const file = files.get(path)
  if (file !== undefined) {
    response.writeHead(200, { 'content-type': types[path.split('.').at(-1) ?? ''] ?? 'text/plain' }).end(file)
  } else if (path === '/guarded') {
    response
      .writeHead(200, { ...html, 'content-security-policy': webmailSecurityPolicy })
      .end(page(files, '<div id="letters"></div>'))
  } else if (path === '/open') {
    // the same without a policy
    response.writeHead(200, html).end(page(files, '<div id="letters"></div>'))
  } else if (path === '/unguarded') {
    response.writeHead(200, html).end('<!doctype html><body><script type="module" src="/unguarded.js"></script>')
  } else if (path.startsWith('/raw/')) {
    const letter = corpus[Number(path.slice(5))]
    response.writeHead(200, html).end(letter ? rawPage(letter) : shell('', ''))
  } else {
    asked.push(url)
    response.writeHead(404).end()
  }
}

function page(files: ReadonlyMap<string, string>, content: string): string {
  const sheets = [...files.keys()]
    .filter(name => name.endsWith('.css'))
    .map(name => `<link rel="stylesheet" href="${name}">`)
  return shell(sheets.join(''), content).replace('</body>', '<script type="module" src="/guarded.js"></script></body>')
}

/** What a webmail has around a letter. */
function shell(head: string, letter: string, label = ''): string {
  return `<!doctype html><html><head><link rel="icon" href="data:,">${head}<title>Mail</title></head>
<body><div id="app"><header id="shell"><h1>${label}</h1><button>Delete</button></header>
<main id="letter"><div><div>${letter}</div></div></main><footer id="below"><p>Below</p></footer></div></body></html>`
}

/** As a careless program would show it. */
function rawPage({ attack, html: content, text, label }: Letter): string {
  const by = attack.shownBy ?? 'page'
  switch (by) {
    case 'page':
      return shell('', content === '' ? linked(text) : content, label)
    case 'reparsing':
      return `${shell('', '<div id="place"></div>')}<script>
        const parsed = new DOMParser().parseFromString(${inScript(content)}, 'text/html')
        document.querySelector('#place').innerHTML = parsed.body.innerHTML</script>`
    case 'decoding-twice':
      return `${shell('', '<div id="place"></div>')}<script>
        const place = document.querySelector('#place')
        place.innerHTML = ${inScript(content)}
        place.innerHTML = place.textContent</script>`
    default:
      return by satisfies never
  }
}

function inScript(text: string): string {
  return JSON.stringify(text).replaceAll('<', '\\u003c')
}

function linked(text: string): string {
  return text === '' ? '' : `<pre>${text.replaceAll(/https?:\S+/g, '<a href="$&">$&</a>')}</pre>`
}
