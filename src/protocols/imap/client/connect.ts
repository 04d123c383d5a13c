/** From nothing to a client that is logged in: connection, TLS, greeting, login, within one budget. */
import { deadline } from '#base/deadline.ts'
import { dial, type DialTarget } from '#net/dial.ts'
import type { ClientTls } from '#net/handshake.ts'
import { ImapClient, secure, type ImapClientOptions } from './client.ts'
import { ConnectionBroken, ImapFailure, NotSecure, ServerSilent } from './failure.ts'
import { connectMs } from './limits.ts'
import type { ImapLogin } from './log-in.ts'

export type ImapConnectOptions = ImapClientOptions & {
  /** An address (never a name: resolve it first), or a unix socket */
  readonly to: DialTarget
  /** `none` is for loopback and tests: the password may cross in the clear. */
  readonly tls: (ClientTls & { readonly from: 'start' | 'starttls' }) | 'none'
  readonly login?: ImapLogin
  /** Use COMPRESS=DEFLATE where the server has it */
  readonly compress?: boolean
  readonly budgetMs?: number
}

/** Throws an `ImapFailure`, or the signal's reason after an abort. */
export async function connectImap(options: ImapConnectOptions): Promise<ImapClient> {
  const { signal } = options
  signal?.throwIfAborted()
  const budgetMs = options.budgetMs ?? connectMs
  using budget = deadline(signal ?? new AbortController().signal, budgetMs)
  try {
    return await connect(options, budget.signal, budgetMs)
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (budget.signal.aborted) throw new ServerSilent('The server took too long to get ready', { cause: error })
    if (error instanceof ImapFailure) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new ConnectionBroken(`No connection: ${why}`, { cause: error })
  }
}

async function connect(options: ImapConnectOptions, budget: AbortSignal, budgetMs: number): Promise<ImapClient> {
  const { tls, login } = options
  const connection = await dial(options.to, budget)
  // whatever waits below is cut when the budget is spent
  const cut = () => connection.destroy()
  budget.addEventListener('abort', cut)
  try {
    if (tls !== 'none' && tls.from === 'start') await secure(connection, tls, budgetMs)
    const client = await ImapClient.open(connection, options)
    if (tls !== 'none' && tls.from === 'starttls') {
      if (!(await client.capability()).has('STARTTLS') && !client.preauthenticated)
        throw new NotSecure('The server offers no STARTTLS')
      await client.startTls(tls, budgetMs)
    }
    if (login && !client.preauthenticated) await client.login(login.user, login.password)
    if (options.compress && (await client.capability()).has('COMPRESS=DEFLATE')) await client.compress()
    return client
  } catch (error) {
    connection.destroy()
    throw error
  } finally {
    budget.removeEventListener('abort', cut)
  }
}
