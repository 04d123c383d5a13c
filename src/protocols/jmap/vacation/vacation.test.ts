// What the script of a vacation response does with a letter, and that it is read back as it was written.
import assert from 'node:assert/strict'
import test from 'node:test'
import { noVacation, printVacationScript, readVacationScript, type Vacation } from '#formats/sieve/vacation-script.ts'
import { fileLetter, summary } from '#mail/sieve/sieve.testbed.ts'
import { withJmap } from '../jmap.testbed.ts'
import type { SetResponse } from '../wire.ts'
import type { VacationResponse } from '../wire-sending.ts'

const letter = {
  text: 'From: taro@example.org\nTo: hanako@home.test\nSubject: x\nMessage-ID: <1@example.org>\n\nHello\n',
}
const on: Vacation = { ...noVacation, isEnabled: true }

async function answers(vacation: Vacation, behind: string | null = null): Promise<readonly string[]> {
  const script = printVacationScript({ vacation, behind }, 'en')
  const personal = { mine: 'require "fileinto"; fileinto "Archive";' }
  // the day of these tests is 2026-11-27T06:00:00Z
  return summary(await fileLetter(script, letter, { personal }))
}

test('it answers from its first moment on, and no more at its last', async () => {
  const rows: readonly (readonly [string | null, string | null, boolean])[] = [
    [null, null, true],
    ['2026-11-27T06:00:00Z', null, true],
    ['2026-11-27T06:00:01Z', null, false],
    [null, '2026-11-27T06:00:00Z', false],
    [null, '2026-11-27T06:00:01Z', true],
    ['2026-11-27T05:59:59Z', '2027-01-05T00:00:00Z', true],
    ['2027-01-05T00:00:00Z', '2027-01-06T00:00:00Z', false],
  ]
  const without = await answers({ ...on, toDate: '2000-01-01T00:00:00Z' })
  assert.deepEqual(without, ['keep'])
  for (const [fromDate, toDate, isAnswered] of rows) {
    const came = await answers({ ...on, fromDate, toDate })
    assert.equal(came.length > 1, isAnswered, `${fromDate} to ${toDate}: ${came.join()}`)
    assert.ok(came.includes('keep'))
  }
})

test('the script that was active before decides where the letter goes', async () => {
  assert.ok((await answers(on, 'mine')).includes('fileinto Archive'))
  assert.ok((await answers(on, 'gone')).includes('keep'))
})

test('hostile words break out of nothing: there is an answer, and it is read back', async () => {
  const hostile = 'a "b" \\ c\r\n.\r\n# ${x}\n日本語 \u2028 */ ; stop;'
  for (const vacation of [
    { ...on, subject: 'x "y" \\z 件名', textBody: hostile },
    { ...on, htmlBody: `<p>${hostile}</p>` },
    { ...on, textBody: hostile, htmlBody: '--hikyaku--' },
  ]) {
    const text = printVacationScript({ vacation, behind: 'a "b"' }, 'ja')
    assert.deepEqual(readVacationScript(text), { vacation, behind: 'a "b"' })
    assert.ok((await answers(vacation)).length > 1)
  }
  assert.equal(readVacationScript('keep;\r\n'), undefined)
  const [first] = printVacationScript({ vacation: on, behind: null }, 'en').split('\r\n')
  for (const line of ['null', '5', '{}', '{"behind":"x"}', '{"vacation":{"fromDate":5},"behind":null}', '[1'])
    assert.equal(readVacationScript(`${first}\r\n# ${line}\r\nkeep;\r\n`), undefined, line)
})

test('race: two set it at once; each is done whole, and a script of the same name by hand is left alone', async () => {
  await withJmap(async bed => {
    const { scripts } = bed.accounts
    const set = async (change: object) =>
      (await bed.call('VacationResponse/set', {
        update: { singleton: change },
      })) as unknown as SetResponse<VacationResponse>
    await Promise.all([set({ isEnabled: true, textBody: 'Away' }), set({ subject: 'Away' })])
    const { list } = (await bed.call('VacationResponse/get')) as unknown as {
      readonly list: readonly VacationResponse[]
    }
    assert.deepEqual({ ...list[0] }, { ...on, id: 'singleton', textBody: 'Away', subject: 'Away' })
    await scripts.activate(bed.account, undefined)
    const byHand = Buffer.from('keep;\r\n')
    await scripts.put(bed.account, 'Vacation response', byHand)
    assert.equal((await set({ isEnabled: true })).notUpdated?.['singleton']?.type, 'forbidden')
    assert.deepEqual(Buffer.from((await scripts.script(bed.account, 'Vacation response')) ?? []), byHand)
  })
})
