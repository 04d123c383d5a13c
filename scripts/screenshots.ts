// `npm run screenshots`: the webmail's main views into docs/screens/, in both languages, light and dark, on a desktop and a phone.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Looks, openPage, signIn, startBrowser, type WatchedPage } from '../tests/webmail/browser.ts'
import { startWebmailHome, type WebmailHome } from '../tests/webmail/home.ts'
import { filterScript, people } from './screenshots-content.ts'

type Shot = { readonly name: string; readonly looks: Looks; readonly go: (page: WatchedPage) => Promise<void> }

/** WebP is a fifth of PNG. */
async function picture(page: WatchedPage): Promise<Buffer> {
  const devtools = await page.context().newCDPSession(page)
  const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: 82 })
  return Buffer.from(data, 'base64')
}

const folder = join(import.meta.dirname, '..', process.argv[2] ?? 'docs/screens')
const opened = (words: string) => async (page: WatchedPage) => {
  await signIn(page)
  await page.locator('.row', { hasText: words }).first().locator('.row-link').click()
  await page.locator('.letter-body').last().waitFor()
}
const hiking = opened('週末の山登り')
const shots: readonly Shot[] = [
  { name: 'sign-in-ja', looks: {}, go: async page => void (await page.goto('/')) },
  {
    name: 'sign-in-en-phone-dark',
    looks: { language: 'en', device: 'phone', theme: 'dark' },
    go: async page => void (await page.goto('/')),
  },
  { name: 'inbox-ja', looks: {}, go: page => signIn(page) },
  { name: 'conversation-ja', looks: {}, go: hiking },
  { name: 'conversation-en-dark', looks: { language: 'en', theme: 'dark' }, go: hiking },
  { name: 'newsletter-en', looks: { language: 'en' }, go: opened('Paper & Ink') },
  { name: 'newsletter-ja-phone-dark', looks: { device: 'phone', theme: 'dark' }, go: opened('Paper & Ink') },
  { name: 'attachment-ja-laptop', looks: { device: 'laptop' }, go: opened('佐藤工務店') },
  { name: 'inbox-en-phone', looks: { language: 'en', device: 'phone' }, go: page => signIn(page) },
  { name: 'conversation-ja-phone-dark', looks: { device: 'phone', theme: 'dark' }, go: hiking },
  {
    name: 'menu-ja-phone',
    looks: { device: 'phone' },
    async go(page) {
      await signIn(page)
      await page.locator('.top-bar .icon-button').first().click()
    },
  },
  {
    name: 'keys-en',
    looks: { language: 'en' },
    async go(page) {
      await signIn(page)
      await page.keyboard.press('?')
    },
  },
  {
    name: 'writing-ja',
    looks: {},
    async go(page) {
      await hiking(page)
      await page.locator('.answers button').first().click()
      await page.locator('.compose .editor').waitFor()
      await page.keyboard.type('楽しみです。おにぎりは八つ作ります。')
    },
  },
  {
    name: 'writing-en-phone-dark',
    looks: { language: 'en', device: 'phone', theme: 'dark' },
    async go(page) {
      await opened('Your letter arrived')(page)
      await page.locator('.answers button').first().click()
      await page.locator('.compose .editor').waitFor()
    },
  },
  {
    name: 'settings-en',
    looks: { language: 'en' },
    async go(page) {
      await signIn(page)
      await page.getByRole('button', { name: 'Settings' }).click()
      await page.getByRole('menuitem', { name: 'All settings' }).click()
      await page.getByRole('tab', { name: 'Devices' }).click()
    },
  },
  {
    name: 'selected-ja-compact',
    looks: {},
    async go(page) {
      await page.addInitScript(`localStorage.setItem('hikyaku.density', 'compact')`)
      await signIn(page)
      for (const at of [1, 2, 4]) await page.locator('.row-tick').nth(at).click()
    },
  },
  { name: 'contacts-ja', looks: {}, go: card },
  { name: 'contacts-en-dark', looks: { language: 'en', theme: 'dark' }, go: card },
  { name: 'contacts-ja-phone', looks: { device: 'phone' }, go: contacts },
  {
    name: 'filters-ja',
    looks: {},
    async go(page) {
      await settings(page, '振り分け')
      await page.getByRole('button', { name: '佐藤工務店' }).first().click()
    },
  },
  { name: 'filters-en-phone', looks: { language: 'en', device: 'phone' }, go: page => settings(page, 'Filters') },
  {
    name: 'file-ja',
    looks: {},
    async go(page) {
      await opened('佐藤工務店')(page)
      await page.locator('button.attachment').first().click()
      await page.locator('dialog.viewer').waitFor()
    },
  },
  {
    name: 'track-en',
    looks: { language: 'en' },
    async go(page) {
      await opened('Your letter arrived')(page)
      await page.locator('.letter-tools').getByRole('button', { name: 'More' }).click()
      await page.getByRole('menuitem', { name: 'Track this mail' }).click()
      await page.locator('dialog[open] .track-stored, dialog[open] p').first().waitFor({ state: 'attached' })
      await page.waitForTimeout(1000)
    },
  },
]

async function contacts(page: WatchedPage): Promise<void> {
  await signIn(page)
  await page.goto('/contacts')
  await page.locator('.contact-row').first().waitFor()
}

async function card(page: WatchedPage): Promise<void> {
  await contacts(page)
  await page.locator('.contact-row', { hasText: '佐藤' }).click()
}

async function settings(page: WatchedPage, section: string): Promise<void> {
  const isJa = section !== 'Filters'
  await signIn(page)
  await page.getByRole('button', { name: isJa ? '設定' : 'Settings' }).click()
  await page.getByRole('menuitem', { name: isJa ? 'すべての設定' : 'All settings' }).click()
  await page.getByRole('tab', { name: section }).click()
}

/** Contacts and filters, so that there is something to see. */
async function furnish({ jmap }: WebmailHome): Promise<void> {
  const [books] = await jmap('hanako', ['AddressBook/get', {}])
  const [book] = (books?.[1]['list'] ?? []) as readonly { readonly id: string }[]
  const create = Object.entries(people).map(([key, card]) => [
    key,
    { ...card, addressBookIds: { [book?.id ?? '']: true } },
  ])
  const singleton = { text: filterScript, isEnabled: true }
  const done = await jmap(
    'hanako',
    ['ContactCard/set', { create: Object.fromEntries(create) }],
    ['FilterScript/set', { update: { singleton } }],
  )
  for (const [name, { notCreated, notUpdated }] of done)
    if (notCreated || notUpdated) throw new Error(`${name}: ${JSON.stringify(notCreated ?? notUpdated)}`)
}

await using scope = new AsyncDisposableStack()
const home = await startWebmailHome(scope)
await furnish(home)
const browser = await startBrowser(scope)
mkdirSync(folder, { recursive: true })
for (const { name, looks, go } of shots) {
  const page = await openPage(browser, home.origin, looks)
  await go(page)
  await page.waitForTimeout(400)
  writeFileSync(join(folder, `${name}.webp`), await picture(page))
  if (process.env['PNG']) await page.screenshot({ path: join(folder, `${name}.png`) })
  for (const fault of page.faults) process.stdout.write(`${name}: ${fault}\n`)
  await page.context().close()
}
process.stdout.write(`screenshots: ${shots.length} in ${folder}\n`)
