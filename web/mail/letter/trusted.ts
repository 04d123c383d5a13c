/**
 * The one place where strings become HTML here. `parseable` is for a parser whose document never runs anything, and for text of ours;
 * a stranger's HTML never goes into a living document as a string.
 */

type Policy = { createHTML(html: string): string; createScriptURL(url: string): string }
type Factory = { createPolicy(name: string, rules: Policy): Policy }

export const policyName = 'hikyaku-letter'

const rules: Policy = {
  createHTML: html => html,
  createScriptURL() {
    throw new TypeError('Nothing here loads scripts')
  },
}

let policy: Policy | undefined

/** Made when first needed, once for a page. */
export function letterPolicy(): Policy {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: Factory }
  return (policy ??= trustedTypes?.createPolicy(policyName, rules) ?? rules)
}
