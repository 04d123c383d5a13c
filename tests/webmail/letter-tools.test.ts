// What can be done with a letter beside answering it: printing, another charset, leaving its list.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { until } from '../scenarios/running.ts'
import { barriers, chromiumMissing, type Looks, openPage, signIn, type WatchedPage } from './browser.ts'
import { openStage } from './stage.ts'

const skip = await chromiumMissing()
const stage = openStage(skip)

async function onLetter(subject: string, looks: Looks, act: (page: WatchedPage) => Promise<void>): Promise<void> {
  const page = await openPage(stage.browser, stage.home.origin, looks)
  try {
    await signIn(page)
    await page.locator('.row', { hasText: subject }).click()
    await page.locator('.letter-tools').last().waitFor()
    await act(page)
    assert.deepEqual(page.faults, [])
  } finally {
    await page.context().close()
  }
}

const signature =
  'v=1; a=rsa-sha256; d=shop.example; s=s; h=from:list-unsubscribe:list-unsubscribe-post; bh=eA==; b=eA=='

function listLetter(subject: string, fields: string): string {
  return `Received: from mx.home.test by mail.home.test with LMTP id 1; Fri, 27 Nov 2026 09:00:00 +0000
Authentication-Results: mail.home.test; dkim=pass header.d=shop.example header.s=s; dmarc=pass header.from=shop.example
Received: from a.example by mail.home.test with ESMTPS id 2; Fri, 27 Nov 2026 09:00:00 +0000
DKIM-Signature: ${signature}
From: Shop <news@shop.example>
To: hanako@home.test
Subject: ${subject}
Date: Fri, 27 Nov 2026 09:00:00 +0000
Message-ID: <${subject}@shop.example>
List-Id: News <news.shop.example>
${fields}
Content-Type: text/plain; charset=UTF-8

news
`
}

const menu = (page: Page) =>
  page
    .locator('.letter-tools')
    .last()
    .getByRole('button', { name: /その他|More/ })

/** Keeps what the frame would have printed: a browser without a screen shows no dialog, and prints nothing. */
const keepPrinted = `document.addEventListener('load', ({ target: frame }) => {
  if (frame.className !== 'print-frame') return
  frame.contentWindow.print = () => {
    const { body } = frame.contentDocument
    const hosts = [...body.querySelectorAll('div')]
    const all = selector => hosts.flatMap(({ shadowRoot }) => [...shadowRoot.querySelectorAll(selector)])
    window.printed = {
      head: body.innerText,
      bodies: hosts.map(({ shadowRoot }) => shadowRoot.firstElementChild.innerText),
      images: all('img').map(({ src, naturalWidth }) => [src.slice(0, 5), naturalWidth]),
      closed: all('details:not([open])').length,
    }
  }
}, true)`

type Printed = {
  readonly head: string
  readonly bodies: readonly string[]
  readonly images: readonly (readonly [string, number])[]
  readonly closed: number
}

async function printed(page: Page): Promise<Printed> {
  await until('it is printed', async () => (await page.evaluate('window.printed')) !== undefined)
  const found: Printed = await page.evaluate('window.printed')
  await page.evaluate('window.printed = undefined')
  return found
}

test('print: head, whole bodies, files; nothing of the page, no script, no foreign style', { skip }, async () => {
  const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  await stage.home.put(
    'hanako',
    'inbox',
    `From: =?UTF-8?B?${Buffer.from('鈴木').toString('base64')}?= <jiro@internet.test>
To: hanako@home.test
Subject: on-paper
Date: Fri, 27 Nov 2026 09:00:00 +0000
Message-ID: <paper@internet.test>
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/related; boundary=r

--r
Content-Type: text/html; charset=UTF-8

<style>h1, dl, .letter p { display: none } p { color: red }</style><p>上の文</p><img src="cid:dot@x"><img src="https://pictures.internet.test/a.png" width="50" height="50">
<script>window.ran=1</script><div class="gmail_quote"><div>On Monday somebody wrote:</div><blockquote type="cite">quoted below</blockquote></div>
--r
Content-Type: image/png
Content-ID: <dot@x>
Content-Transfer-Encoding: base64

${dot}
--r--
--m
Content-Type: application/pdf; name=offer.pdf
Content-Disposition: attachment; filename=offer.pdf

x
--m--
`,
  )
  await onLetter('on-paper', { theme: 'dark', language: 'en' }, async page => {
    await page.evaluate(keepPrinted)
    await menu(page).click()
    await page.getByRole('menuitem', { name: 'Print' }).click()
    const paper = await printed(page)
    for (const text of ['on-paper', '鈴木 <jiro@internet.test>', 'hanako@home.test', '2026', 'offer.pdf'])
      assert.ok(paper.head.includes(text), text)
    assert.doesNotMatch(paper.head, /Inbox|Reply|Archive/)
    assert.match(paper.bodies[0] ?? '', /上の文[^]*quoted below/)
    assert.deepEqual(
      [paper.closed, paper.images],
      [
        0,
        [
          ['blob:', 1],
          ['', 0],
        ],
      ],
    )
    assert.equal(await page.evaluate('window.ran'), undefined)
  })
})

test('print: all letters of a conversation', { skip }, async () => {
  await onLetter('週末の山登り', {}, async page => {
    await page.evaluate(keepPrinted)
    await page.locator('.reading-bar').getByRole('button', { name: 'その他' }).last().click()
    await page.getByRole('menuitem', { name: '印刷' }).click()
    const { head } = await printed(page)
    assert.match(head, /週末の山登り/)
    for (const text of ['おにぎりは私が作ります', '極楽湯']) assert.ok(head.includes(text), text)
  })
})

test('a letter in another charset: what it says, what was found, what somebody wants', { skip }, async () => {
  // latin1 here: each character one octet, as the letter has them
  const letter = `From: a@internet.test
To: hanako@home.test
Subject: charset-wrong
Message-ID: <c@internet.test>
Content-Type: text/plain; charset=koi8-r
Content-Transfer-Encoding: quoted-printable

=8ER=93c
`
  await stage.home.put('hanako', 'inbox', letter)
  await onLetter('charset-wrong', {}, async page => {
    await page.locator('.letter-body', { hasText: '▌R⌠c' }).waitFor()
    await menu(page).click()
    await page.getByRole('menuitem', { name: '文字コード' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('表示に使う文字コード').waitFor()
    assert.match((await dialog.locator('dl').textContent()) ?? '', /表記koi8-r.*使用koi8-r/s)
    await dialog.getByLabel('表示に使う文字コード').selectOption('shift_jis')
    assert.deepEqual(await barriers(page), [])
    await dialog.getByRole('button', { name: '表示', exact: true }).click()
    await page.locator('.letter-body', { hasText: '山田' }).waitFor()
    await page.getByText('shift_jisで表示しています。').waitFor()
    await page.getByRole('button', { name: '自動に戻す' }).click()
    await page.locator('.letter-body', { hasText: '▌R⌠c' }).waitFor()
  })
})

test('leaving a list: one click where it can be believed, else by letter or page', { skip }, async () => {
  const post = 'List-Unsubscribe-Post: List-Unsubscribe=One-Click'
  // nobody is called from a test: loopback is no address of the internet
  await stage.home.put(
    'hanako',
    'inbox',
    listLetter('one-click', `List-Unsubscribe: <https://127.0.0.1/leave>\n${post}`),
  )
  const mail = '<mailto:leave@shop.example?subject=leave%20me&body=Please>'
  await stage.home.put(
    'hanako',
    'inbox',
    listLetter('by-letter', `List-Unsubscribe: ${mail}, <https://shop.example/leave>`),
  )
  await onLetter('one-click', { language: 'en', device: 'phone' }, async page => {
    await page.getByRole('button', { name: 'Unsubscribe' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('shop.example has signed for it').waitFor()
    assert.deepEqual(await barriers(page), [])
    await dialog.getByRole('button', { name: 'Unsubscribe' }).click()
    await dialog.getByText('127.0.0.1 could not be reached.').waitFor()
    assert.equal(
      await dialog.getByRole('link', { name: 'Open the page' }).getAttribute('href'),
      'https://127.0.0.1/leave',
    )
  })
  await onLetter('one-click', { language: 'en' }, async page => {
    const left = { outcome: 'done', status: 200, said: 'Bye', host: 'lists.shop.example' }
    await page.route('**/unsubscribe', route => route.fulfill({ json: left }))
    await page.getByRole('button', { name: 'Unsubscribe' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Unsubscribe' }).click()
    await dialog.getByText('lists.shop.example has taken it: you are unsubscribed. It says: “Bye”').waitFor()
    await dialog.getByRole('button', { name: 'Archive all of its letters' }).click()
    await page.getByText('2 conversations archived').waitFor()
    await page.keyboard.press('z')
    await page.locator('.row', { hasText: 'by-letter' }).waitFor()
    const [found] = await stage.home.jmap('hanako', ['Email/query', { filter: { hasKeyword: '$unsubscribed' } }])
    assert.match(JSON.stringify(found), /"ids":\["E\d+"\]/)
  })
  await onLetter('by-letter', {}, async page => {
    await page.getByRole('button', { name: '配信停止' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('leave@shop.example').waitFor()
    assert.equal(await dialog.getByRole('button', { name: '配信停止' }).count(), 0)
    await dialog.getByRole('button', { name: 'メールを書く' }).click()
    const compose = page.locator('.compose')
    await compose.locator('.chip', { hasText: 'leave' }).waitFor()
    assert.equal(await compose.locator('.compose-subject').inputValue(), 'leave me')
    await compose.locator('.editor', { hasText: 'Please' }).waitFor()
  })
})
