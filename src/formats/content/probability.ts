/**
 * How like junk a message is, by the tokens it shares with what was learnt: Robinson's probabilities, Fisher's way of combining them
 * (G. Robinson, "A statistical approach to the spam problem", 2003), as SpamBayes and Bogofilter do. Pure.
 */

/** In how many letters of each kind a token was seen; beside it how many were learnt. */
export type Counts = { readonly junk: number; readonly ham: number }

export type Likeness = {
  /** 0 like the good ones, 1 like junk, 0.5 undecided */
  readonly likeness: number
  /** 0 to 1: how much it is founded on */
  readonly confidence: number
  /** Tokens that spoke for the side it fell on, the strongest first; indexes into what was given */
  readonly telling: readonly number[]
}

/** A token that was never seen counts as a half, with the weight of so many sightings. */
const priorStrength = 0.45
/** Tokens nearer to a half say nothing. */
const leastTelling = 0.1
/** The most telling ones are combined; more would only repeat each other. */
const maxCombined = 60
const maxNamed = 5
/** With so few known tokens little can be said. */
const enoughTokens = 15
/** A kind of which so many letters were learnt is believed by half. */
const halfBelieved = 2
/** Below so many good letters everything looks like junk. */
const enoughHam = 5

export function likenessOf(tokens: readonly Counts[], learnt: Counts): Likeness {
  const telling = tokens
    .flatMap((counts, index) => {
      const value = probabilityOf(counts, learnt)
      const strength = Math.abs(value - 0.5)
      return strength < leastTelling ? [] : [{ index, value, strength }]
    })
    .sort((a, b) => b.strength - a.strength)
    .slice(0, maxCombined)
  if (telling.length === 0) return { likeness: 0.5, confidence: 0, telling: [] }
  const likeness = combined(telling.map(({ value }) => value))
  const isJunk = likeness >= 0.5
  const founded = isJunk
    ? believed(learnt.junk) * (0.5 + 0.5 * Math.min(1, learnt.ham / enoughHam))
    : believed(learnt.ham)
  return {
    likeness,
    confidence: founded * Math.min(1, telling.length / enoughTokens),
    telling: telling
      .filter(({ value }) => value >= 0.5 === isJunk)
      .slice(0, maxNamed)
      .map(({ index }) => index),
  }
}

function believed(letters: number): number {
  return letters / (letters + halfBelieved)
}

/** Robinson's f(w) */
function probabilityOf({ junk, ham }: Counts, learnt: Counts): number {
  const seen = junk + ham
  if (seen === 0) return 0.5
  const inJunk = Math.min(1, junk / Math.max(1, learnt.junk))
  const inHam = Math.min(1, ham / Math.max(1, learnt.ham))
  return (priorStrength * 0.5 + seen * (inJunk / (inJunk + inHam || 1))) / (priorStrength + seen)
}

/** Fisher's indicator */
function combined(values: readonly number[]): number {
  let junkLog = 0
  let hamLog = 0
  for (const value of values) {
    junkLog += Math.log(value)
    hamLog += Math.log(1 - value)
  }
  const junk = chanceAbove(-2 * junkLog, values.length)
  const ham = chanceAbove(-2 * hamLog, values.length)
  return (1 + junk - ham) / 2
}

/** Of a chi-square with 2n degrees of freedom to be above `chi` */
function chanceAbove(chi: number, n: number): number {
  const half = chi / 2
  let term = Math.exp(-half)
  let sum = term
  for (let index = 1; index < n; index++) {
    term *= half / index
    sum += term
  }
  return Math.min(1, sum)
}
