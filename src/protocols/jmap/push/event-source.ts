/** RFC 8620 §7.3: states as server-sent events, until the client leaves, its login ends or the server stops. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { deadline } from '#base/deadline.ts'
import { whenAborted } from '#base/when-aborted.ts'
import { printAccountId } from '#mail/object-ids.ts'
import { commonHeaders, finish, sendProblem } from '../answer.ts'
import { answerMs, maxPingSeconds, minPingSeconds, silentSourceMs } from '../limits.ts'
import type { Asked } from '../site.ts'
import { plainProblem } from '../syntax/problem.ts'
import { type PushType, pushTypes, type StateChange } from '../wire.ts'
import { Bell } from './bell.ts'
import { type NewStates, StateFeed } from './state-feed.ts'

export type EventSourceQuery = {
  readonly types: ReadonlySet<PushType>
  readonly closeAfterState: boolean
  /** 0: none */
  readonly pingSeconds: number
}

export async function serveEventSource(asked: Asked): Promise<void> {
  const { visit, login, options, eventSources } = asked
  const { request, response } = visit
  const query = readQuery(visit.query)
  if (typeof query === 'string') return sendProblem(response, plainProblem(400, 'Bad Request', query))
  using open = eventSources.begin(login.account)
  if (!open)
    return sendProblem(response, plainProblem(429, 'Too Many Requests', 'Too many event sources are open'), {
      'retry-after': '60',
    })
  const account = await options.accounts.account(login.account)
  const bell = new Bell()
  const since = request.headers['last-event-id']
  using feed = await StateFeed.open(
    account,
    options.sending,
    query.types,
    typeof since === 'string' ? since : undefined,
    bell.ring,
  )
  using _gone = whenAborted(visit.gone, bell.end)
  using _stopping = whenAborted(visit.stopping, bell.end)
  using _ended = whenAborted(login.ended, bell.end)
  response.once('close', bell.end)
  if (visit.gone.aborted || visit.stopping.aborted || login.ended.aborted) bell.end()
  begin(response)
  await tell({ response, feed, bell, query, accountId: printAccountId(login.account) })
  await finish(response, '')
}

/** The text says what is wrong. Types that we do not know never change. */
export function readQuery(query: URLSearchParams): EventSourceQuery | string {
  const named = query.get('types') ?? ''
  if (!/^(?:\*|[A-Za-z0-9_-]{1,100}(?:,[A-Za-z0-9_-]{1,100}){0,99})$/.test(named))
    return 'types should be * or names of types'
  const closeAfter = query.get('closeafter')
  if (closeAfter !== 'state' && closeAfter !== 'no') return 'closeafter should be state or no'
  const ping = query.get('ping') ?? ''
  if (!/^\d{1,15}$/.test(ping)) return 'ping should be a number of seconds'
  const names = named.split(',')
  return {
    types: new Set(pushTypes.filter(type => named === '*' || names.includes(type))),
    closeAfterState: closeAfter === 'state',
    pingSeconds: Number(ping) === 0 ? 0 : Math.min(maxPingSeconds, Math.max(minPingSeconds, Number(ping))),
  }
}

function begin(response: ServerResponse): void {
  response.writeHead(200, {
    ...commonHeaders,
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    // a proxy that collects answers would keep the events
    'x-accel-buffering': 'no',
  })
  response.flushHeaders()
}

type Telling = {
  readonly response: ServerResponse
  readonly feed: StateFeed
  readonly bell: Bell
  readonly query: EventSourceQuery
  readonly accountId: string
}

/** Pings come after a time without any other event (RFC 8620 §7.3); a comment, which no client sees, keeps connections without pings. */
async function tell({ response, feed, bell, query, accountId }: Telling): Promise<void> {
  const { pingSeconds } = query
  const pingMs = pingSeconds > 0 ? pingSeconds * 1000 : Infinity
  let quietSince = performance.now()
  for (;;) {
    const news = await feed.take()
    if (bell.over.aborted) return
    if (news) {
      if (!(await write(response, stateEvent(news, accountId), bell.over)) || query.closeAfterState) return
      quietSince = performance.now()
    }
    const untilPing = Math.max(0, quietSince + pingMs - performance.now())
    if (await bell.rings(Math.min(untilPing, silentSourceMs))) continue
    const isPing = performance.now() - quietSince >= pingMs - 1
    if (!(await write(response, isPing ? pingEvent(pingSeconds) : ': still here\n\n', bell.over))) return
    if (isPing) quietSince = performance.now()
  }
}

export function stateEvent({ changed, state }: NewStates, accountId: string): string {
  const change: StateChange = { '@type': 'StateChange', changed: { [accountId]: Object.fromEntries(changed) } }
  return `event: state\nid: ${state}\ndata: ${JSON.stringify(change)}\n\n`
}

function pingEvent(seconds: number): string {
  return `event: ping\ndata: ${JSON.stringify({ interval: seconds })}\n\n`
}

/** False: nobody takes it. What changes meanwhile waits in the feed, the newest states alone. */
async function write(response: ServerResponse, text: string, over: AbortSignal): Promise<boolean> {
  if (response.destroyed) return false
  if (response.write(text)) return true
  using time = deadline(over, answerMs)
  try {
    await once(response, 'drain', { signal: time.signal })
    return true
  } catch {
    response.destroy()
    return false
  }
}
