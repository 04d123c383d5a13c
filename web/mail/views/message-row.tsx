import { computed, useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { EmailAddress, Id } from '#protocols/jmap/wire.ts'
import { shortDate } from '../model/dates.ts'
import type { EmailRow } from '../model/emails.ts'
import type { Mail } from '../model/mail.ts'
import { aloneNameOf, distinct, isSame, nameOf, shortNameOf } from '../model/people.ts'
import { subjectText } from '../model/plain-signs.ts'
import { printRoute, route } from '../model/route.ts'
import { language, t } from '../texts/texts.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { IconButton } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { archive, isLast, openAt, threadAt, toggleRead, trash } from './commands.ts'
import { dragThreads } from './drag.ts'
import { LabelChips } from './labels/chips.tsx'
import { useMail } from './mail-context.ts'

/** Signs: more than the widest list has room for, and less than what is laid out in vain behind its edge */
const maxPreview = 160

type Shown = { readonly at: number; readonly row: EmailRow }

/** While nothing is known of it, what its element showed last is hidden and not taken down: in a moment another stands there. */
export function MessageRow({ at, id }: { readonly at: number; readonly id: Id | undefined }) {
  const mail = useMail()
  const last = useRef<Shown | undefined>(undefined)
  const row = id === undefined ? undefined : mail.emails.get(id)
  if (row) last.current = { at, row }
  const shown = last.current
  return (
    <>
      {!row && <div class="row-wait" />}
      {shown && <Row at={shown.at} row={shown.row} />}
    </>
  )
}

/** What stands in each row and knows nothing of its own is called and is no component: each of them is work for every row that comes. */
function Row({ at, row }: Shown) {
  const mail = useMail()
  const thread = row.threadId
  const rows = mail.emails.emailsOf(thread)
  const all = rows.length > 0 ? rows : [row]
  const isUnread = all.some(one => one.keywords['$seen'] !== true && one.keywords['$draft'] !== true)
  const isStarred = all.some(one => one.keywords['$flagged'] === true)
  const isTicked = mail.selection.has(thread, row.id)
  const isOpen = route.value.thread === thread
  const isSelecting = mail.selection.ticked.value.size > 0
  const hasLabels = mail.labels.among(all.map(({ keywords }) => keywords)).length > 0
  const people = peopleOf(mail, all)
  // what only the pointer finds is made when it moves: rows that are scrolled away under it are entered and left in each frame
  const pointed = useSignal<Id | undefined>(undefined)
  const [face] = people.faces
  const tick = (event: MouseEvent) => {
    event.preventDefault()
    if (event.shiftKey) mail.selection.extend(at, place => threadAt(mail, place))
    else mail.selection.toggle(thread, at)
  }
  const onClick = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey) return
    event.preventDefault()
    if (event.shiftKey) return tick(event)
    openAt(mail, at, { replace: route.peek().thread !== undefined })
  }
  const dragged = () => (isTicked ? [...mail.selection.ticked.peek()] : [thread])
  return (
    <div
      class="row"
      data-unread={isUnread}
      data-open={isOpen}
      data-ticked={isTicked}
      data-cursor={mail.selection.cursor.value === at}
      draggable
      onPointerMove={event => event.pointerType === 'mouse' && (pointed.value = thread)}
      onPointerLeave={() => (pointed.value = undefined)}
      onDragStart={event => dragThreads(event, dragged(), t().list.conversations(dragged().length))}
    >
      <button
        type="button"
        class="row-tick"
        role="checkbox"
        aria-checked={isTicked}
        aria-label={t().list.tick}
        onClick={tick}
      >
        {face && Avatar({ name: nameOf(face), seed: face.email })}
        <span class="row-box">{isTicked && <Icon name="check" size={16} />}</span>
      </button>
      <a
        class="row-link"
        href={printRoute({ ...route.value, thread })}
        draggable={false}
        onClick={onClick}
        {...(isOpen && { 'aria-current': 'true' as const })}
      >
        <span class="row-top">
          {isUnread && <span class="row-dot" role="img" aria-label={t().list.unread} />}
          <span class="row-who">
            {people.names}
            {people.hasDraft && <span class="row-draft">{t().list.draft}</span>}
          </span>
          {all.length > 1 && (
            <span class="row-count" aria-label={t().list.letters(all.length)}>
              {all.length}
            </span>
          )}
          {row.hasAttachment && (
            <span class="row-clip" role="img" aria-label={t().list.attachment}>
              <Icon name="attachment" size={15} />
            </span>
          )}
          <time dateTime={row.receivedAt}>{dateText(row.receivedAt)}</time>
        </span>
        <span class="row-subject">
          {hasLabels && <LabelChips rows={all} most={3} />}
          {subjectText(row.subject) ?? t().list.noSubject}
        </span>
        <span class="row-preview">{row.preview.slice(0, maxPreview)}</span>
      </a>
      {IconButton({
        icon: 'star',
        size: 17,
        class: 'row-star',
        filled: isStarred,
        pressed: isStarred,
        label: isStarred ? t().actions.unstar : t().actions.star,
        onClick: () => void mail.actions.star([thread], !isStarred),
      })}
      {pointed.value === thread && !isSelecting && <QuickActions thread={thread} isUnread={isUnread} />}
    </div>
  )
}

/** What the pointer finds on a row. */
function QuickActions({ thread, isUnread }: { readonly thread: Id; readonly isUnread: boolean }) {
  const mail = useMail()
  const words = t().actions
  const role = mail.mailbox.value?.role
  return (
    <span class="row-quick">
      <IconButton
        icon={isUnread ? 'read' : 'unread'}
        size={18}
        label={isUnread ? words.read : words.unread}
        onClick={() => toggleRead(mail, [thread])}
      />
      {role !== 'archive' && !isLast(role) && (
        <IconButton icon="archive" size={18} label={words.archive} onClick={() => archive(mail, [thread])} />
      )}
      <IconButton
        icon="trash"
        size={18}
        label={isLast(role) ? words.destroy : words.trash}
        onClick={() => trash(mail, [thread])}
      />
    </span>
  )
}

type People = { readonly names: string; readonly faces: readonly EmailAddress[]; readonly hasDraft: boolean }

/** In a conversation all who wrote; of what oneself wrote alone, to whom. */
function peopleOf({ user, mailbox }: Mail, rows: readonly EmailRow[]): People {
  const own = (address: EmailAddress) => isSame(address.email, user.username)
  const written = rows.filter(one => one.keywords['$draft'] !== true)
  const senders = distinct(written.flatMap(one => one.from ?? []))
  const hasDraft = written.length < rows.length
  const role = mailbox.value?.role
  if (senders.every(own) || role === 'sent' || role === 'drafts') {
    const to = distinct(rows.flatMap(one => one.to ?? []))
    const names = to.map(to.length > 1 ? shortNameOf : aloneNameOf).join(', ')
    return {
      names: to.length > 0 ? t().list.to(names) : t().list.noSender,
      faces: to.length > 0 ? to : senders,
      hasDraft,
    }
  }
  const names = senders.map(one => (own(one) ? t().list.me : senders.length > 1 ? shortNameOf(one) : aloneNameOf(one)))
  return { names: names.join(', ') || t().list.noSender, faces: senders.filter(one => !own(one)).reverse(), hasDraft }
}

const locale = computed(() => localeFor(language.value))

function dateText(received: string): string {
  const words = { locale: locale.value, yesterday: t().list.yesterday }
  return shortDate(new Date(received), new Date(), words)
}

/** How the reader's own region writes the page's language. */
export function localeFor(wanted: 'ja' | 'en'): string {
  return navigator.languages.find(name => name.toLowerCase().startsWith(wanted)) ?? wanted
}
