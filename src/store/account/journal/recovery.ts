/** What a crash left in the journals: read once, when a writer thread starts, each thread for the accounts that are its own. */
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { AccountFailure } from '../failures.ts'
import { syncFolderNow } from '../message-files.ts'
import type { OpenWriters } from '../open-writers.ts'
import type { DeferredCommits } from './deferred.ts'
import { readJournal } from './journal.ts'
import { parseRecord } from './append-record.ts'

export const journalFolder = 'journal'
const suffix = '.journal'

/** Paths of the journals that are there, of this boot and of earlier ones. Makes the folder. */
export function journalsIn(folder: string): readonly string[] {
  const path = join(folder, journalFolder)
  // What is answered out of a journal needs the names above it as well
  if (mkdirSync(path, { recursive: true, mode: 0o700 })) {
    syncFolderNow(folder)
    syncFolderNow(join(folder, '..'))
  }
  return readdirSync(path)
    .filter(name => name.endsWith(suffix))
    .map(name => join(path, name))
}

export type RecoveryOptions = {
  readonly journals: readonly string[]
  readonly writers: OpenWriters
  readonly deferred: DeferredCommits
  isMine(account: string): boolean
  /** Nobody knows what it holds: it stays where it is, and so does what it may name */
  unreadable(journal: string, error: unknown): void
  /** Something stays where it is and is tried again later */
  failed(account: string, error: unknown): void
}

/** What cannot be brought into its account yet is owed to it. */
export function recoverJournals(options: RecoveryOptions): void {
  const { deferred, journals, writers } = options
  for (const path of journals)
    try {
      for (const { payload, place } of readJournal(path)) {
        const { account } = parseRecord(payload)
        if (options.isMine(account)) deferred.owe(account, place)
      }
    } catch (error) {
      options.unreadable(path, error)
    }
  for (const account of deferred.owing)
    try {
      writers.get(account)
    } catch (error) {
      // Removed with all its mail
      if (error instanceof AccountFailure && error.code === 'NO_ACCOUNT') deferred.drop(account)
      else options.failed(account, error)
    }
}
