// `npm run docs`: writes docs/config.md and docs/cli.md, each also in Japanese, from the schema and the commands.
// With --check nothing is written; it fails when a page is not what would be written.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { cliPage } from '../src/cli/cli-page.ts'
import { configPage } from '../src/config/config-page.ts'

const pages: readonly (readonly [name: string, text: string])[] = [
  ['config.md', configPage('en')],
  ['config.ja.md', configPage('ja')],
  ['cli.md', cliPage('en')],
  ['cli.ja.md', cliPage('ja')],
]
const folder = new URL('../docs/', import.meta.url)
const stale: string[] = []
await mkdir(folder, { recursive: true })
for (const [name, text] of pages) {
  const there = await readFile(new URL(name, folder), 'utf8').catch(() => '')
  if (there !== text) stale.push(name)
  if (!process.argv.includes('--check')) await writeFile(new URL(name, folder), text)
}
if (process.argv.includes('--check')) {
  process.stdout.write(
    stale.length === 0 ? 'docs: all pages are up to date\n' : `docs: stale: ${stale.join(', ')} (npm run docs)\n`,
  )
  process.exitCode = stale.length === 0 ? 0 : 1
} else process.stdout.write(`docs: ${stale.length} of ${pages.length} pages written anew\n`)
