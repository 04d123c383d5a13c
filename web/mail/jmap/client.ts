/** JMAP over fetch: the session object, calls in batches, blobs. What is read is asked for again when the network fails; what is written only where that is harmless. */
import {
  coreCapability,
  type CoreCapability,
  type Id,
  mailCapability,
  type Response as JmapResponse,
  type Session,
} from '#protocols/jmap/wire.ts'
import { Answers, Batch } from './batch.ts'
import { Fault } from './fault.ts'
import { ask } from './request.ts'

export type SendOptions = {
  readonly signal?: AbortSignal
  /** False for what must not happen twice: a letter that is sent, an email that is made */
  readonly again?: boolean
}

export type Client = {
  readonly accountId: Id
  readonly session: Session
  readonly limits: CoreCapability
  batch(): Batch
  send(batch: Batch, options?: SendOptions): Promise<Answers>
  /** Where files go up: model/compose/upload.ts, which sees how far they are */
  readonly uploadPath: string
  /** A path of our own server, which answers with the blob as a file of this name and type */
  downloadUrl(blobId: Id, name: string, type?: string): string
  eventSourceUrl(types: readonly string[], pingSeconds: number): string
}

export type ClientOptions = {
  /** The session has ended: whatever is asked for from now on fails. */
  readonly onSignedOut: () => void
  readonly wait?: (ms: number) => Promise<void>
}

const tries = 4
const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

export async function openClient(options: ClientOptions): Promise<Client> {
  return clientFor((await (await retried(() => ask('/jmap/session'), options)).json()) as Session, options)
}

/** By a session object that is known already */
export function clientFor(session: Session, options: ClientOptions): Client {
  const accountId = session.primaryAccounts[mailCapability] ?? ''
  const using = Object.keys(session.capabilities)
  // behind a proxy the server may not know its own name: the paths are right in any case
  const pathOf = (template: string) => template.replace(/^https?:\/\/[^/]+/, '')
  const fill = (template: string, values: Readonly<Record<string, string>>) =>
    pathOf(template).replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''))
  return {
    accountId,
    session,
    limits: session.capabilities[coreCapability],
    batch: () => new Batch(accountId),
    async send(batch, { signal, again = true } = {}) {
      const json = { using, methodCalls: batch.calls }
      const post = () => ask(pathOf(session.apiUrl), { method: 'POST', json, signal })
      const response = await (again ? retried(post, options, signal) : noticed(post, options))
      return new Answers(((await response.json()) as JmapResponse).methodResponses)
    },
    uploadPath: fill(session.uploadUrl, { accountId }),
    downloadUrl: (blobId, name, type = 'application/octet-stream') =>
      fill(session.downloadUrl, { accountId, blobId, name, type }),
    eventSourceUrl: (types, pingSeconds) =>
      fill(session.eventSourceUrl, { types: types.join(','), closeafter: 'no', ping: String(pingSeconds) }),
  }
}

async function noticed(act: () => Promise<Response>, { onSignedOut }: ClientOptions): Promise<Response> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof Fault && error.kind === 'signed-out') onSignedOut()
    throw error
  }
}

/** Waits 0.3, 1 and 3 seconds, or as long as the server says, up to ten. */
async function retried(act: () => Promise<Response>, options: ClientOptions, signal?: AbortSignal): Promise<Response> {
  const wait = options.wait ?? sleep
  for (let failed = 1; ; failed++) {
    try {
      return await noticed(act, options)
    } catch (error) {
      signal?.throwIfAborted()
      const isBusy = error instanceof Fault && (error.kind === 'unreachable' || error.problem?.status === 429)
      if (!isBusy || failed === tries) throw error
      await wait(Math.min(error.retryAfterMs ?? 100 * 3 ** failed, 10_000))
    }
  }
}
