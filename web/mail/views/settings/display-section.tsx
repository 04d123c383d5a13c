import { chosenZone } from '../../model/settings.ts'
import { fullDate } from '../../model/dates.ts'
import { systemZone } from '../../model/zone.ts'
import { language, t } from '../../texts/texts.ts'
import { localeFor } from '../message-row.tsx'

/** What this browser shows how. */
export function DisplaySection() {
  const words = t().account
  return (
    <section class="account-form">
      <label>
        {words.timeZone}
        <select
          class="text-field"
          value={chosenZone.value}
          onChange={event => (chosenZone.value = event.currentTarget.value)}
        >
          <option value="">{words.systemZone(systemZone())}</option>
          {zones.map(zone => (
            <option key={zone} value={zone}>
              {zone}
            </option>
          ))}
        </select>
      </label>
      <p class="account-hint">{words.timeZoneHint(fullDate(new Date(), localeFor(language.value)))}</p>
    </section>
  )
}

const zones = Intl.supportedValuesOf('timeZone')
