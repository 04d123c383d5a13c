import { useSignal } from '@preact/signals'
import type { Mailbox } from '#protocols/jmap/wire.ts'
import { placeOf } from '../model/mail.ts'
import type { MailboxNode } from '../model/mailboxes.ts'
import { allContacts, go, printRoute, route } from '../model/route.ts'
import { t } from '../texts/texts.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Brand } from './brand.tsx'
import { showDialog } from './dialog-request.ts'
import { carriesThreads, droppedThreads } from './drag.ts'
import { LabelItems } from './labels/sidebar-labels.tsx'
import { later } from './later.tsx'
import { useMail } from './mail-context.ts'
import { mailboxIcon, mailboxName } from './mailbox-name.ts'
import { writing } from './writing.ts'
import './sidebar.css'

export function Sidebar() {
  const { mailboxes, user } = useMail()
  const nodes = mailboxes.tree.value
  const own = nodes.filter(({ mailbox, depth }) => depth > 0 || mailbox.role === null)
  const standard = nodes.filter(node => !own.includes(node))
  return (
    <nav class="sidebar" aria-label={t().mailboxes.label}>
      <p class="sidebar-owner">
        <Brand size={32} />
        <span>
          <strong>{user.name || user.username}</strong>
          {user.name !== '' && <span>{user.username}</span>}
        </span>
      </p>
      {writing.value && (
        <Button
          kind="primary"
          icon="compose"
          class="sidebar-write"
          onClick={() => writing.value?.start({ kind: 'new' })}
        >
          {t().actions.compose}
        </Button>
      )}
      <MailboxItems nodes={standard} />
      <Scheduled />
      <div class="sidebar-head">
        <h2>{t().mailboxes.own}</h2>
        <IconButton icon="plus" size={16} label={t().folders.add} onClick={() => showDialog({ kind: 'folder' })} />
      </div>
      <MailboxItems nodes={own} />
      <LabelItems />
      <ContactsLink />
      <LazyRoom />
    </nav>
  )
}

/** Behind the first page, where it would be one more thing to ask for */
const LazyRoom = later(() => import('./room-line.tsx').then(({ RoomLine }) => RoomLine))

function ContactsLink() {
  const to = { ...route.value, contacts: allContacts }
  return (
    <a
      class="mailbox sidebar-contacts"
      href={printRoute(to)}
      aria-current={route.value.contacts ? 'page' : undefined}
      onClick={event => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return
        event.preventDefault()
        go({ contacts: allContacts })
      }}
    >
      <Icon name="people" size={18} />
      <span class="mailbox-name">{t().contacts.title}</span>
    </a>
  )
}

/** Only while something waits for longer than it can be taken back anyway. */
function Scheduled() {
  const waiting = writing.value?.outbox.waiting.value ?? []
  if (!waiting.some(({ isForLater }) => isForLater)) return null
  return (
    <ul>
      <li>
        <button
          type="button"
          class="mailbox"
          style={{ '--depth': 0 }}
          aria-haspopup="dialog"
          onClick={() => showDialog({ kind: 'scheduled' })}
        >
          <Icon name="later" size={18} />
          <span class="mailbox-name">{t().writing.scheduled}</span>
          <span class="mailbox-count">{waiting.length}</span>
        </button>
      </li>
    </ul>
  )
}

function MailboxItems({ nodes }: { readonly nodes: readonly MailboxNode[] }) {
  return (
    <ul>
      {nodes.map(node => (
        <MailboxItem key={node.mailbox.id} {...node} />
      ))}
    </ul>
  )
}

function MailboxItem({ mailbox, depth }: MailboxNode) {
  const mail = useMail()
  const isOver = useSignal(false)
  const isCurrent = !route.value.contacts && mail.mailbox.value?.id === mailbox.id
  const count = countOf(mailbox)
  const to = { place: placeOf(mailbox), search: undefined, thread: undefined }
  const takes = (event: DragEvent) => mailbox.myRights.mayAddItems && !isCurrent && carriesThreads(event)
  return (
    <li>
      <a
        class="mailbox"
        href={printRoute(to)}
        aria-current={isCurrent ? 'page' : undefined}
        data-over={isOver.value}
        style={{ '--depth': depth }}
        onClick={event => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return
          event.preventDefault()
          go(to)
        }}
        onDragOver={event => {
          if (!takes(event)) return
          event.preventDefault()
          isOver.value = true
        }}
        onDragLeave={() => (isOver.value = false)}
        onDrop={event => {
          isOver.value = false
          if (!takes(event)) return
          event.preventDefault()
          const threads = droppedThreads(event)
          mail.selection.clear()
          void (mailbox.role === 'junk' ? mail.actions.junk(threads, true) : mail.actions.move(threads, mailbox.id))
        }}
      >
        <Icon name={mailboxIcon(mailbox)} size={18} />
        <span class="mailbox-name">{mailboxName(mailbox)}</span>
        {count > 0 && (
          <span class="mailbox-count" aria-label={t().mailboxes.unread(count)}>
            {count > 9999 ? '9999+' : count}
          </span>
        )}
      </a>
      {mailbox.role === null && mailbox.myRights.mayRename && (
        <IconButton
          icon="more"
          size={16}
          class="mailbox-change"
          label={t().folders.change(mailboxName(mailbox))}
          onClick={() => showDialog({ kind: 'folder', id: mailbox.id })}
        />
      )}
    </li>
  )
}

/** What is worth a number: what nobody has read, and what waits to be finished. */
function countOf({ role, unreadThreads, totalEmails }: Mailbox): number {
  if (role === 'drafts') return totalEmails
  return role === 'trash' || role === 'sent' ? 0 : unreadThreads
}
