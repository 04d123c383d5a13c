/** Debian's Chromium, one for several tests, and pages in it as people have them. What the page's console calls an error fails the test. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { missing } from '../support/debian.ts'
import { passwordOf, type Person } from './home.ts'

export const chromiumMissing = (): Promise<string | false> => missing('chromium')

export type Looks = {
  readonly language?: 'ja' | 'en'
  readonly device?: keyof typeof devices
  readonly theme?: 'light' | 'dark'
  /** The service worker keeps the whole program in each new context: half a second of a processor, for who tests what is kept */
  readonly worker?: boolean
}

const devices = {
  desktop: { viewport: { width: 1440, height: 900 } },
  laptop: { viewport: { width: 1024, height: 720 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
} as const

export type WatchedPage = Page & { readonly faults: readonly string[] }

export async function startBrowser(scope: AsyncDisposableStack): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--lang=ja'],
  })
  scope.defer(() => browser.close())
  return browser
}

/** In a context of its own: other cookies, another storage. */
export async function openPage(browser: Browser, origin: string, looks: Looks = {}): Promise<WatchedPage> {
  const { language = 'ja', device = 'desktop', theme = 'light', worker = false } = looks
  const context = await browser.newContext({
    ...devices[device],
    baseURL: origin,
    locale: language === 'ja' ? 'ja-JP' : 'en-GB',
    timezoneId: 'Asia/Tokyo',
    colorScheme: theme,
    serviceWorkers: worker ? 'allow' : 'block',
  })
  return watched(await context.newPage(), context)
}

/** 401 and 503 are answers that the page expects: Chromium calls every such answer an error. */
const expected =
  /^Failed to load resource: the server responded with a status of (?:401|503)|net::ERR_CONNECTION_REFUSED/

function watched(page: Page, context: BrowserContext): WatchedPage {
  page.setDefaultTimeout(20_000)
  const faults: string[] = []
  context.on('console', message => {
    if (message.type() === 'error' && !expected.test(message.text())) faults.push(message.text())
  })
  context.on('weberror', error => faults.push(String(error.error().stack)))
  return Object.assign(page, { faults })
}

/** What axe finds serious about what is shown now: rule and element, one a line. */
export async function barriers(page: Page): Promise<readonly string[]> {
  await page.evaluate(readFileSync(axe, 'utf8'))
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 160) + ' ' + failureSummary.replace(/\\s+/g, ' '))))`)
}

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** In a moment, as a browser that was signed in before: the form costs a page more. */
export async function signIn(page: Page, person: Person = 'hanako', path = '/'): Promise<void> {
  const data = { username: `${person}@home.test`, password: passwordOf(person) }
  const answer = await page.context().request.post('/session', { data })
  if (!answer.ok()) throw new Error(`${answer.status()} ${await answer.text()}`)
  await page.goto(path)
  await page.locator('.row').first().waitFor()
}

/** By the form, as somebody does it for the first time. */
export async function signInByForm(page: Page, person: Person = 'hanako', path = '/'): Promise<void> {
  await page.goto(path)
  await page.locator('input[name=username]').fill(`${person}@home.test`)
  await page.locator('input[name=password]').fill(passwordOf(person))
  await page.locator('button[type=submit]').click()
  await page.locator('.row').first().waitFor()
}
