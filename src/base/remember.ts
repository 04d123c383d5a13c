/** Longer texts are computed each time: what strangers send must not fill the memory. */
const maxCharacters = 256
const maxEntries = 500

/** A pure function of a text that keeps its latest results: the same few names and addresses come with every letter. */
export function remember<Result>(compute: (text: string) => Result): (text: string) => Result {
  const known = new Map<string, Result>()
  return text => {
    const found = known.get(text)
    if (found !== undefined) return found
    const result = compute(text)
    if (result === undefined || text.length > maxCharacters) return result
    if (known.size >= maxEntries) known.clear()
    known.set(text, result)
    return result
  }
}
