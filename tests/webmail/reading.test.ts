// Reading and sorting mail in a real browser, on a real home: in Japanese on a desktop, in English on a phone.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { until } from '../scenarios/running.ts'
import { barriers, chromiumMissing, type Looks, openPage, signInByForm, type WatchedPage } from './browser.ts'
import { type Answered } from './home.ts'
import { openStage } from './stage.ts'

const skip = await chromiumMissing()
const stage = openStage(skip)

/** Signed in; at the end nothing may have been an error in its console. */
async function onPage(looks: Looks, act: (page: WatchedPage) => Promise<void>): Promise<void> {
  const page = await openPage(stage.browser, stage.home.origin, { ...looks, worker: true })
  try {
    await signInByForm(page)
    await act(page)
    assert.deepEqual(page.faults, [])
  } finally {
    await page.context().close()
  }
}

const rowOf = (page: Page, text: string): Locator => page.locator('.row', { hasText: text })
const mailbox = (page: Page, name: string): Locator => page.getByRole('navigation').getByRole('link', { name })
const unreadOf = (page: Page, name: string): Locator => mailbox(page, name).locator('.mailbox-count')
const gone = (locator: Locator): Promise<void> => locator.waitFor({ state: 'detached' })

type Listed = { readonly id: string; readonly role?: string }

function listOf(answer: Answered | undefined): readonly Listed[] {
  assert.ok(answer)
  return answer[1]['list'] as readonly Listed[]
}

/** As home and a gateway leave it: `authservId` says what it says, `by` took it in. */
function witnessed(subject: string, authservId: string, by: string): string {
  return `Received: from mx.home.test by mail.home.test with LMTP id 1; Fri, 27 Nov 2026 09:00:00 +0000
Authentication-Results: ${authservId}; spf=pass smtp.mailfrom=a@shop.example;
 dkim=pass header.d=shop.example header.s=s; dmarc=pass (p=reject dis=none) header.from=shop.example
Received: from a.example by ${by} with ESMTPS id 2; Fri, 27 Nov 2026 09:00:00 +0000
From: Shop <a@shop.example>
To: hanako@home.test
Subject: =?UTF-8?B?${Buffer.from(subject).toString('base64')}?=
Date: Fri, 27 Nov 2026 09:00:00 +0000
Message-ID: <${Buffer.from(subject).toString('hex')}@shop.example>
Content-Type: text/plain; charset=UTF-8

お得です
`
}

/** A letter from Taro to Hanako, by the whole way of a submission. */
async function taroWrites(subject: string): Promise<void> {
  const answers = await stage.home.jmap('taro', ['Mailbox/get', {}], ['Identity/get', {}])
  const [mailboxes, identities] = [listOf(answers[0]), listOf(answers[1])]
  const drafts = mailboxes.find(({ role }) => role === 'drafts')?.id ?? ''
  const create = {
    mailboxIds: { [drafts]: true },
    keywords: { $draft: true },
    from: [{ name: '太郎', email: 'taro@home.test' }],
    to: [{ name: '花子', email: 'hanako@home.test' }],
    subject,
    bodyValues: { a: { value: 'ちゃんと届いた？\n\nhttps://a.example/yama をどうぞ。\n' } },
    textBody: [{ partId: 'a', type: 'text/plain' }],
  }
  const sent = await stage.home.jmap(
    'taro',
    ['Email/set', { create: { letter: create } }],
    ['EmailSubmission/set', { create: { send: { emailId: '#letter', identityId: identities[0]?.id } } }],
  )
  assert.match(JSON.stringify(sent[1]), /"created":\{"send"/)
}

test('who may come in', { skip }, async () => {
  const page = await openPage(stage.browser, stage.home.origin)
  const response = await page.goto('/mail/junk')
  assert.match((await response?.allHeaders())?.['content-security-policy'] ?? '', /require-trusted-types-for 'script'$/)
  await page.getByLabel('メールアドレス').fill('hanako@home.test')
  await page.locator('input[name=password]').fill('wrong')
  await page.getByRole('button', { name: 'ログイン', exact: true }).click()
  await page.getByText('メールアドレスまたはパスワードが正しくありません。').waitFor()
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
  assert.deepEqual(page.faults, [])
  await page.context().close()
})

test('Japanese, desktop: reading, sorting, undoing, searching', { skip }, async t => {
  await onPage({}, async page => {
    await t.test('conversations, counts, the title of the window', async () => {
      assert.equal(await page.locator('.row').count(), 7)
      assert.equal(await page.title(), '(4) 受信トレイ – Hikyaku')
      assert.equal(await unreadOf(page, '迷惑メール').textContent(), '1')
      assert.match((await rowOf(page, '週末の山登り').textContent()) ?? '', /太郎, 自分.*3/)
      assert.deepEqual(await barriers(page), [])
    })

    await t.test('keys open and read; what is read is counted at once', async () => {
      await page.keyboard.press('j')
      await page.keyboard.press('j')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Re: 週末の山登り' }).waitFor()
      await page.getByText('了解。温泉は「極楽湯」が駅のすぐ横にあるよ。').last().waitFor()
      await until('the title counts one less', async () => (await page.title()).startsWith('(3) '))
      assert.equal(await page.locator('.sheet.folded').count(), 2)
      await page.locator('.letter-line', { hasText: '自分' }).click()
      await page.locator('.letter-body', { hasText: 'おにぎりは私が作ります' }).waitFor()
      assert.deepEqual(await barriers(page), [])
      await page.keyboard.press('k')
      await page.getByRole('heading', { name: 'Your letter arrived' }).waitFor()
    })

    await t.test('what an input method composes is no command', async () => {
      const before = page.url()
      await page.evaluate(`
        for (const init of [{ isComposing: true }, { keyCode: 229 }])
          for (const key of ['e', '#', 'j', 'Enter'])
            document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...init }))
      `)
      await page.locator('#search').fill('e#jjj')
      await page.keyboard.press('Escape')
      assert.equal(page.url(), before)
      assert.equal(await page.locator('.row').count(), 7)
      await page.locator('#search').fill('')
      await page.keyboard.press('Escape')
    })

    await t.test('archived, and undone', async () => {
      await page.keyboard.press('e')
      await gone(rowOf(page, 'Your letter arrived'))
      await page.getByText('1件をアーカイブしました').waitFor()
      await page.keyboard.press('z')
      await rowOf(page, 'Your letter arrived').waitFor()
      await page.keyboard.press('u')
    })

    await t.test('several at once, into the trash; from there for ever', async () => {
      await rowOf(page, '今日の夕方').locator('.row-tick').click()
      await rowOf(page, '運動会のお知らせ').locator('.row-tick').click()
      await page.getByText('2件を選択中').waitFor()
      await page.keyboard.press('#')
      await gone(rowOf(page, '今日の夕方'))
      await page.keyboard.press('g')
      await page.keyboard.press('r')
      await rowOf(page, '今日の夕方').locator('.row-link').click()
      await page.keyboard.press('#')
      await page.getByText('1件を完全に削除しますか？').waitFor()
      await page.locator('dialog').getByRole('button', { name: '完全に削除' }).click()
      await gone(rowOf(page, '今日の夕方'))
      await page.keyboard.press('g')
      await page.keyboard.press('i')
      await rowOf(page, '山田文具店').waitFor()
      assert.equal(await page.locator('.row').count(), 5)
    })

    await t.test('dragged to a mailbox; a star that the server knows', async () => {
      await rowOf(page, '山田文具店').dragTo(mailbox(page, 'アーカイブ'))
      await gone(rowOf(page, '山田文具店'))
      await rowOf(page, 'Paper & Ink').getByRole('button', { name: 'スターを付ける' }).click()
      await rowOf(page, 'Paper & Ink').getByRole('button', { name: 'スターを外す' }).waitFor()
      const [found] = await stage.home.jmap('hanako', ['Email/query', { filter: { hasKeyword: '$flagged' } }])
      assert.match(JSON.stringify(found), /"ids":\["E\d+","E\d+"\]/)
    })

    await t.test('why it is junk, and that it is none', async () => {
      await mailbox(page, '迷惑メール').click()
      await rowOf(page, '当選').locator('.row-link').click()
      await page.getByRole('toolbar').getByRole('button', { name: '迷惑メールではない' }).click()
      await gone(rowOf(page, '当選'))
      await page.getByText('1件を受信トレイに戻しました').waitFor()
      await page.keyboard.press('z')
      await rowOf(page, '当選').waitFor()
    })

    await t.test('found by words; what is wrong with a search is said', async () => {
      await page.keyboard.press('/')
      await page.keyboard.type('請求書')
      await page.keyboard.press('Enter')
      await rowOf(page, '山田文具店').waitFor()
      assert.equal(await page.locator('.row').count(), 1)
      await page.locator('#search').fill('in:どこにもない')
      await page.keyboard.press('Enter')
      await page.locator('.list-note').waitFor()
      await page.getByRole('button', { name: '検索を消去' }).click()
      await rowOf(page, '佐藤工務店').waitFor()
    })

    await t.test('the file has the name that Shift_JIS gave it; the source is what came', async () => {
      await rowOf(page, '佐藤工務店').locator('.row-link').click()
      const waiting = page.waitForEvent('download')
      await page.locator('.attachment-pair .icon-button').click()
      const download = await waiting
      assert.match(download.suggestedFilename(), /[一-龠ァ-ヶ].*\.\w+$/)
      assert.ok((await readFile(await download.path())).length > 0)
      await page.locator('.letter-tools').getByRole('button', { name: 'その他' }).click()
      await page.getByRole('menuitem', { name: 'ソースを表示' }).click()
      await page.locator('.source', { hasText: 'Content-Type: multipart/mixed' }).waitFor()
      await page.keyboard.press('Escape')
      await page.keyboard.press('u')
    })

    await t.test('a letter slides in by itself, also after the server was away', async () => {
      await taroWrites('いま送った手紙')
      await rowOf(page, 'いま送った手紙').waitFor()
      await stage.home.stop()
      await page.getByText('接続が切れています。再接続しています…').waitFor()
      await stage.home.start()
      await taroWrites('もう一通')
      await rowOf(page, 'もう一通').waitFor()
      await gone(page.getByText('接続が切れています。再接続しています…'))
      assert.equal(
        await page
          .locator('.row')
          .first()
          .textContent()
          .then(text => text?.includes('もう一通')),
        true,
      )
    })

    await t.test('two windows share one stream of news, whichever of them is closed', async () => {
      const other = await page.context().newPage()
      await other.goto('/')
      await rowOf(other, 'もう一通').waitFor()
      await taroWrites('二つの窓へ')
      await Promise.all([page, other].map(one => rowOf(one, '二つの窓へ').waitFor()))
      await page.goto('about:blank')
      await taroWrites('残った窓へ')
      await rowOf(other, '残った窓へ').waitFor()
      await other.close()
      await page.goBack()
      await rowOf(page, '残った窓へ').waitFor()
    })

    await t.test('who really sent it: only what our own server wrote counts', async () => {
      await stage.home.put('hanako', 'inbox', witnessed('本物の店', 'mail.home.test', 'mail.home.test'))
      await stage.home.put('hanako', 'inbox', witnessed('偽物の店', 'mail.home.test', 'mx.evil.example'))
      await rowOf(page, '本物の店').locator('.row-link').click()
      await page.getByRole('button', { name: '確かに shop.example から' }).click()
      await page.getByText('署名: shop.example').waitFor()
      await page.keyboard.press('Escape')
      await rowOf(page, '偽物の店').locator('.row-link').click()
      await page.getByRole('heading', { name: '偽物の店' }).waitFor()
      await page.locator('.letter-body', { hasText: 'お得です' }).waitFor()
      assert.equal(await page.locator('.proof').count(), 0)
    })

    await t.test('the language changes in place; signing out ends the session', async () => {
      await page.getByRole('button', { name: '設定' }).click()
      await page.getByRole('menuitemradio', { name: 'English' }).click()
      await page.getByRole('heading', { name: 'Inbox' }).waitFor()
      await page.getByRole('button', { name: 'Settings' }).click()
      await page.getByRole('menuitem', { name: 'Sign out' }).click()
      await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
      const status = await page.evaluate(async () => (await fetch('/jmap/session')).status)
      assert.equal(status, 401)
    })
  })
})

test('English, phone, dark: one pane at a time', { skip }, async () => {
  await onPage({ language: 'en', device: 'phone', theme: 'dark' }, async page => {
    assert.equal(await page.locator('.pane-reading').isVisible(), false)
    await page.setViewportSize({ width: 390, height: 480 })
    await page.evaluate(`document.querySelector('.virtual-list').scrollTop = 80`)
    await rowOf(page, '週末の山登り').locator('.row-link').tap()
    await page.locator('.letter-body').last().waitFor()
    assert.equal(await page.locator('.pane-list').isVisible(), false)
    const wide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
    assert.equal(wide, false)
    assert.deepEqual(await barriers(page), [])
    const scrolled = () => page.evaluate(`document.querySelector('.virtual-list').scrollTop`)
    const before = await scrolled()
    assert.notEqual(before, 0)
    await page.goBack()
    await page.locator('.pane-list').waitFor()
    assert.equal(await scrolled(), before)
    await page.getByRole('button', { name: 'Show mailboxes' }).tap()
    await mailbox(page, 'Sent').tap()
    await page.getByRole('heading', { name: 'Sent' }).waitFor()
    await rowOf(page, 'To: 花子').or(rowOf(page, 'To: 太郎')).first().locator('.row-link').tap()
    await page.getByRole('button', { name: 'Back to the list' }).tap()
    await page.getByRole('heading', { name: 'Sent' }).waitFor()
    const dark = await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
    assert.equal(dark, 'rgb(18, 19, 22)')
  })
})
