import { useSignal } from '@preact/signals'
import type { Waiting } from '../../model/compose/outbox.ts'
import { longDate } from '../../model/dates.ts'
import { nameOf } from '../../model/people.ts'
import { momentOf, wallTime } from '../../model/zone.ts'
import { language, t } from '../../texts/texts.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { showDialog } from '../dialog-request.ts'
import { useMail } from '../mail-context.ts'
import { localeFor } from '../message-row.tsx'
import { desk } from './open-desk.ts'
import { writing } from '../writing.ts'
import './scheduled.css'

/** What waits to be sent, the next one first. */
export function ScheduledDialog({ onClose }: { readonly onClose: () => void }) {
  const words = t().writing
  const waiting = writing.value?.outbox.waiting.value ?? []
  return (
    <Dialog title={words.scheduledTitle} closeLabel={t().actions.close} onClose={onClose} wide>
      {waiting.length === 0 ? <p>{words.scheduledNone}</p> : <p class="scheduled-hint">{words.scheduledHint}</p>}
      <ul class="scheduled">
        {waiting.map(one => (
          <Item key={one.submissionId} one={one} onClose={onClose} />
        ))}
      </ul>
    </Dialog>
  )
}

function Item({ one, onClose }: { readonly one: Waiting; readonly onClose: () => void }) {
  const { notices } = useMail()
  const words = t().writing
  const isAsking = useSignal(false)
  const isBusy = useSignal(false)
  const subject = one.subject || t().list.noSubject
  const shown = (date: Date) =>
    longDate(date, new Date(), { locale: localeFor(language.value), yesterday: t().list.yesterday })
  const act = async (what: () => Promise<void>) => {
    isBusy.value = true
    await what().catch(() => notices.failed())
    isBusy.value = false
  }
  const sendAt = (at: Date | undefined) =>
    act(async () => {
      const how = await writing.peek()?.outbox.sendAt(one, at)
      if (how === 'too-late') notices.say(words.tooLate)
      else if (how === 'draft') notices.say(words.notRescheduled)
      else notices.say(at ? words.rescheduled(shown(at)) : words.sentNow)
    })
  const back = () =>
    act(async () => {
      const isBack = await writing.peek()?.outbox.back(one)
      if (!isBack) return notices.say(words.tooLate)
      onClose()
      writing.peek()?.start({ kind: 'draft', emailId: one.emailId })
    })
  const onSubmit = (event: Event & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const field = event.currentTarget.elements.namedItem('at')
    const at = momentOf(field instanceof HTMLInputElement ? field.value : '')
    isAsking.value = false
    void sendAt(at)
  }
  return (
    <li aria-busy={isBusy.value}>
      <strong>{subject}</strong>
      <span>{t().list.to(one.to.map(nameOf).join(', '))}</span>
      <time dateTime={one.sendAt.toISOString()}>{words.leavesAt(shown(one.sendAt))}</time>
      {isAsking.value ? (
        <form class="scheduled-acts" onSubmit={onSubmit}>
          <input
            type="datetime-local"
            name="at"
            class="text-field"
            required
            autofocus
            min={wallTime(new Date())}
            max={wallTime(new Date(Date.now() + (desk.peek()?.maxDelaySeconds ?? 0) * 1000))}
            defaultValue={wallTime(one.sendAt)}
            aria-label={words.newTime(subject)}
          />
          <Button kind="primary" type="submit">
            {words.setTime}
          </Button>
          <Button onClick={() => (isAsking.value = false)}>{t().confirm.cancel}</Button>
        </form>
      ) : (
        <div class="scheduled-acts">
          <Button disabled={isBusy.value} onClick={() => (isAsking.value = true)}>
            {words.changeTime}
          </Button>
          <Button disabled={isBusy.value} onClick={() => void sendAt(undefined)}>
            {words.sendNow}
          </Button>
          <Button disabled={isBusy.value} onClick={() => void back()}>
            {words.backToDraft}
          </Button>
          <Button kind="quiet" icon="track" onClick={() => showDialog({ kind: 'track', emailId: one.emailId })}>
            {t().track.title}
          </Button>
        </div>
      )}
    </li>
  )
}
