// Mail on the train: the network goes and comes back, the server stops and starts, and nothing is lost or doubled.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { chromiumMissing, type Looks, openPage, signIn, startBrowser, type WatchedPage } from './browser.ts'
import { startWebmailHome, type WebmailHome } from './home.ts'

const skip = await chromiumMissing()
const scope = new AsyncDisposableStack()
let home: WebmailHome
let browser: Browser

before(async () => {
  if (skip) return
  home = await startWebmailHome(scope)
  browser = await startBrowser(scope)
})
after(() => scope.disposeAsync())

const unreachable = /net::ERR_|Failed to load resource/

async function onPage(looks: Looks, act: (page: WatchedPage) => Promise<void>): Promise<void> {
  const page = await openPage(browser, home.origin, looks)
  try {
    await signIn(page)
    await act(page)
    assert.deepEqual(
      page.faults.filter(fault => !unreachable.test(fault)),
      [],
    )
  } finally {
    await page.context().close()
  }
}

/** The worker has the whole program and answers for the page. */
async function workerIsReady(page: Page): Promise<void> {
  await page.waitForFunction(
    `navigator.serviceWorker.ready.then(async () => navigator.serviceWorker.controller !== null &&
      (await caches.keys()).some(name => name.startsWith('hikyaku-shell-')))`,
  )
}

test('an app that can be installed: manifest, icons, worker, an address for new letters', { skip }, () =>
  onPage({ language: 'ja' }, async page => {
    await workerIsReady(page)
    const devtools = await page.context().newCDPSession(page)
    const { errors, url } = await devtools.send('Page.getAppManifest')
    assert.deepEqual(errors, [])
    assert.match(url, /app\.ja\.webmanifest$/)
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors')
    // a context of its own is as a private window is, from which nothing can be installed
    assert.deepEqual(
      installabilityErrors.map(({ errorId }) => errorId).filter(id => id !== 'in-incognito'),
      [],
    )
    await page.goto(`/mail/write?mailto=${encodeURIComponent('mailto:taro@home.test')}`)
    await page.locator('.compose .chip[title="taro@home.test"]').waitFor()
    assert.match(page.url(), /\/mail\/inbox$/)
  }),
)
