/** A passwd-file into the directory: first a report that changes nothing, then the same report carried out. */
import type { Text } from '#base/text.ts'
import { canonicalAddress } from '#formats/address/address.ts'
import type { Directory, DirectoryRefusal } from '../directory.ts'
import { splitAddress } from './model.ts'
import { parsePasswdFile } from './passwd-file.ts'
import type { PasswdEntry, PasswdNotice } from './passwd-file.ts'
import { passwdTexts } from './passwd-texts.ts'

export type PasswdImportOptions = {
  /** For hashes without `{SCHEME}` */
  readonly defaultScheme?: string
  /** For users without a domain */
  readonly domain?: string
  /** Unknown domains are added. Otherwise their users wait for a decision. */
  readonly addDomains?: boolean
  /** Users who exist get the password of the file. Otherwise they wait for a decision. */
  readonly replacePasswords?: boolean
  /** Users without a password are made all the same. Otherwise they wait for a decision. */
  readonly withoutPassword?: boolean
}

export type PasswdAct = {
  readonly line: number
  readonly address: string
  readonly act: 'add' | 'replace-password'
  readonly entry: PasswdEntry
}

export type PasswdProblemCode =
  | PasswdNotice['code']
  | 'empty'
  | 'bad-address'
  | 'bad-hash'
  | 'duplicate'
  | 'is-alias'
  | 'no-domain'
  | 'unknown-domain'
  | 'exists'
  | 'no-password'

export type PasswdProblem = {
  readonly line: number
  /** Stable; its text is in passwd-texts.ts */
  readonly code: PasswdProblemCode
  readonly address?: string
  readonly detail?: string
}

export type PasswdReport = {
  /** Lines that name a user */
  readonly found: number
  readonly willDo: readonly PasswdAct[]
  /** Domains that will be added first */
  readonly domains: readonly string[]
  readonly cannot: readonly PasswdProblem[]
  /** An option of the import says what to do with these */
  readonly needsDecision: readonly PasswdProblem[]
  /** Worth knowing; nothing is left out because of it */
  readonly noticed: readonly PasswdProblem[]
}

/** Changes nothing. */
export async function planPasswdImport(
  file: Uint8Array,
  directory: Directory,
  options: PasswdImportOptions = {},
): Promise<PasswdReport> {
  const { entries, notices } = parsePasswdFile(file, options.defaultScheme)
  const state = await stateOf(directory)
  const report = { willDo: [] as PasswdAct[], cannot: [] as PasswdProblem[], needsDecision: [] as PasswdProblem[] }
  const seen = new Map<string, number>()
  const domains = new Set<string>()
  for (const entry of entries) {
    const judged = judge(entry, state, seen, options)
    if ('act' in judged) {
      report.willDo.push(judged)
      const domain = splitAddress(judged.address)[1]
      if (!state.domains.has(domain)) domains.add(domain)
    } else {
      report[decisions.has(judged.code) ? 'needsDecision' : 'cannot'].push(judged)
    }
  }
  const failed = notices.filter(notice => !harmless.has(notice.code))
  if (entries.length === 0 && failed.length === 0) report.cannot.push({ line: 1, code: 'empty' })
  return {
    found: entries.length,
    ...report,
    cannot: [...report.cannot, ...failed].sort((a, b) => a.line - b.line),
    domains: [...domains],
    noticed: notices.filter(notice => harmless.has(notice.code)),
  }
}

export type PasswdResult = { readonly line: number; readonly address: string; readonly refused?: DirectoryRefusal }

/** Carries out what the report says, line by line; a line that is refused after all does not stop the others. May be repeated. */
export async function applyPasswdImport(report: PasswdReport, directory: Directory): Promise<readonly PasswdResult[]> {
  for (const domain of report.domains) await directory.addDomain(domain)
  const results: PasswdResult[] = []
  for (const act of report.willDo) {
    const refused = await carryOut(act, directory)
    results.push({ line: act.line, address: act.address, ...(refused ? { refused } : {}) })
  }
  return results
}

/** The sentence for a person; line and address are said by whoever lists the problems. */
export function passwdProblemText({ code, detail }: PasswdProblem): Text {
  const { en, ja } = passwdTexts[code]
  if (detail === undefined) return { en, ja }
  return { en: `${en} (${detail})`, ja: `${ja}（${detail}）` }
}

const decisions: ReadonlySet<PasswdProblemCode> = new Set(['no-domain', 'unknown-domain', 'exists', 'no-password'])
const harmless: ReadonlySet<PasswdProblemCode> = new Set(['bom', 'crlf', 'quota-not-understood'])

type State = {
  readonly domains: ReadonlySet<string>
  readonly users: ReadonlySet<string>
  readonly aliases: ReadonlySet<string>
}

async function stateOf(directory: Directory): Promise<State> {
  const [domains, users, aliases] = await Promise.all([directory.domains(), directory.users(), directory.aliases()])
  return {
    domains: new Set(domains.map(domain => domain.name)),
    users: new Set(users.map(user => user.address)),
    aliases: new Set(aliases.map(alias => alias.address)),
  }
}

function judge(
  entry: PasswdEntry,
  state: State,
  seen: Map<string, number>,
  options: PasswdImportOptions,
): PasswdAct | PasswdProblem {
  const { line } = entry
  const hasDomain = entry.user.includes('@')
  if (!hasDomain && options.domain === undefined) return { line, code: 'no-domain', address: entry.user }
  const address = canonicalAddress(hasDomain ? entry.user : `${entry.user}@${options.domain}`)
  if (address === undefined) return { line, code: 'bad-address', address: entry.user }
  const first = seen.get(address)
  if (first !== undefined) return { line, code: 'duplicate', address, detail: `line ${first}` }
  seen.set(address, line)
  if (entry.password.kind === 'bad') return { line, code: 'bad-hash', address, detail: entry.password.problem }
  if (state.aliases.has(address)) return { line, code: 'is-alias', address }
  if (!state.domains.has(splitAddress(address)[1]) && !options.addDomains)
    return { line, code: 'unknown-domain', address, detail: splitAddress(address)[1] }
  if (entry.password.kind === 'none' && !options.withoutPassword) return { line, code: 'no-password', address }
  const exists = state.users.has(address)
  if (exists && (!options.replacePasswords || entry.password.kind === 'none')) return { line, code: 'exists', address }
  return { line, address, act: exists ? 'replace-password' : 'add', entry }
}

async function carryOut(
  { address, act, entry }: PasswdAct,
  directory: Directory,
): Promise<DirectoryRefusal | undefined> {
  const hash = entry.password.kind === 'hash' ? entry.password.hash : undefined
  if (act === 'replace-password') return refusalOf(await directory.setPasswordHash(address, hash ?? ''))
  const added = await directory.addUser({
    address,
    name: entry.name,
    ...(hash === undefined ? {} : { passwordHash: hash }),
    ...(entry.quotaBytes === undefined ? {} : { quotaBytes: entry.quotaBytes }),
  })
  if ('refused' in added) return added
  return entry.enabled ? undefined : refusalOf(await directory.setEnabled(address, false))
}

function refusalOf(answer: object): DirectoryRefusal | undefined {
  return 'refused' in answer ? (answer as DirectoryRefusal) : undefined
}
