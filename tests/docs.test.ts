// The documents hold together: links, the two languages, generated pages; and nothing in the tree knows the machine it was written on.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import test from 'node:test'
import { textsIn } from './support/texts-in.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const pages = globSync(['*.md', 'docs/**/*.md', 'bench/*.md', 'src/**/*.md', 'tests/interop/**/*.md'], {
  cwd: root,
}).sort()

for (const page of pages)
  test(`links of ${page}`, () => {
    const text = read(page).replaceAll(/```[^]*?```|`[^`\n]*`/g, '')
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : normalize(join(dirname(page), path))
      assert.ok(existsSync(join(root, file)), target)
      if (anchor !== undefined) assert.ok(anchorsOf(file).includes(anchor), target)
    }
  })

/** As GitHub makes them. */
function anchorsOf(file: string): string[] {
  return headings(read(file)).map(({ title }) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  )
}

function headings(text: string): { depth: number; title: string }[] {
  const lines = text.replaceAll(/```[^]*?```/g, '').matchAll(/^(#+) (.*)$/gm)
  return [...lines].map(([, marks = '', title = '']) => ({ depth: marks.length, title }))
}

for (const japanese of pages.filter(page => page.endsWith('.ja.md')))
  test(`${japanese} says what its English page says`, () => {
    const [en, ja] = [read(japanese.replace('.ja.md', '.md')), read(japanese)]
    assert.deepEqual(
      headings(ja).map(({ depth }) => depth),
      headings(en).map(({ depth }) => depth),
      'the same sections',
    )
    const counted = (text: string) => ({
      tables: text.match(/^\|(?:-+\|)+$/gm)?.length ?? 0,
      blocks: text.match(/^```/gm)?.length ?? 0,
    })
    assert.deepEqual(counted(ja), counted(en), 'the same tables and examples')
    assert.match(ja, /[ぁ-ん]/)
  })

test('docs/rfcs.md is what rfc/check.ts would write', () => {
  const { status, stderr } = spawnSync(process.execPath, ['rfc/check.ts', '--drift'], { cwd: root, encoding: 'utf8' })
  assert.equal(status, 0, stderr)
})

const tracked = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
const files = tracked.status === 0 ? tracked.stdout.split('\0').filter(Boolean) : []
/** Put together here, so that this file does not name them either. */
const machinePaths = new RegExp(
  ['/wo' + 'rk/', '/tmp/pe' + 'ers(?!-of)', '/ro' + 'ot/', 'https?://[^/\\s]*reg' + 'istry[.:]'].join('|'),
)

test('no path of a machine and no registry stands in the tree', { skip: files.length === 0 && 'no git here' }, () => {
  const found = files
    .filter(file => !file.startsWith('tests/corpus/') && existsSync(join(root, file)))
    .flatMap(file => {
      const line = machinePaths.exec(read(file))
      return line ? [`${file}: ${line[0]}`] : []
    })
  assert.deepEqual(found, [])
})

test('package-lock.json names versions and hashes, no servers', () => {
  assert.doesNotMatch(read('package-lock.json'), /"resolved"/)
})

/** What a peer said, keys, names of types without a word of ours; and each language's own name. */
const sameInBoth = new Set(['words', 'name', 'expected', 'text', "'日本語'"])

test('every text that a person reads exists in English and Japanese', () => {
  const found = globSync('src/**/*.ts', { cwd: root })
    .filter(name => !/\.(?:test|testbed)\.ts$/.test(name))
    .flatMap(file => [...textsIn(read(file))].map(text => ({ ...text, place: `${file}:${text.line}` })))
  assert.ok(found.length > 100)
  assert.deepEqual(
    found.flatMap(({ en, ja, place }) => {
      const wrong = wrongWith(en, ja)
      return wrong === undefined ? [] : [`${place}: ${wrong}`]
    }),
    [],
  )
})

function wrongWith(en: string, ja: string | undefined): string | undefined {
  const isEmpty = (expression: string) => /^(['"`])\1$/.test(expression)
  if (ja === undefined) return `no Japanese for ${en}`
  if (isEmpty(en) !== isEmpty(ja)) return 'one is empty'
  if (isEmpty(en) || sameInBoth.has(en)) return undefined
  if (en === ja) return `the same in both: ${en}`
  return /^['"`]/.test(ja) && !ja.includes('${ja}') && !/[\u3040-\u30ff\u4e00-\u9fff]/.test(ja)
    ? `no Japanese: ${ja}`
    : undefined
}
