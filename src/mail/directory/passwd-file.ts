/**
 * Dovecot's passwd-file: `user:{SCHEME}hash:uid:gid:gecos:home:shell:extra`, one user a line. Reading only: what of it can be
 * taken over is decided in passwd-import.ts.
 */
import { isHashProblem, parseStoredHash } from '../passwords/stored-hash.ts'

export type PasswdEntry = {
  /** 1 is the first line of the file */
  readonly line: number
  /** As written */
  readonly user: string
  readonly password:
    | { readonly kind: 'hash'; readonly hash: string }
    /** An empty field, or `nopassword`: nobody can log in until a password is set */
    | { readonly kind: 'none' }
    | { readonly kind: 'bad'; readonly problem: string }
  /** From the gecos field, before its first comma */
  readonly name: string
  readonly quotaBytes: number | undefined
  /** `nologin` among the extra fields */
  readonly enabled: boolean
}

export type PasswdNotice = {
  readonly line: number
  readonly code: 'bom' | 'crlf' | 'quota-not-understood' | 'bad-line' | 'not-utf8' | 'too-many-lines'
  readonly detail?: string
}

export type PasswdFile = { readonly entries: readonly PasswdEntry[]; readonly notices: readonly PasswdNotice[] }

/** More users than one machine serves; the rest of a longer file is reported, not read. */
const maxLines = 200_000

/** @param defaultScheme for hashes without `{SCHEME}`; Dovecot's own default is CRYPT */
export function parsePasswdFile(bytes: Uint8Array, defaultScheme = 'CRYPT'): PasswdFile {
  const entries: PasswdEntry[] = []
  const notices: PasswdNotice[] = []
  const text = decode(bytes)
  if (text === undefined) return { entries, notices: [{ line: 1, code: 'not-utf8' }] }
  if (text.startsWith('\ufeff')) notices.push({ line: 1, code: 'bom' })
  const lines = text.replace(/^\ufeff/, '').split('\n')
  const crlf = lines.findIndex(line => line.endsWith('\r'))
  if (crlf >= 0) notices.push({ line: crlf + 1, code: 'crlf' })
  if (lines.length > maxLines) notices.push({ line: maxLines + 1, code: 'too-many-lines' })
  for (const [index, written] of lines.slice(0, maxLines).entries()) {
    const line = written.replace(/\r$/, '')
    if (line.trim() === '' || line.startsWith('#')) continue
    readLine(line, index + 1, defaultScheme, entries, notices)
  }
  return { entries, notices }
}

function readLine(
  line: string,
  number: number,
  defaultScheme: string,
  entries: PasswdEntry[],
  notices: PasswdNotice[],
): void {
  const [user = '', password, , , gecos = '', , , ...rest] = line.split(':')
  if (password === undefined || user.trim() === '') {
    notices.push({ line: number, code: 'bad-line' })
    return
  }
  // a quota rule holds colons itself
  const extra = extraFields(rest.join(':'))
  const rule = extra.get('userdb_quota_rule')
  const quotaBytes = rule === undefined ? undefined : quotaOf(rule)
  if (rule !== undefined && quotaBytes === undefined)
    notices.push({ line: number, code: 'quota-not-understood', detail: rule })
  entries.push({
    line: number,
    user: user.trim(),
    password: passwordOf(password, extra.has('nopassword'), defaultScheme),
    name: gecos.split(',')[0]?.trim() ?? '',
    quotaBytes: quotaBytes === 0 ? undefined : quotaBytes,
    enabled: !extra.has('nologin'),
  })
}

/** The hash with its scheme spelled out, so that it means the same wherever it is read later. */
function passwordOf(field: string, nopassword: boolean, defaultScheme: string): PasswdEntry['password'] {
  if (nopassword || field === '') return { kind: 'none' }
  const parsed = parseStoredHash(field, defaultScheme)
  if (isHashProblem(parsed)) return { kind: 'bad', problem: parsed.problem }
  return { kind: 'hash', hash: field.startsWith('{') || field.startsWith('$') ? field : `{${defaultScheme}}${field}` }
}

function extraFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const field of text.split(/[ \t]+/)) {
    const at = field.indexOf('=')
    if (at > 0) fields.set(field.slice(0, at).toLowerCase(), field.slice(at + 1))
    else if (field !== '') fields.set(field.toLowerCase(), '')
  }
  return fields
}

const unitBytes: Readonly<Record<string, number>> = {
  '': 1024,
  B: 1,
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
}

/** `*:storage=10G`, `*:bytes=1000`, joined by colons; storage counts KiB without a unit. 0 is without limit. */
function quotaOf(rule: string): number | undefined {
  const [root, ...limits] = rule.split(':')
  if (root !== '*') return undefined
  for (const limit of limits) {
    const [, what, digits, unit = ''] = /^(storage|bytes)=(\d{1,12})([BKMGT]?)$/i.exec(limit) ?? []
    if (digits === undefined) continue
    const scale = unit === '' && what?.toLowerCase() === 'bytes' ? 1 : (unitBytes[unit.toUpperCase()] ?? 1)
    const bytes = Number(digits) * scale
    return Number.isSafeInteger(bytes) ? bytes : undefined
  }
  return undefined
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
