/** Plain text, subjects and names of files, which a careless reader takes for HTML. */
import { type Attack, filled, type Payload } from './attack.ts'

const rows: readonly (readonly [string, string, string?])[] = [
  ['a tag', '<img src=x: onerror=JS>'],
  ['a script', '<script>JS</script>'],
  ['after a quote', '"><img src=x: onerror=JS>'],
  ['after an apostrophe', "'><svg onload=JS>"],
  ['in a quoted line', '> <img src=x: onerror=JS>\n> x'],
  ['in an address', 'https://example.org/<svg/onload=JS>'],
  ['in an address of mail', '<svg/onload=JS>@example.org'],
  ['in a signature', '-- \n<img src=x: onerror=JS>'],
  ['entities', '&lt;img src=x: onerror=JS&gt;', 'text stays text'],
]

const asText = (html: string) => ({ text: filled(html) })
const asLabel = (html: string) => ({ label: filled(html) })

export const texts: readonly Attack[] = [
  ...rows.map(([name, html, silent]) => ({
    name: `text: ${name}`,
    tries: 'script' as const,
    ...asText(html),
    ...(silent !== undefined && { silent }),
  })),
  ...rows.slice(0, 4).map(([name, html]) => ({ name: `subject: ${name}`, tries: 'script' as const, ...asLabel(html) })),
  { name: 'name of a file', tries: 'script', ...asLabel('<svg onload=JS>.pdf') },
  {
    name: 'name of a file that turns round',
    tries: 'script',
    silent: 'order of showing',
    label: ({ js }: Payload) => `invoice\u202efdp.${js}`,
  },
  {
    name: 'text: javascript: address',
    tries: 'script',
    silent: 'no program makes a link of it',
    ...asText('javascript:JS'),
  },
]
