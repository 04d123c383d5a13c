/** A circle with the first sign of a name, in a colour that belongs to the address. */
export function Avatar({ name, seed, size = 36 }: { name: string; seed: string; size?: number }) {
  return (
    <span class="avatar" aria-hidden="true" style={{ '--hue': hueOf(seed), '--avatar-size': `${size}px` }}>
      {initialOf(name)}
    </span>
  )
}

// making one takes longer than all the rest of a row, and asking it a quarter of that
const signs = new Intl.Segmenter()
/** Nothing belongs to the first of them but itself */
const plain = /^[a-z0-9][ -~]/i

export function initialOf(name: string): string {
  if (plain.test(name)) return name.charAt(0).toUpperCase()
  const clean = name.replace(/^[\s\p{Default_Ignorable_Code_Point}\p{Cf}"'“”‘’「『【[(（<＜.@_-]+/u, '')
  const [first] = signs.segment(clean)
  return (first?.segment ?? '?').toUpperCase()
}

/** Degrees; like addresses, unlike hues */
export function hueOf(seed: string): number {
  let hash = 2166136261
  for (const sign of seed.toLowerCase()) hash = Math.imul(hash ^ (sign.codePointAt(0) ?? 0), 16777619) >>> 0
  return hash % 360
}
