/** What home's filter found, as it stands in the letter: `X-Hikyaku-Junk: yes score=7.4 from=5 … reason=CODE:POINTS:name=value,…`. */
import type { EmailHeader } from '#protocols/jmap/wire.ts'
import { fieldsNamed } from './header.ts'

export type JunkReason = {
  readonly code: string
  readonly points: number
  readonly detail: Readonly<Record<string, string | number>>
}
export type JunkVerdict = { readonly isJunk: boolean; readonly reasons: readonly JunkReason[] }

/** Only home writes this field: it takes those out that come with a letter. */
export function junkVerdict(headers: readonly EmailHeader[]): JunkVerdict | undefined {
  const [field] = fieldsNamed(headers, 'x-hikyaku-junk')
  const [verdict, ...words] = field?.split(/\s+/) ?? []
  if (verdict !== 'yes' && verdict !== 'no') return undefined
  const reasons = words.flatMap(word =>
    word.startsWith('reason=') ? (readReason(word.slice('reason='.length)) ?? []) : [],
  )
  return { isJunk: verdict === 'yes', reasons }
}

function readReason(text: string): JunkReason | undefined {
  const [code = '', points = '', details = ''] = text.split(':')
  if (!/^[a-z0-9-]{1,60}$/.test(code) || points === '' || !Number.isFinite(Number(points))) return undefined
  const detail = details.split(',').flatMap(one => {
    const [name = '', value = ''] = one.split('=')
    return name === '' ? [] : [[decoded(name), valueOf(value)] as const]
  })
  return { code, points: Number(points), detail: Object.fromEntries(detail) }
}

/** Numbers begin with `+`. */
function valueOf(text: string): string | number {
  return /^\+-?[0-9.e+-]+$/.test(text) && Number.isFinite(Number(text.slice(1))) ? Number(text.slice(1)) : decoded(text)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
