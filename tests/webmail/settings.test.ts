// Settings of an account in a real browser: what is set there is so for other programs, and what is taken away is gone.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { barriers, chromiumMissing, type Looks, openPage, signIn, startBrowser, type WatchedPage } from './browser.ts'
import { freePort } from '../scenarios/running.ts'
import { passwordOf, startWebmailHome, type WebmailHome } from './home.ts'

const skip = await chromiumMissing()
const scope = new AsyncDisposableStack()
let home: WebmailHome
let browser: Browser
let imaps: number

before(async () => {
  if (skip) return
  imaps = await freePort()
  home = await startWebmailHome(scope, { listen: [`{ service: imaps, address: 127.0.0.1, port: ${imaps} }`] })
  browser = await startBrowser(scope)
})
after(() => scope.disposeAsync())

async function onPage(looks: Looks, act: (page: WatchedPage) => Promise<void>): Promise<void> {
  const page = await openPage(browser, home.origin, looks)
  try {
    await signIn(page)
    await act(page)
    assert.deepEqual(page.faults, [])
  } finally {
    await page.context().close()
  }
}

async function settings(page: Page, menu: string, item: string, tab: string): Promise<Locator> {
  await page.getByRole('button', { name: menu }).click()
  await page.getByRole('menuitem', { name: item }).click()
  await page.getByRole('tab', { name: tab }).click()
  return page.getByRole('tabpanel')
}

/** Whether JMAP takes this password. */
async function takes(password: string): Promise<number> {
  const login = Buffer.from(`hanako@home.test:${password}`).toString('base64')
  return (await fetch(`${home.origin}/jmap/session`, { headers: { authorization: `Basic ${login}` } })).status
}

/** RFC 6238, by what an authenticator app is told */
function totp(secret: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = Array.from(secret.replaceAll(' ', ''))
    .map(one => letters.indexOf(one).toString(2).padStart(5, '0'))
    .join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map(byte => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 15
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

test('a name and a signature stand in the next letter; being away is told to the server (ja)', { skip }, () =>
  onPage({ language: 'ja' }, async page => {
    const panel = await settings(page, '設定', 'すべての設定', '名前と署名')
    await panel.getByLabel('相手に表示される名前').first().fill('花子・山田')
    await panel.getByLabel('署名').first().fill('山田花子\nみどり町')
    await panel.getByRole('button', { name: '保存' }).first().click()
    await panel.getByText('保存しました').waitFor()
    await page.getByRole('tab', { name: '不在の返信' }).click()
    await panel.getByLabel('不在のあいだ').check()
    await panel.getByLabel('件名').fill('旅行中')
    await panel.getByLabel('返信の本文').fill('月曜に戻ります。')
    await panel.getByLabel('開始').fill('2026-12-01T09:00')
    await panel.getByRole('button', { name: '保存' }).click()
    await panel.getByText('保存しました').waitFor()
    const [vacation, identities] = await home.jmap('hanako', ['VacationResponse/get', {}], ['Identity/get', {}])
    const [away] = (vacation?.[1]['list'] ?? []) as readonly Record<string, unknown>[]
    assert.deepEqual(
      [away?.['isEnabled'], away?.['subject'], away?.['textBody'], away?.['fromDate'], away?.['toDate']],
      [true, '旅行中', '月曜に戻ります。', '2026-12-01T00:00:00Z', null],
    )
    const [identity] = (identities?.[1]['list'] ?? []) as readonly Record<string, unknown>[]
    assert.deepEqual([identity?.['name'], identity?.['textSignature']], ['花子・山田', '山田花子\nみどり町'])
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('c')
    await page.locator('.compose .editor', { hasText: '山田花子' }).waitFor()
  }),
)

test(
  'a password for a device is shown once, opens the account, and does not when it was removed (en, phone)',
  { skip },
  () =>
    onPage({ language: 'en', device: 'phone' }, async page => {
      const panel = await settings(page, 'Settings', 'All settings', 'Devices')
      await panel.getByLabel('Name of the device').fill('old phone')
      await panel.getByRole('button', { name: 'Add' }).click()
      const password = await panel.locator('.account-secret code').innerText()
      assert.equal(await takes(password), 200)
      const line = panel.locator('.account-list li', { hasText: 'old phone' })
      page.once('dialog', dialog => void dialog.accept())
      await line.getByRole('button', { name: 'Remove' }).click()
      await line.waitFor({ state: 'detached' })
      assert.equal(await takes(password), 401)
      await panel.getByText('this browser').waitFor()
    }),
)

test('a second step: on with the app’s first code, asked for at the next signing in, off again', { skip }, () =>
  onPage({ language: 'en' }, async page => {
    const panel = await settings(page, 'Settings', 'All settings', 'Signing in')
    const form = panel.locator('section', { hasText: 'Second step' })
    await form.getByLabel('Your password').fill('wrong')
    await form.getByRole('button', { name: 'Turn on' }).click()
    await form.getByText('That is not right.').waitFor()
    await form.getByLabel('Your password').fill(passwordOf('hanako'))
    await form.getByRole('button', { name: 'Turn on' }).click()
    const secret = await form.locator('.account-secret code').innerText()
    await form.getByLabel('Code that the app shows').fill(totp(secret))
    await form.getByRole('button', { name: 'Confirm' }).click()
    // the first one is waited for, where all of them would be those that are there by now
    const recovery = await form.locator('.account-codes code').first().innerText()
    assert.ok(recovery.length >= 8)
    const other = await openPage(browser, home.origin, { language: 'en' })
    await other.goto('/')
    await other.locator('input[name=username]').fill('hanako@home.test')
    await other.locator('input[name=password]').fill(passwordOf('hanako'))
    await other.locator('button[type=submit]').click()
    await other.getByText('Enter the code').waitFor()
    await other.context().close()
    await form.getByLabel('Code that the app shows').fill(recovery)
    await form.getByRole('button', { name: 'Turn off' }).click()
    await form.getByText('Off: your password alone').waitFor()
  }),
)

test('a QR code opens the webmail on a phone, once; server names are those of the settings (ja)', { skip }, () =>
  onPage({ language: 'ja' }, async page => {
    const asked = page.waitForResponse(response => response.url().endsWith('/session/ticket'))
    const panel = await settings(page, '設定', 'すべての設定', '端末')
    const phone = panel.locator('section', { hasText: 'スマートフォンで開く' })
    await phone.getByLabel('現在のパスワード').fill(passwordOf('hanako'))
    await phone.getByRole('button', { name: 'コードを表示' }).click()
    await phone.getByRole('img', { name: 'リンクのQRコード' }).waitFor()
    assert.deepEqual(await barriers(page), [])
    const { ticket } = (await (await asked).json()) as { readonly ticket: string }
    const other = await openPage(browser, home.origin, { language: 'ja', device: 'phone' })
    await other.goto(`/#ticket=${ticket}`)
    await other.locator('.row').first().waitFor()
    assert.equal(new URL(other.url()).hash, '')
    await other.context().clearCookies()
    await other.goto('about:blank')
    await other.goto(`/#ticket=${ticket}`)
    await other.locator('input[name=username]').waitFor()
    await other.context().close()
    await panel.getByLabel('端末の名前').fill('台所のタブレット')
    await panel.getByRole('button', { name: '追加' }).click()
    await panel.getByRole('img', { name: 'パスワードのQRコード' }).waitFor()
    await panel.getByText(`受信(IMAP)サーバー：mail.home.test、ポート ${imaps}、TLS(SSL)`).waitFor()
  }),
)

test('times are those of the zone that was chosen (en)', { skip }, () =>
  onPage({ language: 'en' }, async page => {
    const time = page.locator('.row', { hasText: 'Your letter arrived' }).locator('time')
    const moment = await time.getAttribute('datetime')
    await page.locator('.row', { hasText: 'Your letter arrived' }).click()
    const shown = page.locator('.letter-date').first()
    const inZone = (timeZone: string) =>
      new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone }).format(new Date(moment ?? ''))
    await page
      .locator('.letter-date', { hasText: inZone('Asia/Tokyo') })
      .first()
      .waitFor()
    const panel = await settings(page, 'Settings', 'All settings', 'Display')
    await panel.getByLabel('Time zone').selectOption('America/St_Johns')
    await page.keyboard.press('Escape')
    await shown.getByText(inZone('America/St_Johns')).waitFor()
    await page.reload()
    await shown.getByText(inZone('America/St_Johns')).waitFor()
  }),
)

test('shortcuts of one character are switched off, other keys stay; a swipe’s action is kept (en)', { skip }, () =>
  onPage({ language: 'en' }, async page => {
    const panel = await settings(page, 'Settings', 'All settings…', 'Display')
    await panel.getByLabel('To the left').selectOption('Star')
    await panel.getByLabel('Single-key shortcuts').uncheck()
    assert.deepEqual(await barriers(page), [])
    await page.keyboard.press('Escape')
    await page.reload()
    await page.locator('.row').first().waitFor()
    await page.keyboard.press('*')
    await page.keyboard.press('?')
    await page.keyboard.press('ArrowDown')
    await page.locator('.row[data-cursor=true]').waitFor()
    assert.equal(await page.locator('.row[data-ticked=true], dialog[open]').count(), 0)
    const again = await settings(page, 'Settings', 'All settings…', 'Display')
    assert.equal(await again.getByLabel('To the left').inputValue(), 'star')
    await page.keyboard.press('Escape')
    await page.locator('dialog[open]').waitFor({ state: 'detached' })
    // the window of keys says so, and switches them on
    await page.getByRole('button', { name: 'Settings' }).first().click()
    await page.getByRole('menuitem', { name: 'Keyboard shortcuts' }).click()
    await page.getByText('Keys without Ctrl, Alt or ⌘ are switched off').waitFor()
    assert.deepEqual(await barriers(page), [])
    await page.getByRole('button', { name: 'Switch them on' }).click()
    await page.keyboard.press('Escape')
    await page.locator('dialog[open]').waitFor({ state: 'detached' })
    await page.keyboard.press('x')
    await page.locator('.row[data-ticked=true]').waitFor()
  }),
)
