import { useSignal } from '@preact/signals'
import { type Chosen, choices, choose } from '../../model/notify/notify.ts'
import { hidesNews, type Notifying, notifying, notifyings } from '../../model/settings.ts'
import { t } from '../../texts/texts.ts'
import { useMail } from '../mail-context.ts'

/** Whether this browser tells of new mail. It asks for leave when something is chosen, and never by itself. */
export function NewsSection() {
  const mail = useMail()
  const words = t().away.news
  const said = useSignal<Chosen | undefined>(undefined)
  const can = choices(mail)
  const pick = async (wanted: Notifying) => {
    said.value = undefined
    said.value = await choose(mail, wanted)
  }
  const isAllowed = (one: Notifying) => one === 'off' || can[one]
  return (
    <div class="account-form">
      <fieldset class="news-choices">
        <legend>{words.title}</legend>
        {notifyings.map(one => (
          <label key={one} class="account-check">
            <input
              type="radio"
              name="notifying"
              checked={notifying.value === one}
              disabled={!isAllowed(one)}
              onClick={event => {
                // it is chosen when the browser has said yes
                event.preventDefault()
                void pick(one)
              }}
            />
            {words.choices[one]}
          </label>
        ))}
      </fieldset>
      {!can.open && <p class="account-hint">{words.cannot}</p>}
      {can.open && !can.closed && <p class="account-hint">{words.cannotPush}</p>}
      <p class="account-hint">{words.hint}</p>
      <label class="account-check">
        <input
          type="checkbox"
          checked={hidesNews.value === 'yes'}
          onChange={event => (hidesNews.value = event.currentTarget.checked ? 'yes' : 'no')}
        />
        {words.hides}
      </label>
      <p class="account-said" role="status">
        {said.value === 'denied' && words.denied}
        {said.value === 'failed' && words.failed}
        {said.value === 'done' && t().account.saved}
      </p>
    </div>
  )
}
