/** Codes by which callers tell our failures apart; all of them are temporary for the peer (451, 452, [UNAVAILABLE]). */
export type AccountFailureCode =
  | 'NO_ACCOUNT'
  /** The database failed its check and is not touched until someone looks */
  | 'DAMAGED'
  /** The database cannot be opened, read or written just now */
  | 'UNUSABLE'
  /** The group's commit did not reach the disk: nothing of it happened */
  | 'COMMIT_FAILED'
  /** Perhaps it happened: who tries again is told. Nothing of it may be thrown away */
  | 'UNCERTAIN'
  /** A large message whose file is not there */
  | 'NO_FILE'
  /** What was answered is refused after all */
  | 'REFUSED'
  | 'DISK_FULL'
  /** Stored bytes no longer match their checksum */
  | 'CORRUPT_MESSAGE'

export class AccountFailure extends Error {
  override readonly name = 'AccountFailure'
  readonly code: AccountFailureCode
  constructor(code: AccountFailureCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export function accountFailure(code: AccountFailureCode, message: string, cause?: unknown): AccountFailure {
  return new AccountFailure(code, message, cause === undefined ? undefined : { cause })
}

const sqliteBusy = 5
const sqliteFull = 13
const sqliteCorrupt = 11
const sqliteNotADatabase = 26

export function isDiskFull(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  return code === 'DISK_FULL' || code === 'ENOSPC' || code === 'EDQUOT' || primaryCode(errcode) === sqliteFull
}

export function isCorruption(error: unknown): boolean {
  const code = primaryCode((error as { errcode?: unknown } | undefined)?.errcode)
  return code === sqliteCorrupt || code === sqliteNotADatabase
}

export function isBusy(error: unknown): boolean {
  return primaryCode((error as { errcode?: unknown } | undefined)?.errcode) === sqliteBusy
}

/** SQLite's extended codes carry more detail above the low octet. */
function primaryCode(errcode: unknown): number | undefined {
  return typeof errcode === 'number' ? errcode & 0xff : undefined
}

export function failureOf(error: unknown): { readonly message: string; readonly code?: string } {
  if (isDiskFull(error)) return { message: 'The disk is full', code: 'DISK_FULL' }
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof AccountFailure) return { message, code: error.code }
  if ((error as { code?: unknown } | undefined)?.code === 'ERR_SQLITE_ERROR')
    return { message, code: isCorruption(error) ? 'DAMAGED' : 'UNUSABLE' }
  return { message }
}
