/**
 * A parsed document runs nothing, but Chromium tells of each handler and style in it as a breach of the page's policy, and fetches the captions
 * of a film. So these have other names before they are parsed, and what was no name after all has its own again. What this misses does no harm.
 */

const mark = `-${crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36)}`
/** What `style` is called after it */
export const styleName = `style${mark}`
/** Raw text that goes where a style element may, and is no more than text */
const styleTag = `<noframes class=x${mark} `

export function marked(html: string): string {
  return html
    .replaceAll(/(?<=[\s"'/])(style|on[a-z]{3,40})(?=\s*=)/gi, `$1${mark}`)
    .replaceAll(/<(base|link|meta|track|audio|video)(?=[\s/>])/gi, `<$1${mark}`)
    .replaceAll(/<style(?=[\s/>])/gi, styleTag)
    .replaceAll(/<\/style(?=[\s/>])/gi, '</noframes')
}

export function unmarked(text: string): string {
  return text.replaceAll(styleTag, '<style').replaceAll(mark, '')
}

/** Whether an element is a style sheet of the letter */
export function isMarkedSheet(element: Element): boolean {
  return element.localName === 'noframes' && element.getAttribute('class') === `x${mark}`
}

export function isMarked(text: string): boolean {
  return text.includes(mark)
}
