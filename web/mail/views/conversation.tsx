import { useEffect, useRef } from 'preact/hooks'
import type { Id } from '#protocols/jmap/wire.ts'
import { type Conversation, unfoldedAtFirst } from '../model/conversation.ts'
import { subjectText } from '../model/plain-signs.ts'
import { t } from '../texts/texts.ts'
import { Button } from '../../ui/button.tsx'
import { Brand } from './brand.tsx'
import { placeOfThread, threadAt } from './commands.ts'
import { ConversationBar } from './conversation-bar.tsx'
import { LetterView } from './letter.tsx'
import { LabelChips } from './labels/chips.tsx'
import { useMail } from './mail-context.ts'
import { useSentStates } from './track/sent-state.tsx'
import { writing } from './writing.ts'
import './conversation.css'

export function ConversationView() {
  const mail = useMail()
  const conversation = mail.conversation.value
  return (
    <section class="pane-reading" aria-label={t().reading.label}>
      {conversation ? (
        <Opened key={conversation.threadId} conversation={conversation} />
      ) : (
        <div class="reading-none">
          <Brand size={56} />
          <p>{t().reading.none}</p>
        </div>
      )}
    </section>
  )
}

function Opened({ conversation }: { readonly conversation: Conversation }) {
  const mail = useMail()
  const { isLinked } = mail
  const { rows, state } = conversation
  const scroll = useRef<HTMLDivElement>(null)
  useReadWhenSeen(conversation)
  useNewLetters(conversation)
  useNeighbours(conversation)
  useSentStates(conversation)
  useFirstUnreadInSight(conversation, scroll)
  if (state.value === 'gone') return <p class="reading-none">{t().reading.gone}</p>
  const subject = subjectText(rows.at(-1)?.subject, rows[0]?.subject) ?? t().list.noSubject
  return (
    <>
      <ConversationBar conversation={conversation} />
      <div class="reading-scroll" ref={scroll} tabIndex={-1}>
        <article class="conversation">
          <h2 class="conversation-subject">{rows.length > 0 ? subject : ''}</h2>
          <LabelChips
            rows={rows}
            onRemove={keyword => void mail.actions.label([conversation.threadId], keyword, false)}
          />
          {state.value === 'failed' && (
            <p class="reading-fault">
              {isLinked.value ? t().reading.failed : t().away.notKept}{' '}
              <Button kind="quiet" onClick={() => void conversation.load().catch(() => undefined)}>
                {t().link.again}
              </Button>
            </p>
          )}
          {rows.map(row => (
            <LetterView key={row.id} row={row} conversation={conversation} />
          ))}
          <Answers conversation={conversation} />
        </article>
      </div>
    </>
  )
}

/** Below the last letter */
function Answers({ conversation }: { readonly conversation: Conversation }) {
  const last = conversation.rows.findLast(row => row.keywords['$draft'] !== true)
  const letter = last && conversation.open.value.get(last.id)
  const write = writing.value
  if (!write || !letter) return null
  const hasOthers = (letter.to?.length ?? 0) + (letter.cc?.length ?? 0) > 1
  return (
    <footer class="answers">
      <Button icon="reply" onClick={() => write.start({ kind: 'reply', letter })}>
        {t().actions.reply}
      </Button>
      {hasOthers && (
        <Button icon="replyAll" onClick={() => write.start({ kind: 'reply-all', letter })}>
          {t().actions.replyAll}
        </Button>
      )}
      <Button icon="forward" onClick={() => write.start({ kind: 'forward', letter })}>
        {t().actions.forward}
      </Button>
    </footer>
  )
}

/** What is unfolded before somebody's eyes is read. */
function useReadWhenSeen(conversation: Conversation): void {
  const { actions } = useMail()
  const isReady = conversation.state.value === 'ready'
  useEffect(() => {
    if (!isReady) return undefined
    const read = () => {
      if (document.hidden) return
      const isUnread = conversation.rows.some(row => row.keywords['$seen'] !== true)
      if (isUnread) void actions.read([conversation.threadId], true)
      document.removeEventListener('visibilitychange', read)
    }
    document.addEventListener('visibilitychange', read)
    read()
    return () => document.removeEventListener('visibilitychange', read)
  }, [isReady, conversation])
}

/** A letter that comes into the conversation that is open is unfolded, and read. */
function useNewLetters(conversation: Conversation): void {
  const { actions } = useMail()
  const known = useRef<ReadonlySet<Id> | undefined>(undefined)
  const ids = conversation.rows.map(({ id }) => id)
  const isReady = conversation.state.value === 'ready'
  useEffect(() => {
    const before = known.current
    if (isReady) known.current = new Set(ids)
    const fresh = before ? ids.filter(id => !before.has(id)) : []
    if (fresh.length === 0) return
    conversation.unfold(fresh).catch(() => undefined)
    if (!document.hidden) void actions.read([conversation.threadId], true)
  }, [ids.join(), isReady])
}

/** What is read next is fetched while this one is read. */
function useNeighbours(conversation: Conversation): void {
  const mail = useMail()
  const isReady = conversation.state.value === 'ready'
  useEffect(() => {
    if (!isReady) return undefined
    const timer = setTimeout(() => {
      const at = placeOfThread(mail, conversation.threadId)
      const neighbours = at < 0 ? [] : [at + 1, at - 1].flatMap(place => threadAt(mail, place) ?? [])
      const ids = neighbours.flatMap(thread => unfoldedAtFirst(mail.emails.emailsOf(thread)))
      mail.letters.read(ids.slice(0, maxAhead)).catch(() => undefined)
    }, quietMs)
    return () => clearTimeout(timer)
  }, [isReady, conversation])
}

const quietMs = 250
const maxAhead = 6

/** A long conversation opens where reading goes on. */
function useFirstUnreadInSight(conversation: Conversation, scroll: { readonly current: HTMLElement | null }): void {
  const isReady = conversation.state.value === 'ready'
  const first = conversation.rows.find(row => row.keywords['$seen'] !== true)?.id ?? conversation.rows.at(-1)?.id
  const wanted = useRef(first)
  if (!isReady) wanted.current = first
  useEffect(() => {
    if (!isReady || conversation.rows.length < 2) return
    const letter = wanted.current && scroll.current?.querySelector(`[data-letter="${wanted.current}"]`)
    if (letter) letter.scrollIntoView({ block: 'start' })
  }, [isReady])
}
