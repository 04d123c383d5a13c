import assert from 'node:assert/strict'
import test from 'node:test'
import { isProved } from './authenticity.ts'
import { letterFrom, plainSettings, withContent } from './content.testbed.ts'
import type { Authenticity } from '../verdicts.ts'
import { rounded } from './score.ts'
import { reasonCodes, reasonText } from './texts.ts'
import { evidenceWeights, hintsShare, remarkWeights } from './weights.ts'

const letter = letterFrom('aki@internet.test', 'Lunch', 'Shall we have lunch at noon?')
const authenticity = (more: Partial<Authenticity> = {}): Authenticity => ({
  fromDomain: 'internet.test',
  spf: { result: 'none', scope: 'mailfrom', domain: 'internet.test' },
  dkim: [],
  dmarc: { result: 'none', domain: undefined, policy: undefined, alignedBy: [], disposition: 'none' },
  arc: { result: 'none', sealers: [] },
  ...more,
})

test('an ordinary letter in an account that knows nothing: clean, no reasons, tested', () =>
  withContent(async ({ judge }) => {
    assert.deepEqual(await judge(letter), {
      verdict: 'clean',
      score: 0,
      junkFrom: 5,
      reasons: [],
      spamtest: 1,
      virustest: 0,
    })
  }))

test('hints, however many, stay below the threshold; one strong sign goes above it', () =>
  withContent(async ({ judge }) => {
    const suspicious = `From: "info@bank.example" <a@b.test>\nReply-To: x@c.test\nSubject: RE: YOUR ACCOUNT IS LOCKED!!!\nContent-Type: text/html

<a href="http://192.0.2.7/">https://bank.example/</a> <a href="https://bank.example@evil.test/">here</a><img src=x>`
    const hinted = await judge(suspicious)
    assert.equal(hinted.verdict, 'clean')
    assert.equal(hinted.score, rounded(5 * hintsShare))
    assert.ok(hinted.reasons.length > 6 && hinted.reasons.at(-1)?.code === 'only-hints')
    const verdicts = {
      authenticity: authenticity({
        dmarc: { result: 'fail', domain: 'b.test', policy: 'quarantine', alignedBy: [], disposition: 'quarantine' },
      }),
    }
    const asked = await judge(suspicious, { verdicts })
    assert.equal(asked.verdict, 'junk')
    assert.ok(asked.score > 10 && asked.spamtest === 10)
    const tried = await judge(`${letter}\nXJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n`)
    assert.deepEqual([tried.verdict, tried.reasons[0]?.code], ['junk', 'test-string'])
  }))

test('two lists that deny make junk of it, one does not; a list that allows speaks for it', () =>
  withContent(async ({ judge }) => {
    const list = (zone: string, kind: 'deny' | 'allow' = 'deny') => ({ zone, kind, answers: ['127.0.0.2'] })
    const listed = (...lists: ReturnType<typeof list>[]) =>
      judge(letter, {
        verdicts: { connection: { reverse: { result: 'fail' }, lists, remarks: ['early-talker', 'greylist-passed'] } },
      })
    assert.equal((await listed(list('a.test'))).verdict, 'clean')
    assert.equal((await listed(list('a.test'), list('b.test'))).verdict, 'junk')
    const allowed = await listed(list('a.test'), list('b.test', 'allow'))
    assert.ok(allowed.score < (await listed(list('a.test'))).score)
  }))

test('refused for its points only where the owner says so', async () => {
  const gtube = `${letter}\nXJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n`
  await withContent(async ({ judge }) => assert.equal((await judge(gtube)).verdict, 'reject'), {
    settings: () => ({ ...plainSettings, rejectFrom: 20 }),
  })
  await withContent(
    async ({ judge }) => {
      const { verdict, spamtest, reasons } = await judge(gtube)
      assert.deepEqual({ verdict, spamtest, reasons }, { verdict: 'clean', spamtest: 0, reasons: [] })
    },
    { settings: () => ({ ...plainSettings, filter: false }) },
  )
})

test('a signal that is over already: clean, and says that it was not judged', () =>
  withContent(async ({ content }) => {
    const { messageToJudge } = await import('./content.testbed.ts')
    const { verdict, reasons } = await content.judge(messageToJudge(letter), AbortSignal.abort())
    assert.deepEqual([verdict, reasons], ['clean', [{ code: 'not-judged', points: 0 }]])
  }))

test('where a letter is from counts as proved by DMARC, else by what would align', () => {
  assert.equal(isProved({}), undefined)
  assert.equal(isProved({ authenticity: authenticity() }), false)
  const pass = { result: 'pass', selector: 's', algorithm: 'rsa-sha256' } as const
  assert.equal(isProved({ authenticity: authenticity({ dkim: [{ ...pass, domain: 'mail.internet.test' }] }) }), true)
  assert.equal(isProved({ authenticity: authenticity({ dkim: [{ ...pass, domain: 'other.test' }] }) }), false)
  assert.equal(
    isProved({ authenticity: authenticity({ spf: { result: 'pass', scope: 'mailfrom', domain: 'internet.test' } }) }),
    true,
  )
})

test('every reason has words in both languages', () => {
  const others = `like-junk like-ham contact correspondent sender-kept sender-junk domain-junk domain-kept first-letter dmarc-reject
    dmarc-quarantine dmarc-fail dmarc-pass spf-fail spf-softfail dkim-fail unproved no-reverse listed allowed virus scanner-absent
    scanner-not-scanned scanner-says-none scanner-says-junk scanner-says-reject scanner-says-try-later only-hints not-judged`
  const codes = [...Object.keys(evidenceWeights), ...others.split(/\s+/)]
  assert.deepEqual([...codes].sort(), [...reasonCodes].sort())
  for (const code of [...codes, ...Object.keys(remarkWeights)]) {
    const { en, ja } = reasonText({ code, points: 1, detail: { words: 'a b', scanner: 'clamav' } })
    assert.match(en, /^[A-Z(“?].*\.$/, code)
    assert.match(ja, /[ぁ-んァ-ン一-龯]/, code)
  }
})

test('a sender among the contacts is no stranger; contacts that cannot be asked keep no letter waiting', async () => {
  const isContact = async (_account: string, address: string) => address === 'aki@internet.test'
  await withContent(
    async ({ judge }) => {
      const { reasons } = await judge(letterFrom('Aki <Aki@Internet.Test>', 'Lunch', 'Shall we have lunch at noon?'))
      assert.deepEqual(
        reasons.map(({ code, points }) => [code, points]),
        [['contact', -2.5]],
      )
      assert.deepEqual((await judge(letterFrom('kei@internet.test', 'Lunch', 'At noon?'))).reasons, [])
    },
    { isContact },
  )
  await withContent(
    async ({ judge }) => {
      const { reasons, verdict } = await judge(letter)
      assert.deepEqual([verdict, reasons], ['clean', []])
    },
    { isContact: () => Promise.reject(new Error('closed')) },
  )
})
