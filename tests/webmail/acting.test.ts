// Acting on letters in a real browser, on a real home: all of a list at once, stopped and taken back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Locator, Page } from 'playwright-core'
import { chromiumMissing } from './browser.ts'
import { type Person } from './home.ts'
import { until } from '../scenarios/running.ts'
import { openStage } from './stage.ts'

const skip = await chromiumMissing()
const stage = openStage(skip)
const { onPage } = stage

async function mailboxOf(person: Person, role: string): Promise<{ readonly id: string; readonly totalEmails: number }> {
  const [answer] = await stage.home.jmap(person, ['Mailbox/get', {}])
  const all = answer?.[1]['list'] as readonly { id: string; role: string; totalEmails: number }[]
  const found = all.find(one => one.role === role)
  assert.ok(found)
  return found
}

/** So many letters of these subjects, each a conversation. */
async function fill(person: Person, count: number, subject: (at: number) => string): Promise<void> {
  const { id } = await mailboxOf(person, 'inbox')
  const letter = (at: number) => ({
    mailboxIds: { [id]: true },
    from: [{ name: 'Aki', email: 'aki@internet.test' }],
    subject: subject(at),
    bodyValues: { text: { value: 'Hello' } },
    textBody: [{ partId: 'text', type: 'text/plain' }],
  })
  const create = Object.fromEntries(Array.from({ length: count }, (_, at) => [`n${at}`, letter(at)]))
  const [made] = await stage.home.jmap(person, ['Email/set', { create }])
  assert.equal(Object.keys(made?.[1]['created'] ?? {}).length, count)
}

const words = {
  ja: {
    take: /スレッド.*件をすべて選択/,
    all: /すべて選択しました。このあと/,
    undo: '元に戻す',
    archive: 'アーカイブ',
  },
  en: {
    take: /Select all [\d,]+ conversations/,
    all: /but nothing that comes later/,
    undo: 'Undo',
    archive: 'Archive',
  },
} as const

async function chooseAll(page: Page, language: 'ja' | 'en'): Promise<void> {
  await page.getByRole('button', { name: words[language].take }).click()
  await page.getByText(words[language].all).waitFor()
}

test('all of a mailbox archived, though only a part of it is loaded; what comes after stays; taken back (ja, desktop)', {
  skip,
}, async () => {
  await fill('hanako', 160, at => `お知らせ ${at}`)
  const { totalEmails } = await mailboxOf('hanako', 'inbox')
  const archivedBefore = (await mailboxOf('hanako', 'archive')).totalEmails
  await onPage({ language: 'ja' }, async page => {
    await page.keyboard.press('*')
    await chooseAll(page, 'ja')
    await stage.home.put('hanako', 'inbox', 'From: aki@internet.test\nSubject: あとから\n\nx\n')
    await page.locator('.row', { hasText: 'あとから' }).waitFor()
    const late = page.locator('.row', { hasText: 'あとから' }).getByRole('checkbox')
    assert.equal(await late.getAttribute('aria-checked'), 'false')
    await page.keyboard.press('e')
    await page.locator('.toast', { hasText: `${totalEmails}通を処理しました` }).waitFor()
    assert.equal((await mailboxOf('hanako', 'inbox')).totalEmails, 1)
    assert.equal((await mailboxOf('hanako', 'archive')).totalEmails, archivedBefore + totalEmails)
    assert.equal(await page.locator('.row').count(), 1)
    await page.getByRole('button', { name: words.ja.undo }).click()
    await page.locator('.toast', { hasText: `${totalEmails}通を元に戻しました` }).waitFor()
    assert.equal((await mailboxOf('hanako', 'inbox')).totalEmails, totalEmails + 1)
    assert.equal((await mailboxOf('hanako', 'archive')).totalEmails, archivedBefore)
  })
})

test('all that a search found is marked as read, and nothing else (en, phone)', { skip }, async () => {
  await fill('taro', 70, at => `${at % 7 === 0 ? 'Bulletin' : 'Weather report'} ${at}`)
  const unread = async (subject: string) => {
    const [found] = await stage.home.jmap('taro', ['Email/query', { filter: { subject, notKeyword: '$seen' } }])
    return ((found?.[1]['ids'] ?? []) as readonly string[]).length
  }
  assert.deepEqual([await unread('Weather'), await unread('Bulletin')], [60, 10])
  await onPage(
    { language: 'en', device: 'phone', theme: 'dark' },
    async page => {
      await page.goto('/mail/search?q=Weather')
      await page.locator('.row').first().getByRole('checkbox').click()
      await page.locator('.list-bar').getByRole('button', { name: 'More' }).click()
      await page.getByRole('menuitem', { name: 'Select all that are loaded' }).click()
      await chooseAll(page, 'en')
      await page.getByRole('button', { name: 'Mark as read' }).click()
      await page.locator('.toast', { hasText: '60 letters' }).waitFor()
      assert.deepEqual([await unread('Weather'), await unread('Bulletin')], [0, 10])
    },
    'taro',
  )
})

/** The subjects of a mailbox, in the order of lists. */
async function subjectsOf(person: Person, role: string): Promise<readonly string[]> {
  const inMailbox = (await mailboxOf(person, role)).id
  const sort = [{ property: 'receivedAt', isAscending: false }]
  const ids = { resultOf: 'c0', name: 'Email/query', path: '/ids' }
  const [found, got] = await stage.home.jmap(
    person,
    ['Email/query', { filter: { inMailbox }, sort, collapseThreads: true }],
    ['Email/get', { '#ids': ids, properties: ['subject'] }],
  )
  const emails = got?.[1]['list'] as readonly { id: string; subject: string }[]
  const subjects = new Map(emails.map(({ id, subject }) => [id, subject]))
  return ((found?.[1]['ids'] ?? []) as readonly string[]).map(id => subjects.get(id) ?? '')
}

test('rows that are scrolled out serve again, in their order, and take nobody’s focus along (ja, desktop)', {
  skip,
}, async () => {
  const all = await subjectsOf('hanako', 'inbox')
  assert.ok(all.length > 160)
  await onPage({ language: 'ja' }, async page => {
    const list = page.locator('.virtual-list')
    await page.locator('.row-link').nth(1).focus()
    for (const top of [900, 6_000, 13_000, 5_000, 4_400, 0]) {
      await list.evaluate((one, to) => one.scrollTo(0, to), top)
      const first = Math.floor(top / 84) + 1
      await page.locator(`.virtual-row[aria-posinset="${first}"] > .row:only-child`).waitFor()
      await page.locator('.row-wait').first().waitFor({ state: 'detached' })
      const shown: readonly (readonly [number, string])[] =
        await page.evaluate(`Array.from(document.querySelectorAll('.virtual-row'),
        row => [Number(row.ariaPosInSet), row.querySelector('.row-subject').textContent])`)
      assert.ok(shown.length >= 9)
      const from = shown[0]?.[0] ?? 0
      assert.deepEqual(
        shown,
        all.slice(from - 1, from - 1 + shown.length).map((subject, at) => [from + at, subject]),
      )
    }
    assert.equal(await page.evaluate('document.activeElement === document.body'), true)
  })
})

test('what comes in above moves neither the cursor to a neighbour nor what is in sight, whether one is open or not (en, desktop)', {
  skip,
}, async () => {
  await onPage({ language: 'en' }, async page => {
    const list = page.locator('.virtual-list')
    const pointed = page.locator('.row[data-cursor=true] .row-subject')
    const inSight = () =>
      page.evaluate<string | undefined>("document.elementFromPoint(500, 400).closest('.row')?.textContent")
    const more = async (subject: string) => {
      const length = await page.locator('.virtual-row').first().getAttribute('aria-setsize')
      await fill('hanako', 1, () => subject)
      await page
        .locator(`.virtual-row[aria-setsize="${Number(length) + 1}"]`)
        .first()
        .waitFor()
    }
    for (const key of ['j', 'j', 'j']) await page.keyboard.press(key)
    const subject = await pointed.textContent()
    await more('Above the cursor')
    await page.locator('.row', { hasText: 'Above the cursor' }).waitFor()
    assert.equal(await pointed.textContent(), subject)
    for (const isOpen of [false, true]) {
      if (isOpen) await page.locator('.row-link').nth(2).click()
      await list.evaluate(one => one.scrollTo(0, 4_000))
      await page.locator('.virtual-row[aria-posinset="50"] > .row:only-child').waitFor()
      const before = await until('the row there has come', inSight)
      await more(`Above what is in sight ${isOpen}`)
      assert.equal(await inSight(), before)
      assert.equal(await list.evaluate(one => one.scrollTop), 4_084)
    }
  })
})

/** A finger as the browser's engine sees it, so that scrolling is decided by the browser. */
async function finger(page: Page): Promise<(type: 'Start' | 'Move' | 'End', x?: number, y?: number) => Promise<void>> {
  const session = await page.context().newCDPSession(page)
  return async (type, x = 0, y = 0) => {
    await session.send('Input.dispatchTouchEvent', {
      type: `touch${type}`,
      touchPoints: type === 'End' ? [] : [{ x, y }],
    })
  }
}

/** Where it stands once it stands still: what was above it has gone. */
async function atRest(row: Locator): Promise<Box> {
  for (let before: Box | null = null; ; ) {
    const now = await row.boundingBox()
    if (now && before && now.x === before.x && now.y === before.y) return now
    before = now
    await row.page().waitForTimeout(150)
  }
}
type Box = NonNullable<Awaited<ReturnType<Locator['boundingBox']>>>

/** From the row's middle, in steps as a finger's */
async function drag(page: Page, row: Locator, by: readonly [right: number, down: number]): Promise<void> {
  const touch = await finger(page)
  const box = await row.boundingBox()
  assert.ok(box)
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await touch('Start', x, y)
  for (let step = 1; step <= 8; step++) await touch('Move', x + (by[0] * step) / 8, y + (by[1] * step) / 8)
  await touch('End')
}

test('a row follows a finger to both sides and does what the settings say; a long press selects (ja, phone)', {
  skip,
}, async () => {
  await fill('hanako', 3, at => `指で動かす ${at}`)
  await onPage({ language: 'ja', device: 'phone' }, async page => {
    const row = (at: number) => page.locator('.row', { hasText: `指で動かす ${at}` })
    const list = page.locator('.virtual-list')
    await row(0).waitFor()
    await page.waitForFunction("getComputedStyle(document.querySelector('.row')).touchAction.includes('pan-y')")
    const before = (await mailboxOf('hanako', 'archive')).totalEmails
    // too short, then brought up and down: nothing happens but scrolling
    await drag(page, row(0), [100, 4])
    await page.locator('.swipe-behind').waitFor({ state: 'detached' })
    assert.equal(await list.evaluate(one => one.scrollTop), 0)
    await drag(page, row(0), [-30, -160])
    await page.waitForFunction("document.querySelector('.virtual-list').scrollTop > 60")
    assert.equal(await page.locator('.swipe-behind').count(), 0)
    await list.evaluate(one => one.scrollTo(0, 0))
    await drag(page, row(0), [180, 10])
    await page.locator('.toast', { hasText: 'アーカイブ' }).waitFor()
    await row(0).waitFor({ state: 'detached' })
    await expectCount('archive', before + 1)
    await page.getByRole('button', { name: words.ja.undo }).click()
    await row(0).waitFor()
    await expectCount('archive', before)
    const trashed = (await mailboxOf('hanako', 'trash')).totalEmails
    await drag(page, row(1), [-180, 0])
    await row(1).waitFor({ state: 'detached' })
    await expectCount('trash', trashed + 1)

    const touch = await finger(page)
    const box = await atRest(row(2))
    await touch('Start', box.x + 150, box.y + 30)
    await row(2).and(page.locator('[data-ticked=true]')).waitFor()
    await touch('End')
    assert.match(new URL(page.url()).pathname, /^\/(?:mail\/inbox)?$/, 'the letter is not opened')
    await row(0).locator('.row-link').tap()
    await page.locator('.list-bar', { hasText: '2件を選択中' }).waitFor()
    await page.locator('.list-bar').getByRole('button', { name: '選択を解除' }).tap()
    await row(0).locator('.row-link').tap()
    await page.waitForURL(/\/mail\/inbox\/./)
  })
})

async function expectCount(role: string, count: number): Promise<void> {
  for (let left = 50; left > 0; left--) {
    if ((await mailboxOf('hanako', role)).totalEmails === count) return
    await sleep(100)
  }
  assert.equal((await mailboxOf('hanako', role)).totalEmails, count)
}
