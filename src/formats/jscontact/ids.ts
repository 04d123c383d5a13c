/** Ids as clients see them, of row numbers: cards name the books they are in by these. One spelling each. */
export function printBookId(id: number): string {
  return `B${id}`
}

export function printCardId(id: number): string {
  return `C${id}`
}

/** Undefined for what was never given out. */
export function readBookId(text: string): number | undefined {
  return numberAfter('B', text)
}

export function readCardId(text: string): number | undefined {
  return numberAfter('C', text)
}

/** A photo, by what it holds. `hash`: 32 hexadecimal digits */
export function printMediaBlobId(hash: string): string {
  return `P${hash}`
}

export function readMediaBlobId(text: string): string | undefined {
  return /^P[0-9a-f]{32}$/.test(text) ? text.slice(1) : undefined
}

function numberAfter(letter: string, text: string): number | undefined {
  const number = text.startsWith(letter) && /^[1-9]\d{0,14}$/.test(text.slice(1)) ? Number(text.slice(1)) : NaN
  return Number.isSafeInteger(number) ? number : undefined
}
