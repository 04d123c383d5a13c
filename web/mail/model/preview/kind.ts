/** How an attached file can be looked at without leaving the page. Pure; what a file truly is, its octets tell later. */
import type { LetterPart } from '../conversation.ts'

export type PreviewKind = 'image' | 'pdf' | 'text' | 'table' | 'letter' | 'calendar' | 'contacts' | 'archive'

/** Octets; what is larger is for a program of its own */
export const maxPreviewBytes = 25 * 1024 * 1024

const imageTypes = /^image\/(?:png|p?jpe?g|gif|webp|avif)$/
const imageNames = /\.(?:png|jpe?g|gif|webp|avif)$/
const textTypes =
  /^(?:text\/|image\/svg\+xml$|application\/(?:json|xml|yaml|x-yaml|javascript|x-sh|sql|toml|x-httpd-php|.*\+(?:json|xml)$))/
const textNames =
  /\.(?:txt|text|log|md|markdown|json|jsonl|xml|svg|html?|xhtml|ya?ml|toml|ini|conf|cfg|env|sh|bash|zsh|fish|ps1|bat|cmd|py|rb|pl|php|js|mjs|cjs|ts|tsx|jsx|css|scss|less|c|h|cc|cpp|hpp|cs|java|kt|go|rs|swift|lua|r|sql|diff|patch|tex|srt|vtt|asc|sig|pem|crt|properties|gradle|dockerfile|makefile|sieve)$/
/** What says nothing, or is said of everything */
const vague: ReadonlySet<string> = new Set([
  'application/octet-stream',
  'application/x-download',
  'application/download',
  '',
])

/** By its type; by its name where the type is vague. Undefined: it is only for a program of its own. */
export function previewKind({ type, name, size }: Pick<LetterPart, 'type' | 'name' | 'size'>): PreviewKind | undefined {
  if (size > maxPreviewBytes) return undefined
  const [said, file] = [type.toLowerCase(), name?.trim().toLowerCase() ?? '']
  return byType(said, file) ?? (vague.has(said) || said === 'text/plain' ? byName(file) : undefined) ?? plainText(said)
}

function byType(type: string, file: string): PreviewKind | undefined {
  if (imageTypes.test(type)) return 'image'
  if (type === 'application/pdf' || type === 'application/x-pdf') return 'pdf'
  if (type === 'message/rfc822' || type === 'message/global') return 'letter'
  if (type === 'text/calendar' || type === 'application/ics') return 'calendar'
  if (type === 'text/vcard' || type === 'text/x-vcard' || type === 'text/directory') return 'contacts'
  if (/^text\/(?:csv|comma-separated-values|tab-separated-values)$/.test(type)) return 'table'
  // Windows says so of every .csv
  if (type === 'application/vnd.ms-excel' && file.endsWith('.csv')) return 'table'
  if (/^application\/(?:zip|x-zip-compressed|x-zip)$/.test(type)) return 'archive'
  return undefined
}

function byName(file: string): PreviewKind | undefined {
  if (imageNames.test(file)) return 'image'
  if (file.endsWith('.pdf')) return 'pdf'
  if (file.endsWith('.eml')) return 'letter'
  if (/\.(?:ics|ical)$/.test(file)) return 'calendar'
  if (/\.(?:vcf|vcard)$/.test(file)) return 'contacts'
  if (/\.(?:csv|tsv)$/.test(file)) return 'table'
  if (file.endsWith('.zip')) return 'archive'
  return textNames.test(file) ? 'text' : undefined
}

function plainText(type: string): PreviewKind | undefined {
  return textTypes.test(type) ? 'text' : undefined
}
