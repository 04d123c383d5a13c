import assert from 'node:assert/strict'
import test from 'node:test'
import type { StoredEvent } from '#mail/events.ts'
import { printTrace } from './trace.ts'

test('where home put a letter, who decided so, and why it was not redirected', () => {
  const common = { at: 0, box: 'home', kind: 'delivered', to: 'hanako@home.test' } as const
  const events: readonly StoredEvent[] = [
    { ...common, detail: { mailboxes: 'inbox, Bills', by: 'script', effects: 2 } },
    { ...common, detail: { mailboxes: 'inbox', by: 'script', effects: 0, notRedirected: 'author not proved' } },
    { ...common, detail: { mailboxes: 'inbox', by: 'default', effects: 0 } },
  ]
  const printed = (language: 'en' | 'ja') => {
    const lines: string[] = []
    printTrace(events, { language, out: line => void lines.push(line) })
    return lines.map(line => line.trimEnd().split(' · ')[1])
  }
  assert.deepEqual(printed('en'), [
    'in inbox, Bills, by the script, 2 sent on',
    'in inbox, by the script, not redirected: nothing proves that its author is of our domain',
    undefined,
  ])
  assert.deepEqual(printed('ja'), [
    '保存先: 受信トレイ, Bills、フィルターによる、2通を送出',
    '保存先: 受信トレイ、フィルターによる、転送せず: 差出人が自ドメインの本人である証拠がないため',
    undefined,
  ])
})
