// What axe does not see (docs/accessibility.md): a walk by Tab, visible focus, focus that comes back, reflow at 320 px, sizes of targets.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { chromiumMissing, openPage, signIn } from './browser.ts'
import { openStage } from './stage.ts'

const skip = await chromiumMissing()
const stage = openStage(skip)

type Stop = { readonly what: string; readonly isSeen: boolean; readonly hasOutline: boolean }

/** Where the focus is, and whether it can be seen there. */
function stop(page: Page): Promise<Stop> {
  return page.evaluate(`(() => {
    const at = document.activeElement
    const style = getComputedStyle(at)
    const box = at.getBoundingClientRect()
    const around = [at, at.parentElement, at.parentElement?.parentElement].filter(Boolean).map(one => getComputedStyle(one))
    return {
      what: (at.getAttribute('aria-label') || at.textContent || at.tagName).trim().slice(0, 40),
      isSeen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
      hasOutline: around.some(one => (one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) >= 2)) || style.boxShadow !== 'none',
    }
  })()`)
}

test('a walk by Tab: every stop is seen and has an outline, in both themes (2.1.1, 2.4.3, 2.4.7, 2.4.11)', {
  skip,
}, async () => {
  for (const theme of ['light', 'dark'] as const) {
    const page = await openPage(stage.browser, stage.home.origin, { language: 'en', theme })
    await signIn(page)
    const stops: Stop[] = []
    for (let at = 0; at < 40; at++) {
      await page.keyboard.press('Tab')
      // behind the last stop the browser's own begin
      if (await page.evaluate('document.activeElement !== document.body')) stops.push(await stop(page))
    }
    assert.deepEqual(
      stops.filter(({ isSeen, hasOutline }) => !isSeen || !hasOutline).map(({ what }) => what),
      [],
      theme,
    )
    for (const name of ['Search mail', 'Settings', 'Inbox'])
      assert.ok(
        stops.some(({ what }) => what.startsWith(name)),
        `${name} is reached`,
      )
    await page.context().close()
  }
})

test('a dialog and a menu keep the focus while they are open, and give it back (2.1.2, 2.4.3)', { skip }, async () => {
  const page = await openPage(stage.browser, stage.home.origin, { language: 'en' })
  await signIn(page)
  const settings = page.getByRole('button', { name: 'Settings' })
  await settings.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('menuitem', { name: 'Keyboard shortcuts' }).focus()
  await page.keyboard.press('Escape')
  assert.equal(await page.evaluate('document.activeElement.getAttribute("aria-label")'), 'Settings')
  await page.locator('.row a').first().focus()
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  for (let at = 0; at < 8; at++) {
    await page.keyboard.press('Tab')
    const isInside = await page.evaluate(
      'document.activeElement === document.body || document.activeElement.closest("dialog") !== null',
    )
    assert.equal(isInside, true)
  }
  await page.keyboard.press('Escape')
  assert.equal(await page.evaluate('document.activeElement.className'), 'row-link')
  await page.context().close()
})

/** Nothing to scroll sideways, and nothing that reaches out of the window. */
async function reflows(page: Page, view: string): Promise<void> {
  const width = await page.evaluate('Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)')
  assert.ok(Number(width) <= 320, `${view}: ${String(width)} px`)
}

test('each main view at 320 px, which is 400 % of a desktop, needs no scrolling sideways (1.4.10)', {
  skip,
}, async () => {
  for (const language of ['ja', 'en'] as const) {
    const page = await openPage(stage.browser, stage.home.origin, { language, device: 'phone' })
    await page.setViewportSize({ width: 320, height: 568 })
    await page.goto('/')
    await page.locator('input[name=username]').waitFor()
    await reflows(page, 'signing in')
    await signIn(page)
    await reflows(page, 'list')
    await page.locator('.row').first().getByRole('checkbox').click()
    await reflows(page, 'selection')
    await page.keyboard.press('Escape')
    await page.locator('.row-link').nth(1).click()
    await page.locator('.conversation-subject').waitFor()
    await reflows(page, 'conversation')
    await page.goto('/mail/search?q=a')
    await page.locator('.row, .list-note').first().waitFor()
    await reflows(page, 'search')
    await page.keyboard.press('c')
    await page.locator('.compose .editor').waitFor()
    await reflows(page, 'writing')
    await page.context().close()
  }
})

test('targets are 24 px at least (2.5.8)', { skip }, async () => {
  const page = await openPage(stage.browser, stage.home.origin, { language: 'en' })
  await signIn(page)
  await page.locator('.row-link').nth(1).click()
  await page.locator('.answers').waitFor()
  const small = await page.evaluate(`[...document.querySelectorAll('button, a[href], input, select')]
    .filter(one => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !one.closest('p, iframe'))
    .map(one => [one, one.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.width < 24 || box.height < 24))
    .map(([one, box]) => (one.getAttribute('aria-label') || one.textContent).trim().slice(0, 30) + ' ' + Math.round(box.width) + '×' + Math.round(box.height))`)
  assert.deepEqual(small, [])
  await page.context().close()
})
