/**
 * A stranger's CSS, read by the browser's own parser in a sheet that styles nothing, and what is left of it. So what is judged is what would be
 * applied: no escape, comment or odd spelling stands between.
 */
import { allowedFunctions, isAllowedProperty, namePrefix } from './allowed.ts'

export type StyleContext = {
  /** What stands in the place of `url(…)`, as CSS; undefined: the declaration goes */
  readonly image: (url: string) => string | undefined
  /** Sees each colour, and may give another; null: the declaration goes */
  readonly colour: (property: string, value: string, isLink: boolean) => string | null
}

/** Of a style attribute. What is not valid is not there any more. */
export function cleanDeclarations(text: string, context: StyleContext): string {
  const { style } = document.createElement('div')
  style.cssText = text
  clean(style, context, false)
  return style.cssText
}

/** Of a style element. @import, @font-face, @keyframes and the like are left out. */
export function cleanStyleSheet(text: string, context: StyleContext): string {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(text)
  return cleanRules(sheet.cssRules, context, 0)
}

const maxNesting = 8

function cleanRules(rules: CSSRuleList, context: StyleContext, depth: number): string {
  if (depth > maxNesting) return ''
  return [...rules].map(rule => cleanRule(rule, context, depth)).join('')
}

function cleanRule(rule: CSSRule, context: StyleContext, depth: number): string {
  if (rule instanceof CSSStyleRule) return cleanStyleRule(rule, context)
  if (rule instanceof CSSMediaRule) {
    // which scheme is shown is decided for the whole letter (colours.ts)
    if (/prefers-color-scheme/i.test(rule.media.mediaText)) return ''
    return `@media ${rule.media.mediaText}{${cleanRules(rule.cssRules, context, depth + 1)}}`
  }
  if (rule instanceof CSSSupportsRule)
    return CSS.supports(rule.conditionText) ? cleanRules(rule.cssRules, context, depth + 1) : ''
  return ''
}

function cleanStyleRule({ selectorText, style }: CSSStyleRule, context: StyleContext): string {
  const selector = prefixedSelector(selectorText)
  if (selector === undefined) return ''
  clean(style, context, /(?:^|[\s,>+~])a(?![\w-])|hyperlink/i.test(selectorText))
  return style.length > 0 ? `${selector}{${style.cssText}}\n` : ''
}

/** Ids are prefixed in the letter. A selector that speaks of them in quotes too is let go. */
function prefixedSelector(selector: string): string | undefined {
  if (!selector.includes('#')) return selector
  if (/["'\\]/.test(selector)) return undefined
  return selector.replaceAll(/#([\w\u0080-\uffff-]+)/g, `#${namePrefix}$1`)
}

function clean(style: CSSStyleDeclaration, context: StyleContext, isLink: boolean): void {
  // a copy: declarations go while it runs
  for (const name of Array.from(style)) {
    const value = style.getPropertyValue(name)
    const cleaned = isAllowedProperty(name) ? cleanValue(name, value, context, isLink) : undefined
    if (cleaned === undefined) style.removeProperty(name)
    else if (cleaned !== value) style.setProperty(name, cleaned, style.getPropertyPriority(name))
  }
}

const colours: ReadonlySet<string> = new Set([
  'color',
  'background-color',
  '-webkit-text-fill-color',
  'background-image',
])

function cleanValue(name: string, value: string, context: StyleContext, isLink: boolean): string | undefined {
  // empty: it hangs on a custom property
  if (value === '' || value.length > 100_000) return undefined
  if (name === 'position' && !/^(?:static|relative|absolute)$/.test(value)) return undefined
  // the frame is as high as the letter: a letter as high as the frame would grow for ever
  if (/[\d.](?:[sld]?v(?:h|b|min|max))\b/i.test(value)) return undefined
  let isFine = true
  const withImages = value.replaceAll(/url\(\s*"((?:[^"\\]|\\[\s\S])*)"\s*\)/g, (_, url: string) => {
    const instead =
      name === 'background-image' || name === 'list-style-image' ? context.image(unescaped(url)) : undefined
    if (instead === undefined) isFine = false
    return instead ?? ''
  })
  // what stands in quotes is a name: of a font
  const bare = value.replaceAll(/"(?:[^"\\]|\\[\s\S])*"/g, '""').replaceAll('url("")', '')
  for (const [, called = ''] of bare.matchAll(/([\w-]*)\(/g))
    if (called !== '' && !allowedFunctions.has(called.toLowerCase())) isFine = false
  if (!isFine) return undefined
  return colours.has(name) ? (context.colour(name, withImages, isLink) ?? undefined) : withImages
}

/** A string of CSS as the browser prints it: `\"`, `\\`, `\a `. */
function unescaped(text: string): string {
  return text.replaceAll(
    /\\(?:([0-9a-f]{1,6})\s?|([\s\S]))/gi,
    (_, hex: string | undefined, other: string | undefined) =>
      hex === undefined ? (other ?? '') : String.fromCodePoint(Math.min(Number.parseInt(hex, 16), 0x10ffff)),
  )
}
