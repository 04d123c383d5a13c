/**
 * Hostile letters in the reader as people have it, in a real browser: nothing of them runs, nothing is fetched, nothing outside of the letter
 * changes, nobody is led away. And in a reader without guards, where the same letters do harm: else this would prove nothing.
 */
import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import type { Page } from 'playwright-core'
import { chromiumMissing, startBrowser } from '../browser.ts'
import type { Letter } from './corpus/corpus.ts'
import { seededRandom } from '../../support/random.ts'
import { openReader } from './reader.ts'

const skip = await chromiumMissing()
const scope = new AsyncDisposableStack()
const [reader, browser] = await Promise.all([openReader(), skip === false ? startBrowser(scope) : undefined])
after(async () => {
  await scope.disposeAsync()
  await reader[Symbol.asyncDispose]()
})

type Probe = Readonly<Record<string, string>>
type Outcome = {
  readonly fired: readonly number[]
  readonly faults: readonly string[]
  readonly probe: Probe
  readonly frames: number
}

/** A page, and all that happened on it which a letter could have done. */
async function opened(path: string) {
  assert.ok(browser)
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 } })
  const happened: string[] = []
  const requests: string[] = []
  const page = await context.newPage()
  context.on('page', popup => void happened.push(`window ${popup.url()}`))
  page.on('dialog', dialog => {
    happened.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', message => void (message.type() === 'error' && happened.push(`console ${message.text()}`)))
  page.on('pageerror', error => void happened.push(`error ${error.message}`))
  page.on('framenavigated', frame => {
    if (!/^(?:about:(?:blank|srcdoc))$/.test(frame.url()) && !frame.url().endsWith(path))
      happened.push(`navigated ${frame.url()}`)
  })
  context.on('request', request => void requests.push(request.url()))
  await page.goto(reader.origin + path)
  await page.waitForFunction('globalThis.guarded || globalThis.unguarded')
  return { page, happened, requests, close: () => context.close() }
}

function call<Value>(page: Page, what: string, ...args: readonly unknown[]): Promise<Value> {
  return page.evaluate(`${what}(...${JSON.stringify(args)})`)
}

function plain(letters: readonly Letter[]) {
  return letters.map(({ id, html, text, label }) => ({ id, html, text, label }))
}

function isBomb({ attack }: Letter): boolean {
  return attack.tries === 'time'
}

function batches<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
}

test('the corpus is large', () => {
  assert.ok(reader.letters.length >= 150)
  assert.equal(
    new Set(reader.letters.map(({ attack }) => `${attack.tries} ${attack.name}`)).size,
    reader.letters.length,
  )
})

test('no hostile letter does anything in the reader', { skip }, async () => {
  for (const batch of batches(
    reader.letters.filter(letter => !isBomb(letter)),
    75,
  )) {
    const { page, happened, requests, close } = await opened('/guarded')
    const already = requests.length
    await call(page, 'guarded.show', [])
    const atFirst = await call<Probe>(page, 'guarded.probe')
    await call(page, 'guarded.show', plain(batch))
    await call(page, 'guarded.touch')
    await page.waitForTimeout(150)
    const outcome = await call<Outcome>(page, 'guarded.outcome')
    assert.deepEqual(outcome.fired, [])
    assert.deepEqual(outcome.faults, [])
    assert.ok(outcome.frames > batch.length / 2, 'the letters are there')
    const { below: _below, ...others } = outcome.probe
    const { below: _before, ...othersAtFirst } = atFirst
    assert.deepEqual(others, othersAtFirst)
    assert.deepEqual(happened, [])
    assert.deepEqual(
      requests.slice(already).filter(url => !/^(?:data|about|blob):/.test(url)),
      [],
    )
    await close()
  }
  assert.deepEqual([...reader.hits], [])
  assert.deepEqual(
    reader.asked.filter(path => path !== '/favicon.ico'),
    [],
  )
})

/** XSS_ALL=1: all of them at each wall, a further 15 s */
const isTried = process.env['XSS_ALL'] ? () => true : (letter: Letter) => letter.id % 4 === 0

for (const [wall, path, show] of [
  ['what the sanitiser leaves, in a page without policy and frame', '/open', 'guarded.unframed'],
  ['letters as they came, in the frame', '/guarded', 'guarded.uncleaned'],
] as const)
  test(`each wall holds alone: ${wall}`, { skip }, async () => {
    for (const batch of batches(
      reader.letters.filter(letter => !isBomb(letter) && isTried(letter)),
      225,
    )) {
      const { page, close } = await opened(path)
      await call(page, show, plain(batch))
      await page.waitForTimeout(150)
      assert.deepEqual((await call<Outcome>(page, 'guarded.outcome')).fired, [])
      await close()
    }
    assert.deepEqual([...reader.hits], [])
  })

test('pieces of hostile letters, put together at random, leave nothing that should not be', { skip }, async () => {
  const random = seededRandom(Number(process.env['XSS_SEED'] ?? 20261127))
  const live = reader.letters.filter(letter => !isBomb(letter) && letter.html.length < 2_000)
  const piece = () => {
    const html = live[random.integer(live.length)]?.html ?? ''
    const at = random.integer(html.length + 1)
    return random.integer(2) === 0 ? html.slice(0, at) : html.slice(at)
  }
  const made = Array.from({ length: process.env['XSS_ALL'] ? 20_000 : 1_500 }, (_, id) => ({
    id,
    html: Array.from({ length: 2 + random.integer(4) }, piece).join(''),
  }))
  const { page, close } = await opened('/open')
  for (const batch of batches(made, 500)) {
    const faults = await call<readonly string[]>(page, 'guarded.unframed', batch)
    assert.deepEqual(
      faults.map(fault => `${fault} in ${made[Number.parseInt(fault, 10)]?.html}`),
      [],
    )
  }
  await page.waitForTimeout(150)
  assert.deepEqual((await call<Outcome>(page, 'guarded.outcome')).fired, [])
  assert.deepEqual([...reader.hits], [])
  await close()
})

test('letters that cost time are shown in a bounded one', { skip }, async () => {
  const { page, happened, close } = await opened('/guarded')
  for (const letter of reader.letters.filter(isBomb)) {
    const begun = performance.now()
    await call(page, 'guarded.show', plain([letter]))
    const tookMs = performance.now() - begun
    assert.ok(tookMs < 10_000, `${letter.attack.name}: ${Math.round(tookMs)} ms`)
    if (process.env['XSS_TIMES']) console.log(Math.round(tookMs), letter.attack.name)
  }
  assert.deepEqual(happened, [])
  await close()
})

test('the same letters do harm in a reader without guards', { skip }, async () => {
  const harm = new Set<number>()
  const live = reader.letters.filter(letter => !isBomb(letter))
  const [alone, together] = [true, false].map(is => live.filter(({ attack }) => (attack.alone ?? false) === is))
  const all = [...batches(together ?? [], 80), ...(alone ?? []).map(letter => [letter])]
  for (const some of batches(all, 2)) await Promise.all(some.map(batch => showUnguarded(batch, harm)))
  const wrong = live.flatMap(({ id, attack: { name, tries, silent } }) => {
    if (harm.has(id) === (silent === undefined)) return []
    return [
      `${name} (${tries}) ${harm.has(id) ? 'works, though said to be silent' : 'does not work, and nobody said why'}`,
    ]
  })
  assert.deepEqual(wrong, [])
  assert.ok(harm.size >= 100, `${harm.size} work`)
})

type Unguarded = {
  readonly fired: readonly number[]
  readonly changed: readonly number[]
  readonly left: readonly number[]
}

/** Until all that should have done harm have, or nothing more is to be expected. */
async function showUnguarded(batch: readonly Letter[], harm: Set<number>): Promise<void> {
  const { page, close } = await opened('/unguarded')
  const isDone = () => batch.every(({ id, attack }) => harm.has(id) || attack.silent !== undefined)
  try {
    await call(
      page,
      'unguarded.show',
      batch.map(({ id }) => id),
    )
    for (let round = 0; round < 150 && !(isDone() && round > 1); round++) {
      count(await call<Unguarded>(page, 'unguarded.look'), harm)
      await page.waitForTimeout(150)
    }
  } catch {
    // one that takes the page along answers nothing: the canary tells
    for (let round = 0; round < 20 && !isDone(); round++) {
      count({ fired: [], changed: [], left: [] }, harm)
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
  await close()
}

function count({ fired, changed, left }: Unguarded, harm: Set<number>): void {
  const add = (ids: Iterable<number>, ...attempts: readonly string[]) => {
    for (const id of ids) if (attempts.includes(reader.letters[id]?.attack.tries ?? '')) harm.add(id)
  }
  add(fired, 'script')
  add(changed, 'outside')
  add(left, 'navigation')
  add(reader.hits.keys(), 'request', 'navigation')
}
