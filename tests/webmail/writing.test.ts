// Writing letters in a real browser, on a real home: drafts, attachments, answers, sending and taking back, input methods.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Locator, Page } from 'playwright-core'
import { until } from '../scenarios/running.ts'
import { chromiumMissing, type Looks, openPage, signIn, type WatchedPage } from './browser.ts'
import { type Person } from './home.ts'
import { openStage } from './stage.ts'

const skip = await chromiumMissing()
const stage = openStage(skip)

/** Chromium tells of each handler and style that is parsed, even where nothing of it stays. */
const parsedOnly = /Content Security Policy directive '(?:style|script)-src 'self''.*has been blocked/s

async function onPage(looks: Looks, act: (page: WatchedPage) => Promise<void>, person?: Person): Promise<void> {
  const page = await openPage(stage.browser, stage.home.origin, looks)
  try {
    await signIn(page, person)
    await act(page)
    assert.deepEqual(
      page.faults.filter(fault => !parsedOnly.test(fault)),
      [],
    )
  } finally {
    await page.context().close()
  }
}

async function begin(page: Page): Promise<Locator> {
  const compose = page.locator('.compose')
  await page
    .getByRole('button', { name: /^(?:作成|Write)/ })
    .first()
    .waitFor()
  await page.keyboard.press('c')
  await compose.locator('.editor').waitFor()
  return compose
}

type Found = {
  readonly id: string
  readonly subject: string
  readonly to: readonly { readonly email: string }[]
  readonly bcc: readonly object[] | null
  readonly textBody: readonly { readonly partId: string }[]
  readonly bodyValues: Readonly<Record<string, { readonly value: string }>>
  readonly attachments: readonly { readonly name: string; readonly size: number; readonly cid: string | null }[]
  readonly keywords: Readonly<Record<string, boolean>>
  readonly inReplyTo: readonly string[] | null
}

/** All letters of this subject in a mailbox of this person */
async function lettersOf(person: Person, role: string, subject: string): Promise<readonly Found[]> {
  const [mailboxes] = await stage.home.jmap(person, ['Mailbox/get', {}])
  const list = mailboxes?.[1]['list'] as readonly { readonly id: string; readonly role: string }[]
  const inMailbox = list.find(one => one.role === role)?.id
  const answers = await stage.home.jmap(
    person,
    ['Email/query', { filter: { inMailbox, subject } }],
    [
      'Email/get',
      {
        '#ids': { resultOf: 'c0', name: 'Email/query', path: '/ids' },
        properties: ['subject', 'to', 'bcc', 'textBody', 'bodyValues', 'attachments', 'keywords', 'inReplyTo'],
        fetchTextBodyValues: true,
      },
    ],
  )
  return (answers[1]?.[1]['list'] ?? []) as readonly Found[]
}

/** The first of them, waited for; undefined: it is not there. */
async function letterOf(person: Person, role: string, subject: string, forMs = 8_000): Promise<Found | undefined> {
  for (const end = performance.now() + forMs; ; await sleep(150)) {
    const [found] = await lettersOf(person, role, subject)
    if (found || performance.now() > end) return found
  }
}

const textOf = ({ textBody, bodyValues }: Found): string =>
  textBody.map(({ partId }) => bodyValues[partId]?.value ?? '').join('')

test(
  'a letter as a person writes one: completion, a file, a draft at once, sent, taken back, sent again (ja, desktop)',
  { skip },
  () =>
    onPage({ language: 'ja' }, async page => {
      const compose = await begin(page)
      await compose.getByRole('combobox', { name: '宛先' }).pressSequentially('taro')
      await compose.getByRole('option', { name: 'taro@home.test' }).waitFor()
      await page.keyboard.press('Enter')
      await compose.locator('.chip', { hasText: '太郎' }).waitFor()
      await compose.locator('.compose-subject').fill('山の写真')
      await compose.locator('.editor').click()
      await page.keyboard.type('太郎さん、')
      await compose.getByRole('button', { name: '太字' }).click()
      await page.keyboard.type('添付')
      await compose.getByRole('button', { name: '太字' }).click()
      await page.keyboard.type('を見てください。')
      // it says so, and nothing is there
      await page.keyboard.press('Control+Enter')
      await compose.getByText('ファイルがありません').waitFor()
      await compose.getByRole('button', { name: '戻る' }).click()
      await compose
        .locator('input[type=file]')
        .setInputFiles([{ name: '写真 一覧.txt', mimeType: 'text/plain', buffer: Buffer.from('山\n') }])
      await compose.locator('.compose-file', { hasText: '写真 一覧.txt' }).waitFor()
      const draft = await letterOf('hanako', 'drafts', '山の写真')
      assert.ok(draft?.keywords['$draft'])
      await page.keyboard.press('Control+Enter')
      await page.locator('.toast', { hasText: '送信しました' }).waitFor()
      await page.getByRole('button', { name: '元に戻す' }).click()
      await compose.locator('.chip', { hasText: '太郎' }).waitFor()
      await page.locator('.toast', { hasText: '取り消しました' }).waitFor()
      assert.equal(await letterOf('hanako', 'sent', '山の写真', 0), undefined)
      await compose.locator('.editor', { hasText: '太郎さん、添付を見てください。' }).waitFor()
      await compose.getByRole('button', { name: '送信', exact: true }).click()
      await page.locator('.toast', { hasText: '送信しました' }).waitFor()
      const sent = await letterOf('hanako', 'sent', '山の写真')
      assert.ok(sent && !sent.keywords['$draft'])
      assert.deepEqual(
        sent.attachments.map(({ name, size }) => [name, size]),
        [['写真 一覧.txt', 4]],
      )
      assert.equal(await letterOf('hanako', 'drafts', '山の写真', 0), undefined)
    }),
)

test(
  'an answer on a phone: to whom, with what was said, in plain text; closed, it stays a draft and is gone on with (en)',
  { skip },
  () =>
    onPage({ language: 'en', device: 'phone', theme: 'dark' }, async page => {
      await page.locator('.row', { hasText: 'Your letter arrived' }).click()
      await page.locator('.answers').getByRole('button', { name: 'Reply', exact: true }).click()
      const compose = page.locator('.compose')
      const quoted = compose.locator('.editor > div', { hasText: 'Aki Tanaka <aki@internet.test> wrote:' })
      await quoted.waitFor()
      // in which nobody has written: nothing of it stays
      const sets: string[] = []
      page.on('request', request => {
        if (/Email\/set/.test(request.postData() ?? '')) sets.push(request.postData() ?? '')
      })
      await sleep(600)
      await compose.getByRole('button', { name: 'Close and keep' }).click()
      await compose.waitFor({ state: 'detached' })
      await sleep(300)
      assert.deepEqual(sets, [])
      await page.locator('.answers').getByRole('button', { name: 'Reply', exact: true }).click()
      await quoted.waitFor()
      assert.equal(await compose.locator('.compose-subject').inputValue(), 'Re: Your letter arrived')
      await compose.getByRole('button', { name: 'More' }).click()
      await page.getByRole('menuitemradio', { name: 'Plain text' }).click()
      await compose.locator('textarea.editor').focus()
      await page.keyboard.type('Dear Aki,\nthank you.')
      await compose.getByRole('button', { name: 'Close and keep' }).click()
      await compose.waitFor({ state: 'detached' })
      const subject = 'Re: Your letter arrived'
      // what was saved while it was typed has made room
      const draft = await until('one draft is there, the last one', async () => {
        const [one, ...more] = await lettersOf('hanako', 'drafts', subject)
        return more.length === 0 && one && textOf(one).includes('thank you.') && one
      })
      assert.match(textOf(draft), /^Dear Aki,\nthank you\.[^]*\n> Dear Hanako,\n/)
      assert.equal(draft.inReplyTo?.length, 1)
      await page.goto('/mail/drafts')
      await page.locator('.row', { hasText: 'Your letter arrived' }).first().waitFor()
      // a draft in a conversation is unfolded with it
      await page.locator('.row', { hasText: 'Your letter arrived' }).first().click()
      await page
        .getByRole('button', { name: /Continue|Go on/ })
        .first()
        .click()
      await compose.locator('textarea.editor').waitFor()
      assert.match(await compose.locator('textarea.editor').inputValue(), /^Dear Aki,/)
      await compose.getByRole('button', { name: 'Discard the draft' }).click()
      // the window is gone at once, and the draft when the server has answered
      await page.locator('.toast', { hasText: 'The draft was discarded.' }).waitFor()
      assert.equal(await compose.count(), 0)
      assert.deepEqual(await lettersOf('hanako', 'drafts', subject), [])
    }),
)

test('what is typed before the editor is there stays, with the caret where it was (en)', { skip }, () =>
  onPage({ language: 'en' }, async page => {
    let open = () => {}
    const opened = new Promise<void>(resolve => (open = resolve))
    await page.route(/squire-/, async route => {
      await opened
      await route.continue()
    })
    const compose = await begin(page)
    await compose.locator('.compose-subject').fill('Quick')
    await compose.locator('.editor').click()
    // signs of the private use area are letters like others: some fonts draw with them
    await page.keyboard.insertText('Dear \ue000\ue0a1 Taro,')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    await page.keyboard.type('you know that')
    await page.keyboard.press('ArrowLeft')
    const loaded = page.waitForResponse(/squire-/)
    open()
    await (await loaded).finished()
    // by then the first line has a block of its own
    await compose.locator('.editor > div').nth(2).waitFor()
    await page.keyboard.type('—and wha')
    await page.keyboard.press('Escape')
    await until('it is a draft', async () => (await lettersOf('hanako', 'drafts', 'Quick')).length === 1)
    const [draft] = await lettersOf('hanako', 'drafts', 'Quick')
    const [part] = draft?.textBody ?? []
    assert.equal(
      draft?.bodyValues[part?.partId ?? '']?.value.trim(),
      'Dear \ue000\ue0a1 Taro,\n\nyou know tha—and what',
    )
  }),
)

test('an input method’s Enter chooses words: it neither takes an address, nor sends, nor is a shortcut', { skip }, () =>
  onPage({ language: 'ja' }, async page => {
    const compose = await begin(page)
    const keys = await page.context().newCDPSession(page)
    const compositionEnter = async () => {
      for (const type of ['rawKeyDown', 'keyUp'] as const)
        await keys.send('Input.dispatchKeyEvent', { type, key: 'Process', code: 'Enter', windowsVirtualKeyCode: 229 })
    }
    const field = compose.getByRole('combobox', { name: '宛先' })
    await field.focus()
    await keys.send('Input.imeSetComposition', { text: 'たろう', selectionStart: 3, selectionEnd: 3 })
    await compositionEnter()
    assert.equal(await compose.locator('.chip').count(), 0)
    await keys.send('Input.insertText', { text: '太郎' })
    assert.equal(await field.inputValue(), '太郎')
    await compose.locator('.editor').click()
    await keys.send('Input.imeSetComposition', { text: 'さんぽ', selectionStart: 3, selectionEnd: 3 })
    await compositionEnter()
    await keys.send('Input.insertText', { text: '散歩' })
    assert.equal((await compose.locator('.editor').innerText()).trim(), '散歩')
    assert.ok(await compose.isVisible())
    await compose.getByRole('button', { name: '下書きを破棄' }).click()
    await compose.waitFor({ state: 'detached' })
  }),
)

test('what is pasted is cleaned: no scripts, styles or images of others; what is quoted too', { skip }, () =>
  onPage({ language: 'en' }, async page => {
    const compose = await begin(page)
    const asked: string[] = []
    page.on('request', request => asked.push(new URL(request.url()).host))
    await compose.locator('.editor').evaluate(editor => {
      const page = globalThis as unknown as {
        readonly DataTransfer: new () => { setData(type: string, text: string): void }
        readonly ClipboardEvent: new (type: string, options: object) => Parameters<typeof editor.dispatchEvent>[0]
      }
      const data = new page.DataTransfer()
      const html =
        '<p style="position:fixed" onclick="x()">Hello <b>there</b><img src="https://tracker.example/p.gif" alt="dot"><script>window.fired = 1</script><a href="javascript:window.fired=1">link</a><svg onload="window.fired=1"></svg></p>'
      data.setData('text/html', html)
      editor.dispatchEvent(new page.ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
    })
    await compose.locator('.editor b', { hasText: 'there' }).waitFor()
    const html = await compose.locator('.editor').innerHTML()
    assert.doesNotMatch(html, /script|style=|onclick|svg|tracker|javascript/i)
    assert.equal(await page.evaluate(() => (globalThis as { fired?: number }).fired), undefined)
    assert.deepEqual(
      asked.filter(host => host.includes('tracker')),
      [],
    )
    await compose.getByRole('button', { name: 'Discard the draft' }).click()
    await compose.waitFor({ state: 'detached' })
  }),
)

test('what was sent arrives, once, when it cannot be taken back any more', { skip }, async () => {
  const arrived = await letterOf('taro', 'inbox', '山の写真', 20_000)
  assert.ok(arrived)
  assert.equal(textOf(arrived).trim(), '太郎さん、添付を見てください。')
  assert.deepEqual(
    arrived.attachments.map(({ name, size }) => [name, size]),
    [['写真 一覧.txt', 4]],
  )
})
