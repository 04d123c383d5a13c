import type { VacationResponse } from '#protocols/jmap/wire-sending.ts'
import { localTime, readVacation, saveVacation, utcTime } from '../../model/account/preferences.ts'
import { t } from '../../texts/texts.ts'
import { Button } from '../../../ui/button.tsx'
import { useMail } from '../mail-context.ts'
import { textIn } from './form-text.ts'
import { useLoaded } from './loaded.ts'
import { Said, useSaying } from './saying.tsx'

export function AwaySection() {
  const { client } = useMail()
  const vacation = useLoaded(() => readVacation(client))
  if (vacation.hasFailed.value) return <p>{t().account.loadFailed}</p>
  return vacation.value.value ? <AwayForm vacation={vacation.value.value} /> : null
}

function AwayForm({ vacation }: { readonly vacation: VacationResponse }) {
  const { client } = useMail()
  const words = t().account
  const saying = useSaying()
  const onSubmit = async (event: Event & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const form = event.currentTarget
    const text = (name: string) => textIn(form, name).trim()
    const patch = {
      isEnabled: textIn(form, 'enabled') !== '',
      fromDate: utcTime(text('from')),
      toDate: utcTime(text('until')),
      subject: text('subject') || null,
      textBody: text('text') || null,
      htmlBody: null,
    }
    if (await saying.act(() => saveVacation(client, patch))) saying.text.value = words.saved
  }
  return (
    <form class="account-form" onSubmit={event => void onSubmit(event)}>
      <label class="account-check">
        <input type="checkbox" name="enabled" defaultChecked={vacation.isEnabled} />
        {words.isAway}
      </label>
      <p class="account-hint">{words.awayHint}</p>
      <div class="account-two">
        <label>
          {words.from}
          <input class="text-field" type="datetime-local" name="from" defaultValue={localTime(vacation.fromDate)} />
        </label>
        <label>
          {words.until}
          <input class="text-field" type="datetime-local" name="until" defaultValue={localTime(vacation.toDate)} />
        </label>
      </div>
      <p class="account-hint">{words.noEnd}</p>
      <label>
        {words.awaySubject}
        <input class="text-field" name="subject" maxLength={500} defaultValue={vacation.subject ?? ''} />
      </label>
      <label>
        {words.awayText}
        <textarea class="text-field" name="text" rows={7} maxLength={20_000} defaultValue={vacation.textBody ?? ''} />
      </label>
      <div class="account-row">
        <Button kind="primary" type="submit">
          {words.save}
        </Button>
        <Said saying={saying} />
      </div>
    </form>
  )
}
