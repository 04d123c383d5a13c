/**
 * HTML small and shallow enough that no browser stands still over it. Letters of people and programs stay far below; what is beyond is left out,
 * its text is kept. Pure: it looks at tags as they stand, and needs not be right about each, since what comes out is parsed and judged.
 */

/** Characters. More is cut: nobody reads it. */
export const maxLength = 3_000_000
/** Start tags. A report of 10,000 cells has a third of it. */
export const maxTags = 60_000
/** Of elements that must be closed. Answers to answers to answers come to some dozens. */
export const maxDepth = 200

const tag = /<(\/?)([a-z][a-z0-9]*)[^<>]{0,20000}>?/gi
const neverClosed = new Set(
  'area base br col embed hr img input link meta param source track wbr html head body'.split(' '),
)
/** What an element of this kind begins, the next of its kind ends. */
const closesItself = new Set('p li dd dt td th tr tbody thead tfoot colgroup option optgroup'.split(' '))

export function boundedHtml(html: string): string {
  const cut = html.slice(0, maxLength)
  let tags = 0
  let depth = 0
  let dropped = 0
  return cut.replaceAll(tag, (whole: string, slash: string, name: string) => {
    const lower = name.toLowerCase()
    const counts = !neverClosed.has(lower) && !closesItself.has(lower)
    if (slash === '') {
      if (++tags > maxTags) return ''
      if (!counts || depth < maxDepth) {
        if (counts) depth++
        return whole
      }
      dropped++
      return ''
    }
    if (!counts) return whole
    if (dropped > 0) {
      dropped--
      return ''
    }
    if (depth > 0) depth--
    return whole
  })
}
