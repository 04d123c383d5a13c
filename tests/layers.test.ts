// The import table of docs/architecture.md, held by a test: imports only go downward.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import test from 'node:test'

const everything = ['base', 'config', 'formats', 'net', 'store', 'mail', 'protocols', 'doctor', 'import']
const sees: Record<string, readonly string[]> = {
  base: [],
  config: ['base'],
  formats: ['base'],
  net: ['base', 'formats'],
  store: ['base', 'formats'],
  mail: ['base', 'formats', 'store'],
  protocols: ['base', 'formats', 'net', 'mail'],
  doctor: ['base', 'formats', 'net', 'mail', 'protocols'],
  import: ['base', 'formats', 'net', 'mail', 'protocols'],
  roles: everything,
  demo: [...everything, 'roles'],
  cli: [...everything, 'roles', 'demo'],
}
/** What the browser's code may take from src/ at run time: no more than this is pure and made for it. Types may come from any wire.ts and wire-NAME.ts. */
const pureForBrowsers =
  /^#(?:protocols\/jmap\/wire[a-z-]*|formats\/message\/(?:flowed|authentication-results|list-unsubscribe|uuencode)|formats\/contacts\/[a-z-]+|formats\/search\/query\/[a-z-]+|formats\/sieve\/filters\/[a-z.-]+|mail\/content\/texts)\.ts$/
const importPattern = /(?:from|import|new URL)\s*\(?\s*['"]#([a-z]+)\//g

for (const file of globSync('src/*/**/*.ts')) {
  const group = file.split('/')[1] ?? ''
  test(file, () => {
    const text = readFileSync(file, 'utf8')
    assert.ok(sees[group], `${group} is not a known group`)
    for (const [, target = ''] of text.matchAll(importPattern))
      assert.ok(target === group || sees[group]?.includes(target), `${group} must not see ${target}`)
    assert.doesNotMatch(text, /from '(\.\.\/){3,}/, 'a path that climbs three levels crosses a border: write #group/')
    if (group === 'protocols' && file.includes('/syntax/'))
      assert.doesNotMatch(text, /from '#(net|mail|store)\//, 'syntax/ is pure: base and formats only')
    if (group === 'mail') assert.doesNotMatch(text, /from 'node:(net|tls|http2?)'/, 'mail/ opens no sockets')
    if (!file.startsWith('src/store/')) assert.doesNotMatch(text, /from 'node:sqlite'/, 'only store/ speaks SQL')
    if (file !== 'src/store/sqlite.ts' && !file.endsWith('.test.ts'))
      assert.doesNotMatch(text, /from 'node:sqlite'/, 'store/sqlite.ts is the only import of node:sqlite')
  })
}

for (const file of globSync('web/**/*.{ts,tsx}', { exclude: ['web/dist'] }))
  test(file, () => {
    const text = readFileSync(file, 'utf8')
    for (const [, type, path = ''] of text.matchAll(/import (type )?[^'"]*['"](#[^'"]+)['"]/g))
      assert.ok(
        pureForBrowsers.test(path) || (type !== undefined && /^#protocols\/[a-z]+\/wire[a-z-]*\.ts$/.test(path)),
        `the browser must not see ${path}`,
      )
    assert.doesNotMatch(text, /['"](\.\.\/)+src\//, 'src/ is reached as #group/')
    if (!file.endsWith('.test.ts') && file !== 'web/vite.config.ts')
      assert.doesNotMatch(text, /from 'node:/, 'a browser has no modules of Node')
    if (file.startsWith('web/ui/')) assert.doesNotMatch(text, /from '(\.\.\/)+mail\//, 'ui/ knows no mail')
    if (file.startsWith('web/mail/model/') || file.startsWith('web/mail/jmap/'))
      assert.doesNotMatch(text, /from '(\.\.\/)+(views|ui)\//, 'the model does not know how it is shown')
  })
