/** Beside letters that left here: how far they are. What asks for it comes behind the first page. */
import { type Signal, signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Id } from '#protocols/jmap/wire.ts'
import type { Conversation } from '../../model/conversation.ts'
import type { EmailRow } from '../../model/emails.ts'
import type { SentState } from '../../model/track/summary.ts'
import { t } from '../../texts/texts.ts'
import { showDialog } from '../dialog-request.ts'
import { useMail } from '../mail-context.ts'

/** Of the conversation that is open */
const states: Signal<ReadonlyMap<Id, SentState>> = signal(new Map())

/** As long as the conversation is open. */
export function useSentStates({ rows, threadId }: Conversation): void {
  const { client, mailboxes } = useMail()
  const sent = mailboxes.byRole.value.get('sent')?.id
  const own = rows.filter(row => sent !== undefined && row.mailboxIds[sent] === true).map(({ id }) => id)
  useEffect(() => {
    states.value = new Map()
    if (own.length === 0) return undefined
    const end = new AbortController()
    import('../../model/track/sent-states.ts').then(
      ({ SentStates }) => {
        if (end.signal.aborted) return
        const asked = new SentStates(client, own, () => !document.hidden)
        const stop = asked.byEmail.subscribe(told => (states.value = told))
        end.signal.addEventListener('abort', () => {
          stop()
          asked.close()
        })
        void asked.ask()
      },
      () => undefined,
    )
    return () => end.abort()
  }, [client, threadId, own.join()])
}

export function SentBadge({ row }: { readonly row: EmailRow }) {
  const state = states.value.get(row.id)
  if (!state) return null
  return (
    <button
      type="button"
      class="sent-state"
      data-state={state}
      title={t().track.title}
      onClick={() => showDialog({ kind: 'track', emailId: row.id })}
    >
      {t().track.sent[state]}
    </button>
  )
}

/** In the line of a folded letter, where nothing more can be pressed: what needs somebody's eye. */
export function SentMark({ row }: { readonly row: EmailRow }) {
  const state = states.value.get(row.id)
  if (!state || state === 'delivered') return null
  return (
    <span class="sent-state" data-state={state}>
      {t().track.sent[state]}
    </span>
  )
}
