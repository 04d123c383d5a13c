/** All that was found about a message, summed up. Pure. */
import type { Judged, SenderKnown } from '#store/content/content-store.ts'
import type { ContentReason } from '../judging.ts'
import type { Verdicts } from '../verdicts.ts'
import { type Found, isProved, of, weighVerdicts } from './authenticity.ts'
import { domainFrom, evidenceWeights, hintsShare, learntHamPoints, learntJunkPoints, senderWeights } from './weights.ts'

export type Weighed = Extract<Judged, { missing: false }> & {
  /** A card of the account has the sender's address */
  readonly inContacts: boolean
}
export type Score = { readonly score: number; readonly reasons: readonly ContentReason[] }

/** `judged`: undefined when the message could not be examined; `others`: of scanners. */
export function scoreOf(
  judged: Weighed | undefined,
  verdicts: Verdicts,
  others: readonly Found[],
  junkFrom: number,
): Score {
  const found = [...(judged ? weighContent(judged, verdicts) : []), ...weighVerdicts(verdicts), ...others]
  const counted = found.filter(({ reason }) => Math.abs(reason.points) >= 0.05)
  const hints = sum(counted.filter(({ strong, reason }) => !strong && reason.points > 0))
  const most = junkFrom * hintsShare
  // one strong sign, and the others count beside it
  const capped = hints > most && !counted.some(({ strong, reason }) => strong && reason.points > 0)
  const reasons = counted.map(({ reason }) => reason).sort((a, b) => Math.abs(b.points) - Math.abs(a.points))
  if (capped) reasons.push({ code: 'only-hints', points: rounded(most - hints) })
  return { score: rounded(sum(counted) + (capped ? most - hints : 0)), reasons }
}

function weighContent(
  { evidence, bulk, from, inContacts, learnt, sender }: Weighed,
  verdicts: Verdicts,
): readonly Found[] {
  const proved = isProved(verdicts)
  const found = evidence.map(({ code, detail }) => {
    const { points, strong } = evidenceWeights[code]
    // newsletters count their readers by links that go elsewhere: no more than a hint where the sender is proved
    const halved = code === 'link-elsewhere' && bulk && proved !== false
    return of(code, { points: halved ? points / 2 : points, ...(strong && { strong }) }, detail)
  })
  const address = from?.address ?? ''
  return [...found, ...weighLearnt(learnt), ...weighSender({ ...sender, inContacts }, address, proved)]
}

function weighLearnt(learnt: Weighed['learnt']): readonly Found[] {
  if (!learnt) return []
  const { likeness, confidence, words, junk, ham } = learnt
  const lean = 2 * likeness - 1
  const points = rounded(lean * confidence * (lean > 0 ? learntJunkPoints : learntHamPoints))
  if (Math.abs(points) < 0.2) return []
  const detail = { words: words.join(' '), junk, ham }
  return [of(points > 0 ? 'like-junk' : 'like-ham', { points, strong: points > 0 }, detail)]
}

function weighSender(
  known: SenderKnown & Pick<Weighed, 'inContacts'>,
  address: string,
  proved: boolean | undefined,
): readonly Found[] {
  // a forged From says nothing about the person whose name it bears
  if (proved === false || address === '') return []
  const { correspondent, inContacts, junk, ham, domainJunk, domainHam, knowsOthers } = known
  const found: Found[] = []
  const detail = { address }
  if (inContacts || correspondent) {
    const points = proved ? senderWeights.correspondent : senderWeights.correspondentUnproved
    found.push(of(inContacts ? 'contact' : 'correspondent', { points }, detail))
  } else if (ham > 0 && junk === 0) {
    const points = proved ? senderWeights.kept : senderWeights.keptUnproved
    found.push(of('sender-kept', { points }, detail))
  }
  if (junk > ham)
    found.push(of('sender-junk', { points: (senderWeights.junk * junk) / (junk + ham + 1), strong: true }, detail))
  else if (junk + ham === 0 && domainJunk >= domainFrom && domainHam === 0)
    found.push(of('domain-junk', { points: senderWeights.domainJunk }, detail))
  else if (junk + ham === 0 && domainHam >= domainFrom && domainJunk === 0)
    found.push(of('domain-kept', { points: senderWeights.domainKept }, detail))
  else if (junk + ham === 0 && !correspondent && !inContacts && knowsOthers)
    found.push(of('first-letter', { points: senderWeights.first }, detail))
  return found
}

function sum(found: readonly Found[]): number {
  return found.reduce((all, { reason }) => all + reason.points, 0)
}

export function rounded(points: number): number {
  return Math.round(points * 10) / 10
}
