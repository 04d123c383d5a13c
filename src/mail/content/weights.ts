/**
 * How much each thing that was seen weighs. An account that has learnt nothing must not lose good mail in Junk: hints, however many,
 * stay below the threshold; what reaches it by itself is what no honest letter has.
 */
import type { EvidenceCode } from '#formats/content/evidence.ts'
import type { Remark } from '../checks/remarks.ts'

export type Weight = { readonly points: number; readonly strong?: boolean }

export const evidenceWeights: Readonly<Record<EvidenceCode, Weight>> = {
  'no-date': { points: 0.8 },
  'date-far': { points: 0.8 },
  'no-message-id': { points: 0.5 },
  'no-from': { points: 1.5 },
  'several-from': { points: 1 },
  'from-shows-other-address': { points: 1.5 },
  'reply-elsewhere': { points: 0.5 },
  'no-recipient': { points: 0.3 },
  'many-recipients': { points: 0.7 },
  'shouting-subject': { points: 0.5 },
  'answer-to-nothing': { points: 0.3 },
  'hidden-letters': { points: 1.2 },
  'only-images': { points: 1 },
  'hidden-text': { points: 0.4 },
  'test-string': { points: 1000, strong: true },
  'link-elsewhere': { points: 1.2 },
  'link-to-number': { points: 1.2 },
  'link-lookalike': { points: 2.5 },
  'link-with-user': { points: 2 },
  'link-shortened': { points: 0.5 },
  'link-to-script': { points: 1 },
  program: { points: 2.5 },
  'double-extension': { points: 6, strong: true },
  'program-in-archive': { points: 2.5 },
  // common in Japan: the password comes in a second letter
  'encrypted-archive': { points: 0.3 },
  'encrypted-program': { points: 6, strong: true },
  'archive-bomb': { points: 6, strong: true },
  'archive-too-deep': { points: 1 },
  macros: { points: 0.7 },
}

/** Of what speaks for junk without being strong, no more than this counts, as a share of the threshold. */
export const hintsShare = 0.85

/** At full confidence: what was learnt decides alone against junk, and for it. */
export const learntJunkPoints = 8
export const learntHamPoints = 5

export const senderWeights = {
  /** The account has written to this address, or has it among its contacts, and the letter is surely from there */
  correspondent: -5,
  /** The same, but nobody has checked where the letter is from */
  correspondentUnproved: -2.5,
  /** A letter of theirs was kept */
  kept: -1.5,
  keptUnproved: -0.8,
  domainKept: -0.7,
  /** Letters of theirs were moved to Junk, at most */
  junk: 3,
  domainJunk: 1.5,
  first: 0.3,
} as const
/** From so many letters on a domain counts. */
export const domainFrom = 3

export const authenticityWeights = {
  /** The domain's owner asks for it: RFC 7489 §6.3 */
  dmarcQuarantine: { points: 5.5, strong: true },
  dmarcReject: { points: 7, strong: true },
  dmarcFail: { points: 1 },
  dmarcPass: { points: -0.3 },
  spfFail: { points: 1.5 },
  spfSoftfail: { points: 0.7 },
  dkimFail: { points: 0.3 },
  /** Neither SPF nor DKIM says anything for it */
  unproved: { points: 0.7 },
  noReverse: { points: 0.8 },
  denied: { points: 2.5 },
  deniedAgain: { points: 1.5 },
  allowed: { points: -1 },
} as const satisfies Readonly<Record<string, Weight>>

/** Remarks of the connection's checks that mean something. */
export const remarkWeights: Readonly<Partial<Record<Remark, number>>> = {
  'early-talker': 1.5,
  'helo-is-us': 1.5,
  'helo-not-a-name': 0.7,
  'helo-bare-address': 0.7,
  'helo-wrong-address': 1,
  'unknown-recipients': 1.5,
  'known-sender': -0.5,
}
