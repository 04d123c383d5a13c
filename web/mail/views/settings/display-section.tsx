import { chosenZone, singleKeys, type SwipeChoice, swipeChoices, swipes } from '../../model/settings.ts'
import { fullDate } from '../../model/dates.ts'
import { systemZone } from '../../model/zone.ts'
import { displayTexts } from '../../texts/display.ts'
import { language, t } from '../../texts/texts.ts'
import { localeFor } from '../message-row.tsx'

/** What this browser shows how. */
export function DisplaySection() {
  return (
    <>
      <ZoneForm />
      <SwipeForm />
      <KeysForm />
    </>
  )
}

function ZoneForm() {
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

function SwipeForm() {
  const words = displayTexts()
  return (
    <section class="account-form">
      <h3>{words.swipe}</h3>
      <div class="account-two">
        {(['right', 'left'] as const).map(side => (
          <label key={side}>
            {words.sides[side]}
            <select
              class="text-field"
              value={swipes[side].value}
              onChange={({ currentTarget: { value } }) => (swipes[side].value = value as SwipeChoice)}
            >
              {swipeChoices.map(one => (
                <option key={one} value={one}>
                  {words.swipes[one]}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
      <p class="account-hint">{words.swipeHint}</p>
    </section>
  )
}

function KeysForm() {
  const words = displayTexts()
  return (
    <section class="account-form">
      <h3>{words.keys}</h3>
      <label class="account-check">
        <input
          type="checkbox"
          checked={singleKeys.value === 'on'}
          onChange={event => (singleKeys.value = event.currentTarget.checked ? 'on' : 'off')}
        />
        {words.singleKeys}
      </label>
      <p class="account-hint">{words.singleKeysHint}</p>
    </section>
  )
}

const zones = Intl.supportedValuesOf('timeZone')
