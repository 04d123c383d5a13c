/** What may not stand in a letter's frame, whoever let it in: looked for by its own list, not by the sanitiser's. */

const never =
  /^(?:script|noscript|template|iframe|frame|frameset|object|embed|applet|form|input|button|select|textarea|option|link|base|svg|math|audio|video|source|track|canvas|portal|dialog|style|title|marquee)$/
const addresses = [
  'href',
  'src',
  'srcset',
  'action',
  'formaction',
  'data',
  'poster',
  'background',
  'ping',
  'cite',
  'longdesc',
  'xlink:href',
]

export function faultsIn(document: Document): readonly string[] {
  const faults = [...faultsInTree(document.documentElement)]
  if (document.head.querySelectorAll('meta').length !== 4) faults.push('meta')
  for (const sheet of document.adoptedStyleSheets) faults.push(...faultsInRules(sheet.cssRules))
  return faults
}

export function faultsInTree(root: Element): readonly string[] {
  const faults: string[] = []
  for (const element of [root, ...root.querySelectorAll('*:not(head, head *)')]) {
    if (never.test(element.localName)) faults.push(`element ${element.localName}`)
    if (element.namespaceURI !== 'http://www.w3.org/1999/xhtml') faults.push(`namespace of ${element.localName}`)
    for (const { name, value } of element.attributes) faults.push(...faultsOf(element, name.toLowerCase(), value))
  }
  return faults
}

function faultsOf(element: Element, name: string, value: string): readonly string[] {
  if (name.startsWith('on')) return [`attribute ${name}`]
  if (name === 'id' || name === 'name') return value.startsWith('letter-') ? [] : [`${name} ${value}`]
  if (name === 'style') return faultsInCss(value)
  if (name === 'target') return value === '_blank' ? [] : [`target ${value}`]
  if (!addresses.includes(name)) return []
  if (name === 'href') {
    const isSafe = /^(?:https?:\/\/|mailto:|tel:)/.test(value) && /noopener/.test(element.getAttribute('rel') ?? '')
    return isSafe && element.getAttribute('target') === '_blank' ? [] : [`href ${value.slice(0, 60)}`]
  }
  return name === 'src' && /^(?:blob:|data:image\/(?:png|jpe?g|gif|webp|avif|bmp);)/.test(value)
    ? []
    : [`${name} ${value.slice(0, 60)}`]
}

function faultsInRules(rules: CSSRuleList): readonly string[] {
  return Array.from(rules).flatMap(rule => {
    if (rule instanceof CSSImportRule || rule.cssText.startsWith('@import')) return ['@import']
    if ('cssRules' in rule && !('selectorText' in rule)) return faultsInRules(rule.cssRules as CSSRuleList)
    if (!('selectorText' in rule)) return [`rule ${rule.cssText.slice(0, 30)}`]
    return faultsInCss(rule.cssText)
  })
}

function faultsInCss(css: string): readonly string[] {
  const faults = css.match(
    /url\((?!"(?:blob:|data:image\/))[^)]{0,60}|image-set\(|position:\s*(?:fixed|sticky)|@import|expression\(|behavior:|-moz-binding/gi,
  )
  return faults?.map(fault => `style ${fault}`) ?? []
}
