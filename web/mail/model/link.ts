/**
 * Whether the server is there, and what happens when it is again: first it is made sure whose session this is, then what waits is told, then everything
 * that changed meanwhile is asked for.
 */
import type { Signal } from '@preact/signals'
import type { Client } from '../jmap/client.ts'
import { Fault } from '../jmap/fault.ts'
import { followTogether } from '../jmap/shared-push.ts'
import { type SignedIn, whoIsSignedIn } from '../jmap/sign-in.ts'
import type { Away } from './away.ts'
import type { Conversation } from './conversation.ts'
import type { StandIn } from './stand-in.ts'
import type { Sync } from './sync.ts'

export type LinkParts = {
  /** Speaks to the server itself */
  readonly client: Client
  readonly user: SignedIn
  readonly away: Signal<Away | undefined>
  readonly isLinked: Signal<boolean>
  readonly sync: Sync
  /** States that the server tells; without, when it is there again and may have told some that we missed */
  readonly hear: (states: Readonly<Record<string, string>> | undefined) => void
  readonly conversation: Signal<Conversation | undefined>
  readonly stand: Pick<StandIn, 'takeState'>
  readonly onSignedOut: () => void
  readonly onStranger: () => void
}

/** Types that we follow. RFC 8620 §7.1 */
const followed = [
  'Mailbox',
  'Email',
  'EmailDelivery',
  'Thread',
  'EmailSubmission',
  'Identity',
  'Preferences',
  'AddressBook',
  'ContactCard',
]
/** A tab that does not follow by itself may have missed that the server is back. */
const lookMs = 20_000

/** Until the signal */
export function keepLink(parts: LinkParts, signal: AbortSignal): void {
  const { isLinked, away, sync, hear } = parts
  let isComing = false
  const comeBack = async () => {
    if (isComing) return
    isComing = true
    try {
      if (await isStillOurs(parts)) await catchUp(parts)
    } finally {
      isComing = false
    }
  }
  const onLink = (isUp: boolean) => {
    if (!isUp) return lose(parts)
    if (!isLinked.peek()) void comeBack().catch(() => undefined)
    // what happened meanwhile is told by states only, and those may have been missed
    else {
      sync.now().catch(() => undefined)
      hear(undefined)
    }
  }
  const onChange = (states: Readonly<Record<string, string>>) => {
    sync.hear(states)
    hear(states)
    away.peek()?.follow()
  }
  const look = () => void (isLinked.peek() || comeBack().catch(() => undefined))
  const timer = setInterval(look, lookMs * (0.75 + Math.random() / 2))
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
  globalThis.addEventListener?.('offline', () => onLink(false), { signal })
  globalThis.addEventListener?.('online', look, { signal })
  void followTogether(parts.client, { types: followed, onSignedOut: parts.onSignedOut, onChange, onLink }, signal)
}

function lose({ isLinked, away }: LinkParts): void {
  const kept = away.peek()
  if (isLinked.peek() && kept) kept.asOf.value = Date.now()
  isLinked.value = false
}

/** Throws where nobody answers. */
async function isStillOurs({ user, onSignedOut, onStranger }: LinkParts): Promise<boolean> {
  try {
    const now = await whoIsSignedIn()
    if (now.username === user.username) return true
    onStranger()
  } catch (error) {
    if (!(error instanceof Fault && error.kind === 'signed-out')) throw error
    onSignedOut()
  }
  return false
}

async function catchUp({ isLinked, away, sync, hear, conversation, stand }: LinkParts): Promise<void> {
  isLinked.value = true
  await away.peek()?.linked()
  const state = stand.takeState()
  if (state !== undefined) sync.rewind(state)
  hear(undefined)
  await sync.now()
  if (sync.list.peek()?.state.peek() === 'failed') await sync.list.peek()?.reload()
  if (conversation.peek()?.state.peek() === 'failed') await conversation.peek()?.load()
  away.peek()?.follow()
}
