/** Letters as people get them, in the frame: what they look like to the code that shows them, not how they are painted. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test, { after } from 'node:test'
import type { Page } from 'playwright-core'
import { chromiumMissing, startBrowser } from '../browser.ts'
import { openReader } from '../xss/reader.ts'
import * as samples from './samples.ts'

const skip = await chromiumMissing()
const scope = new AsyncDisposableStack()
const reader = scope.use(await openReader())
const browser = skip === false ? await startBrowser(scope) : undefined
after(() => scope.disposeAsync())

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

type Show = {
  readonly html?: string
  readonly text?: string
  readonly dark?: boolean
  readonly trusted?: boolean
  readonly language?: 'en' | 'ja'
  readonly images?: Readonly<Record<string, string>>
}

/** A page with one letter, and a way to ask about its frame: an expression over `doc`, its document. */
async function withLetter(letter: Show, act: (shown: Shown) => Promise<void>, width = 900): Promise<void> {
  assert.ok(browser)
  const context = await browser.newContext({ viewport: { width, height: 800 } })
  const page = await context.newPage()
  const images: string[] = []
  await context.route('**/image?*', route => {
    images.push(new URL(route.request().url()).searchParams.get('url') ?? '')
    return route.fulfill({ contentType: 'image/png', body: Buffer.from(png, 'base64') })
  })
  await page.goto(`${reader.origin}/guarded`)
  await page.waitForFunction('globalThis.guarded')
  await page.evaluate(`guarded.show(${JSON.stringify([{ id: 1, ...letter }])})`)
  const ask = <Value>(expression: string) =>
    page.evaluate<Value>(`(doc => ${expression})(document.querySelector('iframe')?.contentDocument)`)
  const until = async (expression: string) => {
    const begun = performance.now()
    // waitForFunction evaluates in the page, whose policy allows no such thing
    while (!(await ask(expression))) {
      assert.ok(performance.now() - begun < 8_000, `never: ${expression}`)
      await page.waitForTimeout(30)
    }
  }
  await act({ page, images, ask, until })
  await context.close()
}

type Shown = {
  readonly page: Page
  /** Asked of the proxy */
  readonly images: readonly string[]
  readonly ask: <Value>(expression: string) => Promise<Value>
  readonly until: (expression: string) => Promise<unknown>
}

const styleOf = (selector: string, property: string, view = 'doc.defaultView') =>
  `${view}.getComputedStyle(doc.querySelector(${JSON.stringify(selector)})).${property}`

test(
  'a newsletter keeps its looks; its images wait to be asked for, and what only tells is never fetched',
  { skip },
  () =>
    withLetter({ html: samples.newsletter }, async ({ page, images, ask, until }) => {
      assert.equal(await ask(styleOf('h1', 'color')), 'rgb(11, 114, 133)')
      assert.equal(await ask(styleOf('.button', 'backgroundColor')), 'rgb(11, 114, 133)')
      assert.equal(await ask(styleOf('body', 'backgroundColor')), 'rgb(244, 244, 244)')
      assert.match((await page.locator('.letter-images').textContent()) ?? '', /^2 images .*1 hidden one/)
      assert.deepEqual(images, [])
      await page.locator('.letter-images button').first().click()
      await until(`[...doc.images].filter(image => image.src && image.complete && image.naturalWidth > 0).length === 2`)
      assert.deepEqual(
        images.toSorted((one: string, other: string) => one.localeCompare(other)),
        ['https://images.example/hero.jpg', 'https://images.example/logo.png'],
      )
      assert.equal(await page.locator('.letter-images').count(), 0)
      assert.equal(await page.evaluate('globalThis.trustedLetter'), undefined)
    }),
)

test('"always from this sender" shows them and says so; who is trusted is not asked about', { skip }, async () => {
  await withLetter({ html: samples.newsletter }, async ({ page, until }) => {
    await page.locator('.letter-images button').nth(1).click()
    await until(`[...doc.images].some(image => image.naturalWidth > 0)`)
    assert.equal(await page.evaluate('globalThis.trustedLetter'), 1)
  })
  await withLetter({ html: samples.newsletter, trusted: true }, async ({ page, until, images }) => {
    await until(`[...doc.images].some(image => image.naturalWidth > 0)`)
    assert.equal(await page.locator('.letter-images').count(), 0)
    assert.ok(!images.some(url => url.includes('open.gif')))
  })
})

test('inline images are shown in text and as grounds; what is no picture of pixels is not', { skip }, () =>
  withLetter(
    { html: samples.inlineImages, images: { 'chart@home.test': png, 'drawing.svg': btoa('<svg onload=alert(1)>') } },
    async ({ ask, until }) => {
      await until(`doc.images[0].naturalWidth === 1`)
      assert.match(await ask(`doc.images[0].src`), /^blob:/)
      assert.match(await ask(styleOf('table', 'backgroundImage')), /^url\("blob:/)
      assert.deepEqual(await ask(`[...doc.images].slice(1).map(image => image.getAttribute('src'))`), [null, null])
    },
  ),
)

for (const [name, html, kept, folded] of [
  ['Gmail', samples.gmailReply, 'Sounds good', 'Shall we meet'],
  ['Outlook', samples.outlookReply, '承知しました', '木曜日の14時で'],
  ['Thunderbird', samples.thunderbirdReply, 'Yes.', 'Taro wrote'],
  ['a line that says so', samples.originalMessage, '了解です', 'From: 太郎'],
] as const)
  test(`the older letter is folded: ${name}`, { skip }, () =>
    withLetter({ html, language: 'ja' }, async ({ ask }) => {
      const fold = `doc.querySelector('details[data-letter-fold]')`
      assert.equal(await ask(`${fold}.open`), false)
      assert.equal(await ask(`${fold}.querySelector('summary').textContent`), '以前のメール')
      assert.ok(await ask(`${fold}.textContent.includes(${JSON.stringify(folded)})`))
      assert.ok(await ask(`!${fold}.textContent.includes(${JSON.stringify(kept)})`))
      assert.ok(await ask(`doc.body.textContent.includes(${JSON.stringify(kept)})`))
    }),
  )

for (const [name, html] of [
  ['answers between the lines', samples.between],
  ['a letter that is passed on', samples.forwarded],
  ['nothing above', '<blockquote type="cite">x</blockquote>'],
] as const)
  test(`nothing is folded: ${name}`, { skip }, () =>
    withLetter({ html }, async ({ ask }) => assert.equal(await ask(`doc.querySelectorAll('details').length`), 0)),
  )

test('plain text: a file that stands in it is taken out, and saved as a file', { skip }, () =>
  withLetter({ text: samples.uuencoded, language: 'ja' }, async ({ page }) => {
    assert.equal(
      (await page.locator('.letter-text > .letter-lines').innerText()).trim(),
      '写真を送ります。\n\nよろしく。',
    )
    const button = page.getByRole('button', { name: 'cat.txt を保存(0.1 KB)' })
    const [saved] = await Promise.all([page.waitForEvent('download'), button.click()])
    assert.equal(saved.suggestedFilename(), 'cat.txt')
    assert.equal(await readFile(await saved.path(), 'utf8'), 'Cat')
  }),
)

test('plain text: its links, its signature, its older letter', { skip }, () =>
  withLetter({ text: samples.plainJapanese, language: 'ja' }, async ({ page }) => {
    const links = await page.locator('.letter-text a').evaluateAll(all => all.map(one => one.getAttribute('href')))
    assert.deepEqual(links, [
      'https://example.jp/docs/2026-12?ver=1',
      'mailto:taro@home.test',
      'mailto:hanako@home.test',
    ])
    assert.match((await page.locator('.letter-signature').textContent()) ?? '', /山田太郎/)
    assert.equal(await page.locator('.letter-history').getAttribute('open'), null)
    await page.locator('a[href="mailto:taro@home.test"]').click()
    assert.equal(await page.evaluate('globalThis.mailto'), 'mailto:taro@home.test')
  }),
)

test('where a lying link leads is seen, whatever the letter’s styles say', { skip }, () =>
  withLetter({ html: samples.phishing }, async ({ ask, page }) => {
    assert.deepEqual(await ask(`[...doc.querySelectorAll('[data-letter-host]')].map(note => note.textContent)`), [
      'leads to evil.example',
      'leads to evil.example',
    ])
    assert.ok(
      await ask(
        `[...doc.querySelectorAll('[data-letter-host]')].every(note => note.getBoundingClientRect().width > 40)`,
      ),
    )
    assert.equal(await ask(`[...doc.querySelectorAll('a')][1].href`), 'https://evil.example/')
    await page.frameLocator('iframe').locator('[data-letter-target]').click()
    assert.equal(await ask(`doc.URL`), 'about:srcdoc')
  }),
)

test('on a dark page: letters without grounds take its colours, others stay as they are on white', {
  skip,
}, async () => {
  const light = (colour: string) =>
    (colour.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3
  await withLetter({ html: samples.outlookReply, dark: true }, async ({ ask }) => {
    assert.ok(light(await ask(styleOf('.MsoNormal span', 'color'))) > 180)
    assert.equal(await ask(styleOf(':root', 'backgroundColor')), 'rgba(0, 0, 0, 0)')
  })
  await withLetter({ html: samples.gmailReply, dark: true }, async ({ ask }) => {
    const red = await ask<string>(styleOf('span', 'color'))
    assert.ok(light(red) > 100 && red !== 'rgb(204, 0, 0)', red)
  })
  await withLetter({ html: samples.shopJapanese, dark: true }, async ({ ask }) => {
    assert.equal(await ask(styleOf(':root', 'backgroundColor')), 'rgb(255, 255, 255)')
    assert.equal(await ask(styleOf('td td', 'color')), 'rgb(85, 85, 85)')
  })
})

test('on a telephone nothing is wider than the screen but what cannot be narrower, which scrolls', {
  skip,
}, async () => {
  const over = `doc.documentElement.scrollWidth - doc.documentElement.clientWidth`
  for (const html of [samples.newsletter, samples.shopJapanese, samples.outlookReply])
    await withLetter({ html }, async ({ ask }) => assert.ok((await ask<number>(over)) <= 1), 390)
  await withLetter(
    { html: samples.wideTable },
    async ({ ask }) => {
      assert.equal(await ask(`doc.body.style.zoom`), '0.5')
      assert.ok((await ask<number>(over)) > 10)
    },
    390,
  )
})

test('the frame is as high as its letter, also when that grows', { skip }, () =>
  withLetter({ html: `${samples.gmailReply}` }, async ({ ask, until }) => {
    const fits = `Math.abs(doc.body.getBoundingClientRect().height - doc.defaultView.innerHeight) <= 2`
    await until(fits)
    const before = await ask<number>(`doc.defaultView.innerHeight`)
    await ask(`void doc.querySelector('summary').click()`)
    await until(`doc.defaultView.innerHeight > ${before} && ${fits}`)
  }),
)
