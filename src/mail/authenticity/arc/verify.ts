/** Is the chain whole, and what did its sealers see? RFC 8617 §5.2 */
import type { ArcFinding } from '../../verdicts.ts'
import { canonicalField, canonicalSignature } from '../dkim/canonical.ts'
import { checkSignatures, isRight, publicKeyOf, type VerifyOptions } from '../dkim/verify.ts'
import { maxParallelQuestions } from '../limits.ts'
import type { ReadMessage } from '../message.ts'
import { methodResult } from './results.ts'
import { type ArcSet, arcSets } from './sets.ts'

export type ArcChain = {
  readonly finding: ArcFinding
  /** The oldest first; empty unless the chain passes */
  readonly links: readonly ArcLink[]
}

/** What one sealer says it found. */
export type ArcLink = { readonly sealer: string; readonly dmarc: string | undefined }

export async function verifyArc(message: ReadMessage, options: VerifyOptions): Promise<ArcChain> {
  const found = arcSets(message)
  if (found.kind === 'none') return { finding: { result: 'none', sealers: [] }, links: [] }
  if (found.kind === 'broken') return failed([], found.problem)
  const { sets } = found
  const sealers = sets.map(({ seal }) => seal.domain)
  const wrong = chainProblem(sets) ?? (await signatureProblem(message, sets, options))
  if (wrong !== undefined) return failed(sealers, wrong)
  const links = sets.map(({ seal, results }) => ({
    sealer: seal.domain,
    dmarc: methodResult(message.text.slice(results.valueStart, results.valueEnd), 'dmarc'),
  }))
  return { finding: { result: 'pass', sealers }, links }
}

function failed(sealers: readonly string[], reason: string): ArcChain {
  return { finding: { result: 'fail', sealers, reason }, links: [] }
}

/** Steps 2 and 3: the newest does not say that it failed, the first says none, the others pass. */
function chainProblem(sets: readonly ArcSet[]): string | undefined {
  if (sets.at(-1)?.seal.chain === 'fail') return 'the last sealer found the chain broken'
  const odd = sets.find(({ instance, seal }) => seal.chain !== (instance === 1 ? 'none' : 'pass'))
  return odd && `instance ${odd.instance} says cv=${odd.seal.chain}`
}

/** Steps 4 and 6: the newest message signature, then all seals from the newest to the oldest. */
async function signatureProblem(
  message: ReadMessage,
  sets: readonly ArcSet[],
  options: VerifyOptions,
): Promise<string | undefined> {
  const newest = sets.at(-1)
  if (!newest) return 'no instance'
  const [outcome] = await checkSignatures(message, [newest.messageSignature], options)
  if (outcome?.result !== 'pass') return `message signature ${newest.instance}: ${outcome?.reason ?? 'unknown'}`
  const covered = sealedText(message, sets)
  for (let end = sets.length; end > 0; end -= maxParallelQuestions) {
    const some = sets.slice(Math.max(0, end - maxParallelQuestions), end)
    const keys = await Promise.all(some.map(({ seal }) => publicKeyOf(seal, options)))
    for (const [index, { instance, seal }] of [...some.entries()].toReversed()) {
      const key = keys[index]
      if (!key || 'result' in key) return `seal ${instance}: ${key?.reason ?? 'no key'}`
      if (!seal.algorithm.startsWith(key.kind)) return `seal ${instance}: key is for another algorithm`
      const right = await isRight(seal.algorithm, covered(instance), key.key, seal.signature)
      if (!right) return `seal ${instance} is wrong`
    }
  }
  return undefined
}

/** §5.1.1: all sets up to the seal's own, relaxed, the seal last and without its b=. */
function sealedText(message: ReadMessage, sets: readonly ArcSet[]): (instance: number) => Uint8Array {
  const before: string[] = ['']
  const own: string[] = []
  for (const { results, messageSignature, seal } of sets) {
    const text =
      canonicalField(message.text, results, 'relaxed') + canonicalField(message.text, messageSignature.field, 'relaxed')
    const earlier = before.at(-1) ?? ''
    own.push(earlier + text + canonicalSignature(message.text, seal.field, 'relaxed'))
    before.push(earlier + text + canonicalField(message.text, seal.field, 'relaxed'))
  }
  return instance => Buffer.from(own[instance - 1] ?? '', 'latin1')
}
