// Contacts in a real browser: brought in from a phone of old, changed, grouped, written to, taken out again for other programs.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { missing } from '../support/debian.ts'
import { barriers, chromiumMissing } from './browser.ts'
import { openStage } from './stage.ts'

const skip = (await chromiumMissing()) || (await missing('vobject'))
const stage = openStage(skip)
const { onPage } = stage

/** Of what stands still: a dialog that is fading in has the colours of neither. */
async function barriersOf(page: Page): Promise<readonly string[]> {
  await until(() => page.evaluate<boolean>('document.getAnimations().every(one => one.playState !== "running")'))
  return barriers(page)
}

const row = (page: Page, name: string): Locator => page.locator('.contact-row', { hasText: name })

/** A PNG of 1200 pixels */
async function picture(page: Page): Promise<Buffer> {
  const uri = await page.evaluate<string>(`(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1200, height: 800 })
    const context = canvas.getContext('2d')
    for (let at = 0; at < 400; at++) {
      context.fillStyle = 'hsl(' + at + ' 70% 50%)'
      context.fillRect((at * 37) % 1200, (at * 91) % 800, 60, 60)
    }
    return canvas.toDataURL('image/png')
  })()`)
  return Buffer.from(uri.slice(uri.indexOf(',') + 1), 'base64')
}

type Card = {
  readonly id: string
  readonly uid: string
  readonly name?: { readonly full?: string; readonly components?: readonly object[] }
  readonly kind?: string
  readonly members?: object
}

/** As another program of hers sees them. */
async function cards(): Promise<readonly Card[]> {
  const [, answer] = await stage.home.jmap(
    'hanako',
    ['ContactCard/query', {}],
    ['ContactCard/get', { '#ids': { resultOf: 'c0', name: 'ContactCard/query', path: '/ids' } }],
  )
  return (answer?.[1]['list'] ?? []) as readonly Card[]
}

/** Waits: what a page does is saved a moment later. */
async function until<Value>(look: () => Promise<Value | undefined | false>): Promise<Value> {
  for (const end = performance.now() + 10_000; performance.now() < end; ) {
    const found = await look()
    if (found) return found
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error('It did not happen')
}

const qp = (octets: readonly number[]) =>
  octets.map(one => `=${one.toString(16).toUpperCase().padStart(2, '0')}`).join('')
/** 山田, 太郎, ﾔﾏﾀﾞ, ﾀﾛｳ, 表 in Shift_JIS */
const [yamada, taro, yamadaKana, taroKana, hyou] = [
  [0x8e, 0x52, 0x93, 0x63],
  [0x91, 0xbe, 0x98, 0x59],
  [0xd4, 0xcf, 0xc0, 0xde],
  [0xc0, 0xdb, 0xb3],
  [0x95, 0x5c],
] as const
const sjis = (name: string, octets: string) => `${name};CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:${octets}`

/** As a Japanese phone of 2008 wrote it, and Taro, who has the address of somebody who is here. */
const phoneFile = [
  'BEGIN:VCARD',
  'VERSION:2.1',
  sjis('N', `${qp(yamada)};${qp(taro)}`),
  sjis('SOUND;X-IRMC-N', `${qp(yamadaKana)};=\r\n${qp(taroKana)};;;`),
  'TEL;CELL:09012345678',
  'EMAIL;CELL:taro-y@phone.example',
  sjis('NOTE', qp(hyou)),
  'END:VCARD',
  'BEGIN:VCARD',
  'VERSION:2.1',
  'N:Known;Somebody',
  'TEL;WORK;VOICE:03-1111-2222',
  'EMAIL;INTERNET:known@internet.test',
  'END:VCARD',
  '',
].join('\r\n')

async function add(...made: readonly object[]): Promise<void> {
  const [books] = await stage.home.jmap('hanako', ['AddressBook/get', { ids: null }])
  const [book] = (books?.[1]['list'] ?? []) as readonly { readonly id: string }[]
  const given = made.map(
    (card, at) =>
      [`c${at}`, { '@type': 'Card', version: '1.0', addressBookIds: { [book?.id ?? '']: true }, ...card }] as const,
  )
  const [answer] = await stage.home.jmap('hanako', ['ContactCard/set', { create: Object.fromEntries(given) }])
  assert.equal(answer?.[1]['notCreated'], null)
}

test(
  'a phone’s file comes in, its people are shown, grouped, deleted, taken back, and go out again (ja)',
  { skip },
  () =>
    onPage({ language: 'ja' }, async page => {
      await page.keyboard.press('g')
      await page.keyboard.press('c')
      await page.getByText('連絡先はまだありません').waitFor()
      assert.deepEqual(await barriersOf(page), [])
      await add({ name: { full: '知人' }, emails: { e1: { address: 'known@internet.test' } } })
      await row(page, '知人').waitFor()

      await page.getByRole('button', { name: 'その他の操作' }).click()
      await page.getByRole('menuitem', { name: 'ファイルから読み込む' }).click()
      const file = { name: 'phone.vcf', mimeType: 'text/x-vcard', buffer: Buffer.from(phoneFile) }
      await page.locator('input[type=file]').setInputFiles(file)
      await page.getByText('2人分の連絡先が見つかりました').waitFor()
      await page.getByText('1件はすでに登録されています').waitFor()
      assert.deepEqual(await barriersOf(page), [])
      await page.getByRole('button', { name: '2件を読み込む' }).click()
      await page.getByText('1件を登録し、1件に情報を加えました').waitFor()
      await page.getByRole('button', { name: '完了' }).click()

      await page.getByRole('searchbox', { name: '連絡先を検索' }).fill('やまだ')
      await row(page, '山田 太郎').locator('.row-link').click()
      const shown = page.locator('.contact')
      await shown.getByText('ヤマダ タロウ').waitFor()
      await shown.getByText('表').waitFor()
      assert.equal(await shown.getByRole('link', { name: '09012345678' }).getAttribute('href'), 'tel:09012345678')
      assert.deepEqual(await barriersOf(page), [])
      await page.getByRole('button', { name: '検索の言葉を消す' }).click()
      await row(page, '知人').locator('.row-link').click()
      await shown.getByText('03-1111-2222').waitFor()

      await row(page, '知人').getByRole('checkbox').click()
      await row(page, '山田 太郎').getByRole('checkbox').click()
      await page.getByRole('button', { name: 'グループ…' }).click()
      await page.getByRole('button', { name: '新しいグループ' }).click()
      await page.getByLabel('グループの名前').fill('友人')
      await page.getByRole('button', { name: 'グループを保存' }).click()
      await page.getByRole('button', { name: '友人 2' }).waitFor()
      await page.getByRole('button', { name: 'このグループ' }).click()
      await page.getByRole('menuitem', { name: '全員にメールを書く' }).click()
      await page.locator('.compose .chip', { hasText: '山田 太郎' }).waitFor()
      assert.equal(await page.locator('.compose .chip').count(), 2)
      await page.getByRole('button', { name: '閉じて下書きに残す' }).click()

      await exported(page)

      await row(page, '知人').locator('.row-link').click()
      await page
        .getByRole('button', { name: '削除 (#)' })
        .or(page.locator('.reading-bar').getByRole('button', { name: '削除' }))
        .first()
        .click()
      await row(page, '知人').waitFor({ state: 'detached' })
      await page.getByText('1件の連絡先を削除しました').waitFor()
      await page.keyboard.press('z')
      await row(page, '知人').waitFor()
      assert.equal((await cards()).length, 3)
    }),
)

/** By the group's menu; what vobject and its own eyes find in it. */
async function exported(page: Page): Promise<void> {
  for (const version of ['4.0', '3.0']) {
    await page.getByRole('button', { name: 'このグループ' }).click()
    await page.getByRole('menuitem', { name: '書き出す' }).click()
    await page.getByRole('radio', { name: `vCard ${version}` }).check()
    assert.deepEqual(await barriersOf(page), [])
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'ファイルに保存' }).click(),
    ])
    assert.equal(download.suggestedFilename(), '友人.vcf')
    const path = await download.path()
    assert.match(readFileSync(path, 'utf8'), new RegExp(`BEGIN:VCARD\\r\\nVERSION:${version}\\r\\n`))
    const read = `import sys, vobject
for card in vobject.readComponents(open(sys.argv[1], encoding='utf-8', newline='').read()):
    print('|'.join([card.fn.value, card.n.value.family if hasattr(card, 'n') else '', card.tel.value if hasattr(card, 'tel') else '']))`
    const lines = execFileSync('/usr/bin/python3', ['-c', read, path], {
      encoding: 'utf8',
      env: { PYTHONIOENCODING: 'utf-8' },
    })
      .trim()
      .split('\n')
    assert.ok(lines.includes('山田 太郎|山田|09012345678'), lines.join('\n'))
    assert.ok(
      lines.some(line => line.startsWith('知人|')),
      lines.join('\n'),
    )
    assert.equal(lines.length, 3)
  }
}

test('from a letter to the contacts, with a form that loses nothing, and back into letters (en, phone)', { skip }, () =>
  onPage({ language: 'en', device: 'phone' }, async page => {
    await stage.home.put(
      'hanako',
      'inbox',
      'From: Grace Hopper <grace@navy.example>\nTo: hanako@home.test\nSubject: Nanoseconds\n\nHere is one.\n',
    )
    await page.locator('.row-link', { hasText: 'Nanoseconds' }).click()
    await page.locator('.letter-tools').getByRole('button', { name: 'More', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Add grace@navy.example to the contacts' }).click()
    await page.getByLabel('Last name', { exact: true }).waitFor()
    assert.equal(await page.getByLabel('Last name', { exact: true }).inputValue(), 'Hopper')
    assert.equal(await page.getByLabel('Email', { exact: true }).inputValue(), 'grace@navy.example')
    assert.deepEqual(await barriersOf(page), [])
    await page.getByLabel('Position').fill('Rear admiral')
    await page.getByRole('button', { name: 'Add an address' }).click()
    await page.getByLabel('Street and number').fill('1 Harbor Way')
    await page.getByLabel('Town').fill('Arlington')
    await page.getByLabel('Year').fill('1906')
    await page.getByLabel('Month').fill('12')
    await page.getByLabel('Day', { exact: true }).fill('9')
    await page.getByRole('button', { name: 'Save' }).click()
    const shown = page.locator('.contact')
    await shown.getByText('9 December 1906').waitFor()
    await shown.getByText('1 Harbor Way').waitFor()

    // a photo of any size is made small before it is kept
    await page.getByRole('button', { name: 'Edit' }).click()
    await page
      .getByLabel('Add a photo')
      .setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: await picture(page) })
    await page.locator('.form-photo img').waitFor()
    assert.deepEqual(await barriersOf(page), [])
    await page.getByRole('button', { name: 'Save' }).click()
    const photo = page.locator('.contact-head img.contact-photo')
    await until(() => photo.evaluate(image => (image as unknown as { naturalWidth: number }).naturalWidth === 256))

    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Email', { exact: true }).fill('no address')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('alert').getByText('is no email address').waitFor()
    await page.goBack()
    await page.getByRole('button', { name: 'Go on editing' }).click()
    assert.equal(await page.getByLabel('Email', { exact: true }).inputValue(), 'no address')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Discard the changes' }).click()
    await shown.getByText('grace@navy.example').waitFor()

    // what another program does is seen here
    const [known] = (await cards()).filter(({ name }) => JSON.stringify(name).includes('Hopper'))
    await stage.home.jmap('hanako', [
      'ContactCard/set',
      { update: { [known?.id ?? '']: { nicknames: { n: { name: 'Amazing Grace' } } } } },
    ])
    await shown.getByText('Amazing Grace').waitFor()
    await add({ kind: 'group', name: { full: 'Pioneers' }, members: { [known?.uid ?? '']: true } })
    await page.getByRole('button', { name: 'Back to the contacts' }).click()
    await page.getByRole('button', { name: 'Pioneers 1' }).click()
    await row(page, 'Grace Hopper').waitFor()
    assert.equal(await page.locator('.contact-row').count(), 1)
    assert.deepEqual(await barriersOf(page), [])
    // a group's own address shows the same
    const [pioneers] = (await cards())
      .filter(({ kind }) => kind === 'group')
      .filter(({ name }) => name?.full === 'Pioneers')
    await page.goto(`/contacts/${pioneers?.id ?? ''}`)
    await row(page, 'Grace Hopper').waitFor()
    assert.equal(await page.locator('.contact-row').count(), 1)
    assert.match(page.url(), /\/contacts\?group=/)

    await page.getByRole('button', { name: 'Write', exact: true }).last().click()
    const to = page.locator('.compose').getByRole('combobox', { name: 'To' })
    await to.fill('pio')
    await page.getByRole('option', { name: 'Pioneers' }).click()
    await page.locator('.compose .chip', { hasText: 'Grace Hopper' }).waitFor()
    await to.fill('amazing')
    await until(async () => (await page.getByRole('option').count()) === 0)
    await page.getByRole('button', { name: 'Close and keep as a draft' }).click()
  }),
)
