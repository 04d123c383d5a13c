import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { configPage } from '#config/config-page.ts'
import { jsonSchema } from '#config/json-schema.ts'
import { keyDocs } from '#config/key.ts'
import { configSchema } from '#config/schema.ts'
import { type AnySchema, elementOf, optionsOf, shapeOf, unwrap } from '#config/walk.ts'
import { cliPage } from './cli-page.ts'

for (const [name, text] of [
  ['config.md', configPage('en')],
  ['config.ja.md', configPage('ja')],
  ['cli.md', cliPage('en')],
  ['cli.ja.md', cliPage('ja')],
] as const)
  test(`docs/${name} is what the program says of itself (npm run docs)`, () => {
    assert.equal(readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8'), text)
  })

test('every key has a sentence in both languages', () => {
  const without: string[] = []
  visit(configSchema, '', (path, schema) => {
    const doc = keyDocs.get(schema) ?? unwrap(schema).doc
    if (!doc || doc.en === '' || !/[ぁ-んァ-ン一-龠]/.test(doc.ja)) without.push(path)
  })
  assert.deepEqual(without, [])
})

test('the JSON Schema knows every section and forbids unknown keys', () => {
  const schema = jsonSchema() as {
    properties?: Record<string, { description?: string }>
    additionalProperties?: boolean
  }
  assert.deepEqual(Object.keys(schema.properties ?? {}), Object.keys(configSchema.shape))
  assert.equal(schema.additionalProperties, false)
  assert.match(schema.properties?.['hostname']?.description ?? '', /greetings/)
})

function visit(schema: AnySchema, path: string, each: (path: string, schema: AnySchema) => void): void {
  const { core } = unwrap(schema)
  for (const [name, inner] of Object.entries(shapeOf(core) ?? {})) {
    each(`${path}.${name}`, inner)
    visit(inner, `${path}.${name}`, each)
  }
  const element = elementOf(core)
  if (element) visit(element, `${path}[]`, each)
  for (const option of optionsOf(core) ?? []) visit(option, path, each)
}
