/**
 * The recipient list as a file: home writes it, the gateway reads it. JSON:
 *
 *     { "version": 1, "writtenAt": 1790000000000, "names": "plain",
 *       "domains": [{ "name": "home.test", "separators": "+", "catchAll": false }],
 *       "recipients": { "hanako@home.test": "known", "old@home.test": "disabled", "left@home.test": "deleted" } }
 *
 * `names` tells how the keys of `recipients` are written; keyed hashes will be another value of it.
 */
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemClock, type Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { canonicalAddress } from '#formats/address/address.ts'
import { canonicalDomain } from '#formats/address/domain.ts'
import type { Directory } from './directory.ts'

export type ListContent = {
  readonly version: 1
  /** Milliseconds since 1970 */
  readonly writtenAt: number
  readonly names: 'plain'
  readonly domains: readonly ListedDomain[]
  /** Canonical address → */
  readonly recipients: Readonly<Record<string, ListedState>>
}

/** `deleted`: there was such a name; it is unknown, also where a catch-all takes the others */
export type ListedState = 'known' | 'disabled' | 'deleted'
const listedStates: ReadonlySet<unknown> = new Set<ListedState>(['known', 'disabled', 'deleted'])

export type ListedDomain = { readonly name: string; readonly separators: string; readonly catchAll: boolean }

/** Written again so often although nothing changed, so that its age tells whether home is there. */
const rewriteMs = 5 * 60 * 1000
/** Changes that come together are written together. */
const gatherMs = 50

type ListedDirectory = Pick<Directory, 'domains' | 'users' | 'aliases' | 'deletedNames'>

export async function listContent(directory: ListedDirectory, now: number): Promise<ListContent> {
  const [domains, users, aliases, deleted] = await Promise.all([
    directory.domains(),
    directory.users(),
    directory.aliases(),
    directory.deletedNames(),
  ])
  const recipients: Record<string, ListedState> = Object.create(null) as Record<string, never>
  for (const address of deleted) recipients[canonicalAddress(address) ?? address] = 'deleted'
  for (const { address } of aliases) recipients[canonicalAddress(address) ?? address] = 'known'
  // A user comes before an alias of the same name
  for (const { address, enabled } of users)
    recipients[canonicalAddress(address) ?? address] = enabled ? 'known' : 'disabled'
  const listed = domains.map(({ name, separators, catchAll }) => ({
    name,
    separators,
    catchAll: catchAll !== undefined,
  }))
  return { version: 1, writtenAt: now, names: 'plain', domains: listed, recipients }
}

/** Whole or not at all: a reader sees the old list or the new one. On disk when it resolves. */
export async function writeRecipientList(
  directory: ListedDirectory,
  file: string,
  clock: Clock = systemClock,
): Promise<void> {
  const text = JSON.stringify(await listContent(directory, clock.now()))
  const folder = dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const temporary = `${file}.new`
  try {
    await using handle = await open(temporary, 'w', 0o600)
    await handle.writeFile(text)
    await handle.sync()
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await rename(temporary, file)
  await using folderHandle = await open(folder, 'r')
  await folderHandle.sync()
}

/** Writes the list now, after every change and every five minutes, until disposed. A failed write is tried again with the next. */
export async function keepRecipientListWritten(options: {
  readonly directory: ListedDirectory & Pick<Directory, 'watch'>
  readonly file: string
  readonly clock: Clock
  readonly log: Log
  readonly rewriteMs?: number
}): Promise<AsyncDisposable> {
  let writing: Promise<void> = Promise.resolve()
  let gathering: NodeJS.Timeout | undefined
  const write = () => {
    writing = writing
      .then(() => writeRecipientList(options.directory, options.file, options.clock))
      .catch((error: unknown) => options.log.error('The recipient list could not be written', { error: String(error) }))
  }
  const watch = options.directory.watch(() => {
    gathering ??= setTimeout(() => {
      gathering = undefined
      write()
    }, gatherMs)
  })
  const timer = setInterval(write, options.rewriteMs ?? rewriteMs)
  timer.unref()
  write()
  await writing
  return {
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]()
      clearInterval(timer)
      if (gathering) {
        clearTimeout(gathering)
        write()
      }
      await writing
    },
  }
}

/** Undefined with the reason when the text is no list that can be relied on. */
export function readListContent(text: string): ListContent | { readonly problem: string } {
  let read: Partial<ListContent> | null
  try {
    read = JSON.parse(text) as Partial<ListContent> | null
  } catch {
    return { problem: 'not JSON' }
  }
  if (read?.version !== 1 || read.names !== 'plain') return { problem: 'written by another version' }
  const { domains, recipients, writtenAt } = read
  if (!Number.isSafeInteger(writtenAt)) return { problem: 'without a date' }
  if (!Array.isArray(domains) || !domains.every(isListedDomain)) return { problem: 'domains are broken' }
  if (typeof recipients !== 'object' || recipients === null || Array.isArray(recipients))
    return { problem: 'recipients are broken' }
  if (!Object.values(recipients).every(state => listedStates.has(state))) return { problem: 'recipients are broken' }
  return read as ListContent
}

function isListedDomain(value: unknown): value is ListedDomain {
  const domain = value as Partial<ListedDomain> | null
  return (
    typeof domain?.name === 'string' &&
    canonicalDomain(domain.name) === domain.name &&
    typeof domain.separators === 'string' &&
    typeof domain.catchAll === 'boolean'
  )
}
