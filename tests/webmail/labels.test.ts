// Labels and folders in a real browser, on a real home: what every mail program sees of them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { barriers, chromiumMissing } from './browser.ts'
import { openStage } from './stage.ts'

const skip = await chromiumMissing()
const stage = openStage(skip)
const { onPage } = stage

/** How many letters of all mailboxes have it */
async function lettersWith(keyword: string): Promise<number> {
  const [found] = await stage.home.jmap('hanako', ['Email/query', { filter: { hasKeyword: keyword } }])
  return ((found?.[1]['ids'] ?? []) as readonly string[]).length
}

async function within<Value>(wanted: Value, look: () => Promise<Value>): Promise<void> {
  for (const end = performance.now() + 8_000; ; ) {
    const now = await look()
    if (now === wanted || performance.now() > end) return assert.equal(now, wanted)
  }
}

test(
  'a new label by keys, on a conversation; found again from the side bar; taken off, and back (ja, desktop)',
  {
    skip,
  },
  () =>
    onPage({ language: 'ja' }, async page => {
      await page.locator('.row', { hasText: '週末の山登り' }).click()
      await page.locator('.conversation-subject', { hasText: '山登り' }).waitFor()
      await page.keyboard.press('l')
      const dialog = page.getByRole('dialog', { name: 'ラベル' })
      await dialog.getByRole('textbox').fill('仕事 (外)')
      await page.keyboard.press('Enter')
      await dialog.getByRole('checkbox', { name: '仕事 (外)', checked: true }).waitFor()
      assert.deepEqual(await barriers(page), [])
      await page.keyboard.press('Escape')
      const [all] = await stage.home.jmap('hanako', ['Preferences/get', {}])
      const [{ labels }] = (all?.[1]['list'] ?? []) as [
        { readonly labels: Readonly<Record<string, { readonly name: string }>> },
      ]
      const keyword = Object.keys(labels).find(one => labels[one]?.name === '仕事 (外)') ?? ''
      // an atom of IMAP, as Thunderbird would have made it
      assert.equal(keyword, '&ttvoiw-__&wry-_')
      await within(3, () => lettersWith(keyword))
      await page.locator('.row', { hasText: '週末の山登り' }).locator('.label', { hasText: '仕事' }).waitFor()
      await page.getByRole('navigation').getByRole('link', { name: '仕事 (外)' }).click()
      await page.getByRole('heading', { name: '検索結果' }).waitFor()
      await page.locator('.row').first().waitFor()
      assert.equal(await page.locator('.row').count(), 1)
      await page.locator('.row').first().click()
      await page.getByRole('button', { name: 'ラベル「仕事 (外)」を外す' }).click()
      await page.locator('.toast', { hasText: '外しました' }).waitFor()
      await page.locator('.list-note').waitFor()
      await page.getByRole('button', { name: '元に戻す' }).click()
      await page.locator('.row .label').waitFor()
    }),
)

test(
  'another program’s tag has its name here; renamed, coloured, deleted with what it is on (en, phone)',
  {
    skip,
  },
  () =>
    onPage({ language: 'en', device: 'phone' }, async page => {
      const [found] = await stage.home.jmap('hanako', ['Email/query', { filter: { subject: 'Your letter arrived' } }])
      const [id = ''] = (found?.[1]['ids'] ?? []) as readonly string[]
      await stage.home.jmap('hanako', ['Email/set', { update: { [id]: { 'keywords/$label2': true } } }])
      const chip = page.locator('.row', { hasText: 'Your letter arrived' }).locator('.label')
      await chip.getByText('Work').waitFor()
      await page.getByRole('button', { name: 'Settings' }).click()
      await page.getByRole('menuitem', { name: 'All settings' }).click()
      await page.getByRole('tab', { name: 'Labels' }).click()
      const panel = page.getByRole('tabpanel')
      await panel.getByLabel('Name of Work').fill('Office')
      await page.keyboard.press('Tab')
      await panel.getByRole('button', { name: 'Colour of Office' }).click()
      await page.getByRole('menuitemradio', { name: 'pink' }).click()
      await page.locator('.row .label[data-color=pink]', { hasText: 'Office' }).waitFor({ state: 'attached' })
      // a name that is there already is none
      await panel.getByLabel('New label').fill('office')
      await panel.getByRole('button', { name: 'Add' }).click()
      await panel.getByText('There is a label of that name').waitFor()
      await panel.getByRole('button', { name: 'Delete Office' }).click()
      await panel.getByText('taken off 1 letter.').waitFor()
      assert.equal(await lettersWith('$label2'), 1)
      await panel.getByRole('button', { name: 'Delete the label' }).click()
      await panel.getByLabel('Name of Work').waitFor()
      assert.equal(await lettersWith('$label2'), 0)
      assert.equal(await chip.count(), 0)
    }),
)

const mailboxes = async () => {
  const [got] = await stage.home.jmap('taro', ['Mailbox/get', {}])
  return (got?.[1]['list'] ?? []) as readonly {
    readonly id: string
    readonly name: string
    readonly parentId: string | null
    readonly role: string | null
    readonly isSubscribed: boolean
    readonly totalEmails: number
  }[]
}
const named = async (name: string) => (await mailboxes()).find(one => one.name === name)

test(
  'folders: made from the side bar and while moving, renamed, put into another, deleted with what is in it (ja)',
  { skip },
  () =>
    onPage(
      { language: 'ja' },
      async page => {
        const side = page.getByRole('navigation', { name: 'メールボックス' })
        const make = async (name: string) => {
          await side.getByRole('button', { name: 'フォルダを作成' }).click()
          const dialog = page.getByRole('dialog', { name: 'フォルダを作成' })
          await dialog.getByRole('textbox').fill(name)
          await page.keyboard.press('Enter')
          return dialog
        }
        await (await make('旅行')).waitFor({ state: 'detached' })
        // Roundcube and others show what is subscribed only
        assert.equal((await named('旅行'))?.isSubscribed, true)
        const refused = await make('旅行')
        await refused.getByRole('alert').filter({ hasText: '同じ名前' }).waitFor()
        assert.deepEqual(await barriers(page), [])
        await page.keyboard.press('Escape')
        // a name that nobody sees
        const unseen = await make('\u202e\u200b')
        await unseen.getByRole('alert').filter({ hasText: '使えません' }).waitFor()
        await page.keyboard.press('Escape')

        await page.locator('.row').first().click()
        await page.locator('.conversation-subject').waitFor()
        const before = (await mailboxes()).find(({ role }) => role === 'trash')?.totalEmails ?? 0
        await page.keyboard.press('v')
        await page.getByRole('dialog', { name: '移動' }).getByRole('textbox').fill('山')
        await page.keyboard.press('Enter')
        await side.getByRole('link', { name: '山' }).waitFor()
        await within(true, async () => ((await named('山'))?.totalEmails ?? 0) > 0)
        const moved = (await named('山'))?.totalEmails ?? 0

        const change = async (name: string) => {
          await side.getByRole('link', { name, exact: true }).hover()
          await side.getByRole('button', { name: `フォルダ「${name}」を変更` }).click()
          return page.getByRole('dialog', { name: 'フォルダの変更' })
        }
        const form = await change('山')
        await form.getByRole('textbox').fill('山登り')
        await form.getByRole('combobox').selectOption({ label: '旅行' })
        await form.getByRole('button', { name: '保存' }).click()
        await side.getByRole('link', { name: '山登り' }).waitFor()
        assert.equal((await named('山登り'))?.parentId, (await named('旅行'))?.id)

        const above = await change('旅行')
        await above.getByRole('combobox').waitFor()
        // its own branch is no place for it
        assert.deepEqual(await above.getByRole('option').allInnerTexts(), ['一番上'])
        await above.getByRole('button', { name: '削除…' }).click()
        const full = page.getByRole('dialog', { name: 'フォルダ「旅行」を削除しますか？' })
        await full.getByText('中にほかのフォルダがあります').waitFor()
        assert.ok(await full.getByRole('button', { name: 'フォルダを削除' }).isDisabled())
        await page.keyboard.press('Escape')

        // another program takes one away while its form is open: the keys are the list's again
        await (await make('花見')).waitFor({ state: 'detached' })
        const gone = await change('花見')
        await gone.waitFor()
        await stage.home.jmap('taro', ['Mailbox/set', { destroy: [(await named('花見'))?.id] }])
        await gone.waitFor({ state: 'detached' })
        await page.keyboard.press('?')
        await page.getByRole('dialog').getByRole('heading', { name: 'キーボード' }).waitFor()
        await page.keyboard.press('Escape')

        await side.getByRole('link', { name: '山登り' }).click()
        await page.getByRole('heading', { name: '山登り' }).waitFor()
        await (await change('山登り')).getByRole('button', { name: '削除…' }).click()
        const last = page.getByRole('dialog', { name: 'フォルダ「山登り」を削除しますか？' })
        await last.getByText(`${moved}通`).waitFor()
        await last.getByRole('button', { name: 'フォルダを削除' }).click()
        await page.getByRole('heading', { name: '受信トレイ' }).waitFor()
        await within(undefined, async () => (await named('山登り'))?.name)
        assert.equal((await mailboxes()).find(({ role }) => role === 'trash')?.totalEmails, before + moved)
      },
      'taro',
    ),
)
