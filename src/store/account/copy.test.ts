import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { countIn } from './message-runs.ts'
import type { AccountNotice } from './operations.ts'
import { openAccountStore } from './store.ts'

const account = 'aaaaaaaaaaaaaaab'
const flags = { mode: 'replace', system: 0, keywords: [] } as const

test('a move is told in two events, however many messages: each one of a removal would cost a session its whole view', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-move-'))
  const notices: AccountNotice[] = []
  try {
    await using store = await openAccountStore({
      folder,
      writerThreads: 1,
      readerThreads: 1,
      onNotice: notice => notices.push(notice),
      onTrouble: () => undefined,
      onThreadEnd: () => undefined,
    })
    await store.write(account, 'create', { names: { trash: 'Trash' }, nowMs: 1 })
    const bytes = Buffer.from('Subject: x\r\n\r\n')
    const kept = { kind: 'memory', bytes, sizeBytes: bytes.length, traceBytes: 0, receivedHash: bytes } as const
    const messages = Array.from({ length: 100 }, () => ({ kept, flags, internalDate: 1 }))
    await store.write(account, 'append', {
      mailbox: 1,
      messages,
      replaced: undefined,
      quotaBytes: undefined,
      nowMs: 1,
      prompt: true,
    })
    notices.length = 0
    const moved = await store.write(account, 'move', { from: 1, uids: [1, 100], to: 2, nowMs: 2 })
    assert.deepEqual('refused' in moved ? moved : [...moved.to], [1, 100])
    const events = notices.flatMap(notice => notice.events)
    assert.deepEqual(
      events.map(({ kind, mailbox, runs }) => ({ kind, mailbox, length: countIn(runs) })),
      [
        { kind: 'added', mailbox: 2, length: 100 },
        { kind: 'removed', mailbox: 1, length: 100 },
      ],
    )
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})
