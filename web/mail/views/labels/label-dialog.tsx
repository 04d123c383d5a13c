import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Id } from '#protocols/jmap/wire.ts'
import type { KnownLabel } from '../../model/labels/labels.ts'
import type { Mail } from '../../model/mail.ts'
import { t } from '../../texts/texts.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Icon } from '../../../ui/icon.tsx'
import { label as labelThreads, meant } from '../commands.ts'
import { showDialog } from '../dialog-request.ts'
import { useMail } from '../mail-context.ts'
import './label-dialog.css'

export type LabelDialogProps = {
  readonly threads: readonly Id[] | undefined
  readonly email: Id | undefined
  readonly onClose: () => void
}

/** Type a part of a name: Enter puts the first on, or off; a new name makes a new label. */
export function LabelDialog({ threads, email, onClose }: LabelDialogProps) {
  const mail = useMail()
  const words = t().labels
  const input = useRef<HTMLInputElement>(null)
  const part = useSignal('')
  useEffect(() => input.current?.focus(), [])
  const named = threads ?? (mail.selection.whole.value ? undefined : meant(mail))
  const rows = rowsOf(mail, email, named)
  const wanted = plain(part.value)
  const fits = mail.labels.all.value.filter(({ name }) => plain(name).includes(wanted))
  const isNew = wanted !== '' && !mail.labels.all.value.some(({ name }) => plain(name) === wanted)
  const put = (label: KnownLabel, isOn: boolean) => {
    if (isOn) mail.labels.meet(label.keyword)
    if (email !== undefined) void mail.actions.labelEmail(email, label.keyword, isOn)
    else labelThreads(mail, label.keyword, isOn, threads ?? (mail.selection.whole.peek() ? undefined : named))
    if (mail.selection.whole.peek() && !threads) onClose()
  }
  const create = () =>
    void mail.labels.add(part.value).then(
      label => {
        part.value = ''
        if (input.current) input.current.value = ''
        put(label, true)
      },
      () => mail.notices.say(words.notKept),
    )
  const toggle = (label: KnownLabel) => put(label, haveIt(rows, label) !== 'all')
  return (
    <Dialog
      title={words.title}
      closeLabel={t().actions.close}
      onClose={onClose}
      footer={
        <Button kind="quiet" onClick={() => showDialog({ kind: 'settings', section: 'labels' })}>
          {words.manage}
        </Button>
      }
    >
      <div class="move">
        <input
          ref={input}
          type="text"
          class="text-field"
          maxLength={100}
          placeholder={words.find}
          aria-label={words.find}
          onInput={event => (part.value = event.currentTarget.value)}
          onKeyDown={event => {
            if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229) return
            const [first] = fits
            if (first && wanted !== '') toggle(first)
            else if (isNew) create()
          }}
        />
        {fits.length === 0 && !isNew && <p>{words.none}</p>}
        <ul>
          {fits.map(label => (
            <Choice key={label.keyword} label={label} state={haveIt(rows, label)} onToggle={() => toggle(label)} />
          ))}
          {isNew && (
            <li>
              <button type="button" class="move-to" onClick={create}>
                <Icon name="label" size={18} />
                {words.create(part.value.trim())}
              </button>
            </li>
          )}
        </ul>
      </div>
    </Dialog>
  )
}

type Having = 'all' | 'some' | 'none'

function Choice({
  label,
  state,
  onToggle,
}: {
  readonly label: KnownLabel
  readonly state: Having
  readonly onToggle: () => void
}) {
  return (
    <li>
      <button
        type="button"
        class="move-to"
        role="checkbox"
        aria-checked={state === 'some' ? 'mixed' : state === 'all'}
        title={state === 'some' ? t().labels.some : ''}
        onClick={onToggle}
      >
        <span class="label-check">
          {state === 'all' && <Icon name="check" size={14} />}
          {state === 'some' && <Icon name="minus" size={14} />}
        </span>
        <span class="label-dot" data-color={label.color} />
        {label.name}
      </button>
    </li>
  )
}

/** One entry for each thing that is labelled: the keywords of a conversation's letters together, or of one letter */
function rowsOf(mail: Mail, email: Id | undefined, threads: readonly Id[] | undefined): readonly ReadonlySet<string>[] {
  if (email !== undefined) return [new Set(Object.keys(mail.emails.get(email)?.keywords ?? {}))]
  return (threads ?? [...mail.selection.ticked.value]).map(
    thread => new Set(mail.emails.emailsOf(thread).flatMap(({ keywords }) => Object.keys(keywords))),
  )
}

function haveIt(rows: readonly ReadonlySet<string>[], { keyword }: KnownLabel): Having {
  const count = rows.filter(one => one.has(keyword)).length
  return count === 0 ? 'none' : count === rows.length ? 'all' : 'some'
}

function plain(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase()
}
