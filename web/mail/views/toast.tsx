import { t } from '../texts/texts.ts'
import type { Notice } from '../model/notices.ts'
import { IconButton } from '../../ui/button.tsx'
import { useMail } from './mail-context.ts'
import { mailboxName } from './mailbox-name.ts'
import './toast.css'

export function Toast() {
  const { notices, mailboxes, labels } = useMail()
  const notice = notices.current.value
  const nameOf = (id: string | undefined) => {
    const mailbox = id === undefined ? undefined : mailboxes.byId.value.get(id)
    if (mailbox) return mailboxName(mailbox)
    return (id !== undefined && labels.of(id)?.name) || ''
  }
  return (
    <div class="toasts" role="status" aria-live="polite">
      {notice && (
        <div class="toast" key={notice.key}>
          <span>{words(notice, nameOf)}</span>
          {notice.undo && (
            <button type="button" class="toast-undo" title={`${t().actions.undo} (z)`} onClick={() => notices.undo()}>
              {t().actions.undo}
            </button>
          )}
          <IconButton icon="close" size={16} label={t().actions.close} onClick={() => notices.dismiss()} />
        </div>
      )}
    </div>
  )
}

function words({ about }: Notice, nameOf: (id: string | undefined) => string): string {
  const { done } = t()
  if (about.kind === 'said') return about.text
  if (about.kind === 'failed') return done.failed
  if (about.kind === 'ended') return endedWords(about)
  const { action, count, to } = about
  if (action === 'move' || action === 'label' || action === 'unlabel') return done[action](count, nameOf(to))
  const say: unknown = (done as Readonly<Record<string, unknown>>)[action]
  return typeof say === 'function' ? (say as (count: number) => string)(count) : ''
}

function endedWords({ entry: { what }, ending }: Extract<Notice['about'], { kind: 'ended' }>): string {
  const words = t().away
  if (what.kind === 'patch' || what.kind === 'destroy') return words.changeRefused
  const subject = what.content.subject.trim() || t().list.noSubject
  return ending === 'done' ? words.wasSent(subject) : words.wasRefused(subject)
}
