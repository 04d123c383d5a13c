/** Dovecot's passwd-file: `user@domain:{SCHEME}hash:uid:gid:gecos:home:shell:extra`, or `address:hash`. Blank lines and # are skipped. */
import type { Text } from '#base/text.ts'
import { directoryRefusalText } from '#mail/directory-texts.ts'
import { isDirectoryRefusal } from '#mail/directory/plan.ts'
import type { Directory } from '#mail/directory.ts'
import { isHashProblem, parseStoredHash } from '#mail/passwords/stored-hash.ts'
import type { Refused } from './admin-operation.ts'

export type ImportedLine = {
  /** 1-based */
  readonly line: number
  readonly address: string
  readonly outcome: 'added' | 'would-add' | 'exists' | 'problem'
  readonly text?: Text
}

export type PasswdFileImport = { readonly text: string; readonly dryRun: boolean; readonly addDomains: boolean }

type Entry = { readonly line: number; readonly address: string; readonly hash: string; readonly name: string }

const noUsers: Refused = {
  refused: 'AUTH-NOUSERS',
  text: {
    en: 'no user in this file: is it the right one?',
    ja: 'このファイルに利用者が1件もありません。正しいファイルですか?',
  },
}

export async function importPasswdFile(
  directory: Directory,
  input: PasswdFileImport,
): Promise<readonly ImportedLine[] | Refused> {
  const entries = readPasswdFile(input.text)
  if (entries.length === 0) return noUsers
  const domains = new Set((await directory.domains()).map(domain => domain.name))
  const lines: ImportedLine[] = []
  for (const entry of entries) lines.push(await importEntry(directory, entry, domains, input))
  return lines
}

/** Tolerates a byte order mark and CRLF, which editors leave behind. */
export function readPasswdFile(text: string): readonly Entry[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .flatMap((line, index) => {
      if (line.trim() === '' || line.trimStart().startsWith('#')) return []
      const [address = '', hash = '', , , gecos = ''] = line.split(':')
      return [{ line: index + 1, address: address.trim(), hash: hash.trim(), name: gecos.split(',')[0] ?? '' }]
    })
}

async function importEntry(
  directory: Directory,
  entry: Entry,
  domains: Set<string>,
  { dryRun, addDomains }: PasswdFileImport,
): Promise<ImportedLine> {
  const { line, address } = entry
  const problem = (text: Text): ImportedLine => ({ line, address, outcome: 'problem', text })
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase()
  if (!address.includes('@')) return problem(directoryRefusalText({ refused: 'bad-address' }))
  if (!domains.has(domain)) {
    if (!addDomains) return problem(directoryRefusalText({ refused: 'no-such-domain', detail: domain }))
    const added = dryRun ? {} : await directory.addDomain(domain)
    if (isDirectoryRefusal(added)) return problem(directoryRefusalText(added))
    domains.add(domain)
  }
  if (await directory.user(address)) return { line, address, outcome: 'exists' }
  const parsed = entry.hash === '' ? { problem: 'empty' } : parseStoredHash(entry.hash)
  if (isHashProblem(parsed)) return problem(directoryRefusalText({ refused: 'bad-hash', detail: parsed.problem }))
  if (dryRun) return { line, address, outcome: 'would-add' }
  const passwordHash = entry.hash.startsWith('{') ? entry.hash : `{CRYPT}${entry.hash}`
  const user = await directory.addUser({ address, passwordHash, ...(entry.name !== '' && { name: entry.name }) })
  return 'refused' in user ? problem(directoryRefusalText(user)) : { line, address, outcome: 'added' }
}
