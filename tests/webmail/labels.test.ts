// Labels in a real browser, on a real home: names and colours of keywords, which every mail program sees.
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
