import { useComputed } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Id } from '#protocols/jmap/wire.ts'
import { queryProblemText } from '#formats/search/query/problems.ts'
import type { Mail } from '../model/mail.ts'
import type { MessageList } from '../model/message-list.ts'
import { route } from '../model/route.ts'
import { density } from '../model/settings.ts'
import { language, t } from '../texts/texts.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { VirtualList } from '../../ui/virtual-list.tsx'
import { placeOfThread, threadAt } from './commands.ts'
import { ListBar } from './list-bar.tsx'
import { useMail } from './mail-context.ts'
import { mailboxName } from './mailbox-name.ts'
import { MessageRow } from './message-row.tsx'
import './message-list.css'

/** Pixels, as message-list.css has them */
const rowHeights = { comfortable: 84, compact: 58 } as const

export function MessageListView() {
  const mail = useMail()
  const list = mail.list.value
  const problem = mail.searchProblem.value
  const pane = useRef<HTMLElement>(null)
  useEffect(() => loadGestures(pane.current, mail), [mail])
  return (
    <section ref={pane} class="pane-list" aria-label={t().list.label}>
      {mail.selection.ticked.value.size > 0 ? <ListBar /> : <ListHead list={list} />}
      {list && list.query.mailbox === undefined && list.isOfKept.value && (
        <p class="list-kept" role="status">
          {t().away.searchedHere}
        </p>
      )}
      {list && <Rows key={JSON.stringify(list.query.filter)} list={list} />}
      {problem && <p class="list-note">{queryProblemText(problem)[language.value]}</p>}
    </section>
  )
}

/** Where there is a touch screen, and behind the first page */
function loadGestures(pane: HTMLElement | null, mail: Mail): () => void {
  let end: (() => void) | undefined
  let isOver = false
  if (pane && matchMedia('(any-pointer: coarse)').matches)
    import('./touch/row-gestures.tsx').then(
      ({ beginRowGestures }) => {
        if (!isOver) end = beginRowGestures(pane, mail)
      },
      () => undefined,
    )
  return () => {
    isOver = true
    end?.()
  }
}

function ListHead({ list }: { readonly list: MessageList | undefined }) {
  const mail = useMail()
  const mailbox = mail.mailbox.value
  const total = list?.state.value === 'ready' ? list.total.value : undefined
  return (
    <header class="list-head">
      <h1>{mailbox ? mailboxName(mailbox) : t().search.title}</h1>
      {total !== undefined && total > 0 && (
        <span class="list-count">{mailbox ? t().list.conversations(total) : t().list.found(total)}</span>
      )}
      <IconButton
        icon="refresh"
        size={18}
        label={t().actions.refresh}
        onClick={() => void mail.sync.now().catch(() => mail.notices.say(t().link.unreachable))}
      />
    </header>
  )
}

function Rows({ list }: { readonly list: MessageList }) {
  const mail = useMail()
  const { cursor } = mail.selection
  const openThread = useComputed(() => route.value.thread)
  // the cursor follows what is opened by other ways than keys
  useEffect(() => {
    const at = placeOfThread(mail, openThread.value)
    if (at >= 0) cursor.value = at
  }, [openThread.value, list.ids.value])
  const ids = list.ids.value
  useFollow(mail, ids)
  if (list.state.value === 'failed' && ids.length === 0)
    return (
      <div class="list-note">
        <p>{t().list.failed}</p>
        <Button onClick={() => void list.reload().catch(() => undefined)}>{t().link.again}</Button>
      </div>
    )
  if (list.state.value === 'loading' && ids.length === 0) return <Placeholders />
  if (ids.length === 0) return <p class="list-note">{emptyText(list, mail.mailbox.value?.role)}</p>
  return (
    <VirtualList
      count={ids.length}
      rowHeight={rowHeights[density.value]}
      label={t().list.label}
      cursor={cursor.value}
      isSteady
      rowKey={at => ids[at]}
      onRange={(from, to) => void list.want(from, to).catch(() => undefined)}
      row={at => <MessageRow at={at} id={ids[at]} />}
    />
  )
}

/** The cursor stays on its conversation when others come or go above it: a key never acts on a neighbour. */
function useFollow(mail: Mail, ids: readonly unknown[]): void {
  const { cursor } = mail.selection
  const held = useRef<{ readonly at: number; readonly thread: Id | undefined }>({ at: -1, thread: undefined })
  useLayoutEffect(() => {
    const { at, thread } = held.current
    if (thread === undefined || cursor.peek() !== at || threadAt(mail, at) === thread) return
    const now = placeOfThread(mail, thread)
    if (now >= 0) cursor.value = now
  }, [ids])
  useLayoutEffect(() => {
    const at = cursor.peek()
    held.current = { at, thread: threadAt(mail, at) }
  })
}

function emptyText(list: MessageList, role: string | null | undefined): string {
  if (list.query.mailbox === undefined) return t().list.emptySearch
  return role === 'inbox' ? t().list.emptyInbox : t().list.empty
}

function Placeholders() {
  return (
    <div class="placeholders" aria-busy="true" aria-label={t().link.loading}>
      {Array.from({ length: 8 }, (_, at) => (
        <div key={at} class="row-wait" style={{ height: `${rowHeights[density.value]}px` }} />
      ))}
    </div>
  )
}
