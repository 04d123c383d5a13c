/** What a file of journeys needs: a home, a browser in front of it, and pages in that one after the other. */
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import type { Browser } from 'playwright-core'
import { type Looks, openPage, signIn, startBrowser, type WatchedPage } from './browser.ts'
import { type Person, startWebmailHome, type WebmailHome } from './home.ts'

export type Stage = {
  /** Ends behind the file's last test */
  readonly scope: AsyncDisposableStack
  /** From the first test on */
  readonly home: WebmailHome
  readonly browser: Browser
  /** Signed in; what the page's console called an error fails the test. */
  readonly onPage: (looks: Looks, act: (page: WatchedPage) => Promise<void>, person?: Person) => Promise<void>
}

/** For the whole file. `skip`: nothing is started. */
export function openStage(skip: string | false): Stage {
  const scope = new AsyncDisposableStack()
  let there: Pick<Stage, 'home' | 'browser'> | undefined
  before(async () => {
    if (skip) return
    const home = await startWebmailHome(scope)
    there = { home, browser: await startBrowser(scope) }
  })
  after(() => scope.disposeAsync())
  const now = () => {
    if (!there) throw new Error('Nothing has been started yet')
    return there
  }
  return {
    scope,
    get home() {
      return now().home
    },
    get browser() {
      return now().browser
    },
    async onPage(looks, act, person) {
      const page = await openPage(now().browser, now().home.origin, looks)
      try {
        await signIn(page, person)
        await act(page)
        assert.deepEqual(page.faults, [])
      } finally {
        await page.context().close()
      }
    },
  }
}
