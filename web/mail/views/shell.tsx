import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { route } from '../model/route.ts'
import { density } from '../model/settings.ts'
import type { Mail } from '../model/mail.ts'
import { t } from '../texts/texts.ts'
import { Button } from '../../ui/button.tsx'
import { BulkProgress } from './bulk/progress.tsx'
import { AwayLine } from './away-line.tsx'
import { LazyContacts } from './contacts/lazy-contacts.tsx'
import { ConversationView } from './conversation.tsx'
import { dialogs } from './dialog-request.ts'
import { Dialogs } from './dialogs.tsx'
import { listenToKeys } from './keyboard.ts'
import { later } from './later.tsx'
import { loadLetterBody } from './letter-body.ts'
import { useMail } from './mail-context.ts'
import { MessageListView } from './message-list.tsx'
import { Sidebar } from './sidebar.tsx'
import { titleEffect } from './title.ts'
import { Toast } from './toast.tsx'
import { TopBar } from './top-bar.tsx'
import { takeAsked, writing } from './writing.ts'
import './shell.css'

const LazyFirstSteps = later(() => import('./first-steps/first-steps-card.tsx').then(one => one.FirstStepsCard))

/** Three panes, or one of them at a time on a phone: the address says which. */
export function Shell() {
  const mail = useMail()
  const isDrawerOpen = useSignal(false)
  useEffect(() => listenToKeys(mail), [mail])
  useEffect(() => titleEffect(mail), [mail])
  useEffect(loadLetterBody, [])
  useEffect(() => loadWriting(mail), [mail])
  useEffect(() => loadNotifying(mail), [mail])
  // whoever goes to another mailbox has seen enough of the drawer
  useEffect(
    () => void (isDrawerOpen.value = false),
    [route.value.place, route.value.search, route.value.contacts?.group, route.value.contacts !== undefined],
  )
  const { contacts, thread } = route.value
  const isAtContacts = contacts !== undefined
  const isReading = isAtContacts ? contacts.card !== undefined : thread !== undefined
  const Window = writing.value?.Window
  return (
    <div class="shell" data-density={density.value} data-reading={isReading} data-drawer={isDrawerOpen.value}>
      <TopBar onMenu={() => (isDrawerOpen.value = !isDrawerOpen.value)} />
      <AwayLine />
      <div class="panes">
        <Sidebar />
        <button
          type="button"
          class="drawer-shade"
          aria-label={t().mailboxes.close}
          tabIndex={-1}
          onClick={() => (isDrawerOpen.value = false)}
        />
        {isAtContacts ? (
          <LazyContacts />
        ) : (
          <>
            <MessageListView />
            <ConversationView />
          </>
        )}
      </div>
      {writing.value && !isReading && (
        <div class="write-float">
          <Button kind="primary" icon="compose" onClick={() => writing.value?.start({ kind: 'new' })}>
            {t().actions.compose}
          </Button>
        </div>
      )}
      {Window && <Window />}
      {(mail.user.firstSteps?.length ?? 0) > 0 && <LazyFirstSteps />}
      <Toast />
      <BulkProgress />
      {dialogs.value && <Dialogs />}
    </div>
  )
}

/** Behind the first page, which has nothing to write. */
function loadWriting(mail: Mail): () => void {
  let end: (() => void) | undefined
  let isOver = false
  import('./compose/begin-writing.ts').then(
    ({ beginWriting }) => {
      if (isOver) return
      end = beginWriting(mail)
      const asked = takeAsked()
      if (asked) writing.peek()?.start(asked)
    },
    () => mail.notices.failed(),
  )
  return () => {
    isOver = true
    end?.()
  }
}

function loadNotifying(mail: Mail): () => void {
  let end: (() => void) | undefined
  let isOver = false
  import('../model/notify/notify.ts').then(
    ({ beginNotifying }) => {
      if (!isOver) end = beginNotifying(mail)
    },
    () => undefined,
  )
  return () => {
    isOver = true
    end?.()
  }
}
