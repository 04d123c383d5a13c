// Whose images are shown without asking: proved senders only, and on each device of the account.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chromiumMissing, openPage, signIn } from './browser.ts'
import { openStage } from './stage.ts'

const skip = await chromiumMissing()
const stage = openStage(skip)

function advertisement(subject: string, dmarc: string): string {
  return `Received: from mx.home.test by mail.home.test with LMTP id 1; Fri, 27 Nov 2026 09:00:00 +0000
Authentication-Results: mail.home.test; dmarc=${dmarc} header.from=shop.example
Received: from a.example by mail.home.test with ESMTPS id 2; Fri, 27 Nov 2026 09:00:00 +0000
From: Shop <a@shop.example>
To: hanako@home.test
Subject: ${subject}
Date: Fri, 27 Nov 2026 09:00:00 +0000
Message-ID: <${subject}@shop.example>
Content-Type: text/html; charset=UTF-8

<p>${subject}</p><img src="https://pictures.internet.test/a.png" width="100" height="100" alt="">
`
}

test('trust is kept in the account, and is for proved senders alone', { skip }, async () => {
  for (const [subject, dmarc] of [
    ['proved-one', 'pass'],
    ['proved-two', 'pass'],
    ['pretended', 'fail'],
  ] as const)
    await stage.home.put('hanako', 'inbox', advertisement(subject, dmarc))
  const [here, there] = [
    await openPage(stage.browser, stage.home.origin, { language: 'en' }),
    await openPage(stage.browser, stage.home.origin, { language: 'en', device: 'phone' }),
  ]
  const open = async (page: typeof here, subject: string) => {
    await page.goto('/mail/inbox')
    await page.locator('.row', { hasText: subject }).click()
    await page.locator('.letter-frame').contentFrame().getByText(subject).waitFor()
  }
  const bar = '.letter-images'
  try {
    await Promise.all([signIn(here), signIn(there)])
    await open(here, 'pretended')
    await here.getByRole('button', { name: 'Show images' }).waitFor()
    assert.equal(await here.getByRole('button', { name: 'Always from this sender' }).count(), 0)
    await open(here, 'proved-one')
    await open(there, 'proved-two')
    await there.locator(bar).waitFor()
    await here.getByRole('button', { name: 'Always from this sender' }).click()
    // the other device hears of it while it looks at a letter
    await there.locator(bar).waitFor({ state: 'detached' })
    await open(here, 'proved-two')
    assert.equal(await here.locator(bar).count(), 0)
    await open(here, 'pretended')
    await here.locator(bar).waitFor()
  } finally {
    await Promise.all([here.context().close(), there.context().close()])
  }
})
