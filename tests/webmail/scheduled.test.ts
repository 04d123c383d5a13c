// Letters that wait to be sent, and several that are written at once, in a real browser, on a real home.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Locator, Page } from 'playwright-core'
import { barriers, chromiumMissing, type Looks, openPage, signIn, type WatchedPage } from './browser.ts'
import { openStage } from './stage.ts'

const skip = await chromiumMissing()
const stage = openStage(skip)

async function onPage(looks: Looks, act: (page: WatchedPage) => Promise<void>): Promise<void> {
  const page = await openPage(stage.browser, stage.home.origin, looks)
  try {
    await signIn(page)
    await act(page)
    // Chromium tells of each style that is parsed in an editor, even where nothing of it stays
    assert.deepEqual(
      page.faults.filter(fault => !fault.includes('Content Security Policy')),
      [],
    )
  } finally {
    await page.context().close()
  }
}

async function write(page: Page, to: string, subject: string): Promise<Locator> {
  await page
    .getByRole('button', { name: /^(?:作成|Write)/ })
    .first()
    .waitFor()
  await page.locator('.pane-list h1').click()
  await page.keyboard.press('c')
  const compose = page.locator('.compose')
  await compose.getByRole('combobox').first().fill(to)
  await page.keyboard.press('Enter')
  await compose.locator('.compose-subject').fill(subject)
  await compose.locator('.editor').click()
  await page.keyboard.type(`Text of ${subject}`)
  return compose
}

type Pending = { readonly sendAt: string; readonly undoStatus: string }
async function pending(): Promise<readonly Pending[]> {
  const [, got] = await stage.home.jmap(
    'hanako',
    ['EmailSubmission/query', { filter: { undoStatus: 'pending' } }],
    ['EmailSubmission/get', { '#ids': { resultOf: 'c0', name: 'EmailSubmission/query', path: '/ids' } }],
  )
  return (got?.[1]['list'] ?? []) as readonly Pending[]
}

async function count(role: string, subject: string): Promise<number> {
  const [mailboxes] = await stage.home.jmap('hanako', ['Mailbox/get', {}])
  const list = (mailboxes?.[1]['list'] ?? []) as readonly { readonly id: string; readonly role: string }[]
  const inMailbox = list.find(one => one.role === role)?.id
  const [found] = await stage.home.jmap('hanako', ['Email/query', { filter: { inMailbox, subject } }])
  return ((found?.[1]['ids'] ?? []) as readonly string[]).length
}

test(
  'what is to be sent later stands beside the mailboxes; another time, a draft again, or now (ja, desktop)',
  {
    skip,
  },
  () =>
    onPage({ language: 'ja' }, async page => {
      const compose = await write(page, 'taro@home.test', '遠足のお知らせ')
      await compose.getByRole('button', { name: '日時を指定して送信' }).click()
      await page.getByRole('menuitem', { name: '明日の朝' }).click()
      await compose.waitFor({ state: 'detached' })
      const place = page.getByRole('navigation').getByRole('button', { name: /送信予約/ })
      await place.click()
      const dialog = page.getByRole('dialog', { name: '送信を待っているメール' })
      await dialog.getByText('遠足のお知らせ').waitFor()
      assert.deepEqual(await barriers(page), [])
      const [first] = await pending()
      // eight in the morning in Tokyo
      assert.match(first?.sendAt ?? '', /T23:00:00Z$/)
      const day = new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10)
      await dialog.getByRole('button', { name: '時刻を変更' }).click()
      await dialog.getByLabel('「遠足のお知らせ」を送信する日時').fill(`${day}T07:08`)
      await dialog.getByRole('button', { name: '変更', exact: true }).click()
      await dialog.getByText('07:08 に送信').waitFor()
      assert.deepEqual(
        (await pending()).map(({ sendAt }) => sendAt),
        [new Date(Date.parse(`${day}T07:08+09:00`)).toISOString().replace('.000', '')],
      )
      assert.deepEqual([await count('sent', '遠足'), await count('drafts', '遠足')], [1, 0])
      await dialog.getByRole('button', { name: 'このメールの足どり' }).click()
      await page.getByRole('dialog', { name: 'このメールの足どり' }).waitFor()
      await page.keyboard.press('Escape')
      await place.click()
      await dialog.getByRole('button', { name: '下書きに戻す' }).click()
      await compose.locator('.editor', { hasText: 'Text of 遠足のお知らせ' }).waitFor()
      await place.waitFor({ state: 'detached' })
      assert.deepEqual(await pending(), [])
      assert.deepEqual([await count('sent', '遠足'), await count('drafts', '遠足')], [0, 1])
      await compose.getByRole('button', { name: '日時を指定して送信' }).click()
      await page.getByRole('menuitem', { name: '月曜日の朝' }).click()
      await place.click()
      await dialog.getByRole('button', { name: '今すぐ送信' }).click()
      await dialog.getByText('送信を待っているメールはありません').waitFor()
      await page.locator('.toast', { hasText: '送信しています' }).waitFor()
      assert.deepEqual(await pending(), [])
      assert.equal(await count('sent', '遠足'), 1)
    }),
)

test('three letters at once: each keeps what is in it, and is a draft meanwhile (en, desktop)', { skip }, () =>
  onPage({ language: 'en', theme: 'dark' }, async page => {
    const compose = await write(page, 'taro@home.test', 'First')
    await write(page, 'taro@home.test', 'Second')
    await write(page, 'taro@home.test', 'Third')
    const folded = page.getByRole('list', { name: 'Letters that are being written' })
    assert.equal(await folded.getByRole('listitem').count(), 2)
    assert.deepEqual(await barriers(page), [])
    await folded.getByRole('button', { name: 'Go on with “First”' }).click()
    await compose.locator('.editor', { hasText: 'Text of First' }).waitFor()
    await compose.locator('.editor').click()
    await page.keyboard.press('Control+End')
    await page.keyboard.type(', more of it')
    await compose.getByRole('button', { name: 'Minimise' }).click()
    assert.equal(await folded.getByRole('listitem').count(), 3)
    await folded.getByRole('button', { name: 'Go on with “Third”' }).click()
    await compose.locator('.editor', { hasText: 'Text of Third' }).waitFor()
    await folded.getByRole('button', { name: 'Go on with “First”' }).click()
    await compose.locator('.editor', { hasText: 'Text of First, more of it' }).waitFor()
    await compose
      .locator('.chip', { hasText: '太郎' })
      .or(compose.locator('.chip', { hasText: 'taro' }))
      .first()
      .waitFor()
    // a fourth one sends the first that was begun to the drafts
    await compose.getByRole('button', { name: 'Minimise' }).click()
    await write(page, 'taro@home.test', 'Fourth')
    assert.equal(await folded.getByRole('listitem').count(), 2)
    for (const subject of ['First', 'Second', 'Third']) {
      const end = performance.now() + 8_000
      while ((await count('drafts', subject)) !== 1 && performance.now() < end) await sleep(100)
      assert.equal(await count('drafts', subject), 1, subject)
    }
    await page.keyboard.press('Control+Enter')
    await page.locator('.toast', { hasText: 'Sent' }).waitFor()
    assert.equal(await count('sent', 'Fourth'), 1)
  }),
)

test('a phone writes one, and lists the others (ja)', { skip }, () =>
  onPage({ language: 'ja', device: 'phone' }, async page => {
    const compose = page.locator('.compose')
    await page.getByRole('button', { name: '作成' }).click()
    await compose.locator('.compose-subject').fill('電話から')
    await compose.getByRole('button', { name: '最小化' }).click()
    await compose.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: '作成' }).click()
    await compose.locator('.compose-subject').waitFor()
    assert.equal(await compose.locator('.compose-subject').inputValue(), '')
    await compose.getByRole('button', { name: '最小化' }).click()
    await page.getByRole('button', { name: '「電話から」の続きを書く' }).click()
    assert.equal(await compose.locator('.compose-subject').inputValue(), '電話から')
    await compose.getByRole('button', { name: '下書きを破棄' }).click()
    await page.getByRole('button', { name: '「新規メール」を閉じて下書きに残す' }).click()
    await page.locator('.compose-folded').waitFor({ state: 'detached' })
  }),
)
