/** A name server from a table, and a clock that a test moves. */
import type { Clock } from '#base/clock.ts'
import type { DnsAnswer, NameServer } from '../name-server.ts'
import type { SessionFacts } from '../receiving.ts'

/** `A name`, `AAAA name`, `TXT name`, `PTR address` → values; 'broken' for SERVFAIL, 'silent' for no answer. What is absent is NXDOMAIN. */
export type Names = Record<string, readonly string[] | 'broken' | 'silent'>

export type TableNameServer = NameServer & { readonly table: Names; readonly asked: string[] }

export function tableNameServer(table: Names): TableNameServer {
  const asked: string[] = []
  const answer = (type: string) => (name: string, signal?: AbortSignal) => {
    const question = `${type} ${name}`
    asked.push(question)
    return answerOf(table[question], signal)
  }
  return {
    table,
    asked,
    a: answer('A'),
    aaaa: answer('AAAA'),
    txt: answer('TXT'),
    ptr: answer('PTR'),
    mx: async () => ({ kind: 'none' }),
  }
}

async function answerOf(
  values: Names[string] | undefined,
  signal: AbortSignal | undefined,
): Promise<DnsAnswer<readonly string[]>> {
  if (values === 'broken') return { kind: 'temporary', reason: 'ESERVFAIL' }
  if (values === 'silent') {
    await new Promise(resolve => signal?.addEventListener('abort', resolve, { once: true }))
    return { kind: 'temporary', reason: 'ABORTED' }
  }
  return values === undefined ? { kind: 'none' } : { kind: 'found', value: values }
}

export type MovedClock = Clock & { passMs: number }

export function movedClock(start = 1_000_000_000_000): MovedClock {
  const clock: MovedClock = { passMs: 0, now: () => start + clock.passMs, monotonic: () => clock.passMs }
  return clock
}

let sessions = 0

export function stranger(clientAddress: string, more: Partial<SessionFacts> = {}): SessionFacts {
  return {
    id: `s${++sessions}`,
    profile: 'mx',
    clientAddress,
    clientPort: 4321,
    localPort: 25,
    helo: 'mx.internet.test',
    tls: undefined,
    login: undefined,
    gateway: undefined,
    ...more,
  }
}
