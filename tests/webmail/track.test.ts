// "Track this mail" over two real boxes and a pretend internet that puts off, refuses and answers: read as people read it, in both languages.
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createTransport } from 'nodemailer'
import type { Browser, Locator } from 'playwright-core'
import { buildWeb } from '../../scripts/build-web.ts'
import { signInLink } from '../../src/demo/sign-in-link.ts'
import { type RunningDemo, startDemo } from '../support/demo.ts'
import { temporaryFolder } from '../support/peers.ts'
import { freeOffset } from '../support/ports.ts'
import { barriers, chromiumMissing, type Looks, openPage, startBrowser, type WatchedPage } from './browser.ts'

const skip = await chromiumMissing()
const scope = new AsyncDisposableStack()
const subject = 'Three ways'
let demo: RunningDemo
let browser: Browser

before(async () => {
  if (skip) return
  await buildWeb()
  demo = await startDemo({ folder: temporaryFolder(scope, 'track'), portOffset: await freeOffset(), plain: true })
  scope.defer(async () => void (await demo.stop()))
  browser = await startBrowser(scope)
  await send(['greylist', 'bounce', 'aki'].map(name => `${name}@direct.internet.test`))
})
after(() => scope.disposeAsync())

async function send(to: readonly string[]): Promise<void> {
  const [hanako] = demo.ready.accounts
  const program = createTransport({
    host: '127.0.0.1',
    port: demo.ready.ports['submissions'] ?? 0,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: hanako?.address ?? '', pass: hanako?.password ?? '' },
  })
  await program.sendMail({ from: hanako?.address ?? '', to: [...to], subject, text: 'Hello' })
}

/** As the command line asks for it, without a process of its own. */
function atHome(operation: string, given: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const socketPath = join(demo.folder, 'home', 'data', 'admin.sock')
    const asked = request({ socketPath, path: `/operations/${operation}`, method: 'POST' }, response => {
      response.resume().on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(operation))))
    })
    asked.on('error', reject)
    asked.setHeader('content-type', 'application/json')
    asked.end(JSON.stringify(given))
  })
}

async function onPage(looks: Looks, act: (page: WatchedPage) => Promise<void>): Promise<void> {
  const page = await openPage(browser, demo.ready.webmail, looks)
  try {
    const { webmail } = demo.ready
    await page.goto(await signInLink(join(demo.folder, 'home', 'data'), 'hanako@home.test', webmail.replace(/\/$/, '')))
    await page.locator('.row').first().waitFor()
    await act(page)
    assert.deepEqual(page.faults, [])
  } finally {
    await page.context().close()
  }
}

/** The conversation with our letter is open, and this letter of it unfolded. */
async function openLetter(page: WatchedPage, place: 'sent' | 'inbox', from: RegExp): Promise<Locator> {
  await page.goto(`/mail/${place}`)
  await page.locator('.row', { hasText: subject }).first().click()
  const sheet = page.locator('.sheet', { has: page.locator('.letter-who', { hasText: from }) }).first()
  await sheet.waitFor()
  const folded = sheet.locator('.letter-line')
  if (await folded.isVisible()) await folded.click()
  return sheet
}

test(
  'a sent letter: one waits, one was refused, one arrived; when the last is taken, the open page says so (ja)',
  { skip },
  () =>
    onPage({ language: 'ja' }, async page => {
      const sheet = await openLetter(page, 'sent', /./)
      await sheet.locator('.sent-state[data-state="waiting"]', { hasText: '送信待ち' }).click()
      const dialog = page.getByRole('dialog', { name: 'このメールの足どり' })
      const row = (name: string) =>
        dialog.getByRole('listitem').filter({ has: page.locator('strong', { hasText: `${name}@` }) })
      await row('greylist')
        .getByText(/待機中 · 次の試行は.*\d\d:\d\d:\d\d/)
        .waitFor()
      assert.match(
        await row('bounce').innerText(),
        /不達[\s\S]*550 5\.1\.1 The email account that you tried to reach does not exist/,
      )
      assert.match(await row('aki').innerText(), /配達済み/)
      const steps = await dialog.locator('.track-what').allInnerTexts()
      assert.equal(steps[0], '3件の宛先に送信しました。')
      const said =
        /direct\.internet\.test のメールサーバー\(mx\.internet\.test、127\.0\.0\.1\)の返答: 451 4\.7\.1 Greylisted, please come back in a moment。次の試行は/
      assert.ok(
        steps.some(text => said.test(text)),
        steps.join('\n'),
      )
      assert.ok(
        steps.some(text => /受け取りを断りました: 550 5\.1\.1/.test(text)),
        steps.join('\n'),
      )
      assert.match(await dialog.locator('.track-head').innerText(), /^3件中1件を配達済み · 送信を始めて/)
      assert.match(await dialog.innerText(), /TLS 1\.3で送信。/)
      assert.deepEqual(await barriers(page), [])
      // the verbatim line is folded beneath its step
      const step = dialog.locator('li[data-kind="attempt-deferred"]')
      assert.equal(await step.locator('code').isVisible(), false)
      await step.getByText('サーバーの応答(原文)').click()
      assert.equal(await step.locator('code').innerText(), '451 4.7.1 Greylisted, please come back in a moment')
      await atHome('queue.retry', {})
      await row('greylist').getByText('配達済み').waitFor()
      assert.equal(await dialog.locator('.track-head').innerText(), '3件中2件を配達済み')
      await page.keyboard.press('Escape')
      assert.equal(await dialog.count(), 0)
    }),
)

test(
  'a letter that came through the gateway: both boxes in one timeline, and as text; then the gateway is away (en, phone)',
  { skip },
  () =>
    onPage({ language: 'en', device: 'phone' }, async page => {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      const sheet = await openLetter(page, 'inbox', /Aki/)
      const track = async () => {
        await sheet.getByRole('button', { name: 'More' }).click()
        await page.getByRole('menuitem', { name: 'Track this mail' }).click()
        return page.getByRole('dialog', { name: 'Track this mail' })
      }
      const dialog = await track()
      const received = dialog.locator('li[data-kind="received"]')
      assert.match(
        await received.innerText(),
        /^\d\d:\d\d:\d\d\s*Gateway\s*Your gateway received it from mx\.internet\.test \(127\.0\.0\.1\) over TLS 1\.3\./,
      )
      await received.getByText('Exact words').click()
      assert.match(
        await received.locator('code').innerText(),
        /^250 2\.0\.0 .*Saved\nspf none direct\.internet\.test\ndkim pass internet\.test\ndmarc pass direct\.internet\.test/,
      )
      assert.match(
        await dialog.locator('li[data-kind="delivered"]').innerText(),
        /Home\s*Your home put it into Inbox\./,
      )
      assert.match(await dialog.locator('.track-head').innerText(), /^Arrived in \d+\.\d s$/)
      assert.deepEqual(await barriers(page), [])
      const width = await page.evaluate('document.documentElement.scrollWidth')
      assert.ok(Number(width) <= 390, `${width} px wide`)
      await dialog.getByRole('button', { name: 'Copy as text' }).click()
      await dialog.getByRole('button', { name: 'Copied' }).waitFor()
      const copied = String(await page.evaluate('navigator.clipboard.readText()'))
      assert.match(
        copied,
        /^Arrived in [\s\S]*gateway@mx\.home\.test Your gateway received it[\s\S]*\n {4}> 250 2\.0\.0 [\s\S]*home@mail\.home\.test/,
      )
      await page.keyboard.press('Escape')
      await demo.control({ link: 'cut' })
      const again = await track()
      await again.getByText(/Your gateway \(gateway@mx\.home\.test\) does not answer just now/).waitFor()
      assert.match(
        await again.locator('li[data-kind="received"]').innerText(),
        /Your gateway received it from mx\.internet\.test[\s\S]*this server was not asked now/,
      )
      await demo.control({ link: 'mend' })
    }),
)

test(
  'whoever opens the demo is invited to three steps; each is done by doing it, and closed is closed (en)',
  { skip },
  () =>
    onPage({ language: 'en' }, async page => {
      const card = page.getByRole('region', { name: 'First steps' })
      const step = (name: string) => card.getByRole('listitem').filter({ hasText: name })
      const done = async (name: string) => step(name).getByRole('img', { name: 'Done' }).waitFor()
      await step('Write to taro@home.test').waitFor()
      assert.equal(await card.getByRole('img', { name: 'Not yet' }).count(), 3)
      assert.deepEqual(await barriers(page), [])
      await card.getByRole('button', { name: 'Search for “請求”' }).click()
      await done('Search for')
      await page.locator('.row', { hasText: '請求書在中' }).waitFor()
      await card.getByRole('button', { name: 'Write to aki@internet.test' }).click()
      const compose = page.locator('.compose')
      await compose.locator('.chip', { hasText: 'aki' }).waitFor()
      await compose.locator('.compose-subject').fill('First steps')
      await compose.locator('.editor').click()
      await page.keyboard.type('Hello Aki')
      await compose.getByRole('button', { name: 'Send', exact: true }).click()
      await done('Write to aki@')
      await card.getByRole('button', { name: 'Close the first steps for good' }).click()
      await page.reload()
      await page.locator('.row').first().waitFor()
      // it comes by the same way, after the list
      await page.getByRole('button', { name: 'Write' }).first().waitFor()
      assert.equal(await card.count(), 0)
    }),
)
