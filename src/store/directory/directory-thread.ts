/** The thread that owns directory.db: reads it whole once, then writes changes, many in one commit. */
import { fileURLToPath } from 'node:url'
import { Database, migrate } from '../sqlite.ts'
import type { SQLInputValue } from '../sqlite.ts'
import { serveThread, threadData } from '../thread-port.ts'
import type { Batch } from '../thread-port.ts'
import type { ThreadCall } from '../thread.ts'
import type { DirectoryRows, DirectoryStep } from './rows.ts'

const { path } = threadData as { path: string }
const database = new Database(path, { durability: 'FULL', busyTimeoutMs: 5_000 })
migrate(database, fileURLToPath(new URL('./migrations', import.meta.url)))

const selectDomains = 'SELECT name, catch_all AS catchAll, separators, created_at AS createdAt FROM domain'
const selectUsers = `SELECT account, address, name, enabled, language, quota_bytes AS quotaBytes, administrator,
  pop3_mailbox AS pop3Mailbox, password_hash AS passwordHash, password_version AS passwordVersion, scram_salt AS scramSalt,
  scram_iterations AS scramIterations, scram, created_at AS createdAt FROM user`
const selectAliases = 'SELECT address, targets, created_at AS createdAt FROM alias'
const selectDeleted = 'SELECT address, kind, account, deleted_at AS deletedAt FROM deleted_address'
const selectAccess = `SELECT id, account, kind, hash, name, detail, created_at AS createdAt, last_used_at AS lastUsedAt
  FROM access`

const puts = {
  domain: `INSERT INTO domain (name, catch_all, separators, created_at)
    VALUES (:name, :catchAll, :separators, :createdAt)
    ON CONFLICT DO UPDATE SET catch_all = :catchAll, separators = :separators`,
  user: `INSERT INTO user (account, address, name, enabled, language, quota_bytes, administrator, pop3_mailbox,
    password_hash, password_version, scram_salt, scram_iterations, scram, created_at)
    VALUES (:account, :address, :name, :enabled, :language, :quotaBytes, :administrator, :pop3Mailbox,
    :passwordHash, :passwordVersion, :scramSalt, :scramIterations, :scram, :createdAt)
    ON CONFLICT (account) DO UPDATE SET name = :name, enabled = :enabled, language = :language,
    quota_bytes = :quotaBytes, administrator = :administrator, pop3_mailbox = :pop3Mailbox, password_hash = :passwordHash, password_version = :passwordVersion, scram = :scram`,
  alias: `INSERT INTO alias (address, targets, created_at) VALUES (:address, :targets, :createdAt)
    ON CONFLICT DO UPDATE SET targets = :targets`,
  deleted: `INSERT INTO deleted_address (address, kind, account, deleted_at) VALUES (:address, :kind, :account, :deletedAt)
    ON CONFLICT DO UPDATE SET kind = :kind, account = :account, deleted_at = :deletedAt`,
  access: `INSERT INTO access (id, account, kind, hash, name, detail, created_at, last_used_at)
    VALUES (:id, :account, :kind, :hash, :name, :detail, :createdAt, :lastUsedAt)
    ON CONFLICT (id) DO UPDATE SET hash = :hash, name = :name, detail = :detail, last_used_at = :lastUsedAt`,
} as const

const drops = {
  domain: 'DELETE FROM domain WHERE name = ?',
  user: 'DELETE FROM user WHERE account = ?',
  alias: 'DELETE FROM alias WHERE address = ?',
  deleted: 'DELETE FROM deleted_address WHERE address = ?',
  access: 'DELETE FROM access WHERE id = ?',
} as const

serveThread(runBatch, () => database.close())

function runBatch(batch: Batch): void {
  const answers: { call: ThreadCall; output?: unknown; error?: Error }[] = []
  try {
    database.write(() => {
      for (const call of batch.calls) {
        // one bad change does not sink its batch
        try {
          answers.push({ call, output: database.savepoint(() => runCall(call)) })
        } catch (error) {
          answers.push({ call, error: error as Error })
        }
      }
    })
  } catch (error) {
    for (const call of batch.calls) batch.refuse(call, (error as Error).message, 'COMMIT')
    return
  }
  for (const { call, output, error } of answers)
    if (error) batch.refuse(call, error.message)
    else batch.answer(call, output)
}

function runCall(call: ThreadCall): unknown {
  if (call.operation === 'load') return load()
  if (call.operation === 'change') return change(call.input as readonly DirectoryStep[])
  throw new Error(`No operation ${call.operation}`)
}

function load(): DirectoryRows {
  const all = (sql: string) => database.prepare(sql).all()
  // rows have a null prototype, which structured clone turns into plain objects
  return {
    domains: all(selectDomains),
    users: all(selectUsers),
    aliases: all(selectAliases),
    deleted: all(selectDeleted),
    access: all(selectAccess),
  } as unknown as DirectoryRows
}

function change(steps: readonly DirectoryStep[]): undefined {
  for (const step of steps) {
    if ('put' in step) database.prepare(puts[step.put]).run(step.row as Record<string, SQLInputValue>)
    else database.prepare(drops[step.drop]).run(step.key)
  }
  return undefined
}
