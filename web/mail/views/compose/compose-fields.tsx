import { useSignal } from '@preact/signals'
import type { Composition } from '../../model/compose/composition.ts'
import { printAddress } from '../../model/compose/addresses.ts'
import type { Desk } from '../../model/compose/desk.ts'
import { t } from '../../texts/texts.ts'
import { RecipientsField } from './recipients-field.tsx'

export function ComposeFields({ desk, composition }: { readonly desk: Desk; readonly composition: Composition }) {
  const { to, cc, bcc, subject, identityId } = composition.content.value
  const hasCc = useSignal(cc.length > 0)
  const hasBcc = useSignal(bcc.length > 0)
  const identities = desk.identities.value
  const words = t().writing
  const { people } = desk
  return (
    <div class="compose-fields">
      {identities.length > 1 && (
        <label class="compose-field">
          <span class="compose-label">{words.from}</span>
          <select
            value={identityId}
            onChange={event => {
              const chosen = identities.find(({ id }) => id === event.currentTarget.value)
              if (chosen)
                composition.change({
                  identityId: chosen.id,
                  from: { name: chosen.name === '' ? null : chosen.name, email: chosen.email },
                })
            }}
          >
            {identities.map(({ id, name, email }) => (
              <option key={id} value={id}>
                {printAddress({ name, email })}
              </option>
            ))}
          </select>
        </label>
      )}
      <div class="compose-to">
        <RecipientsField
          label={words.to}
          addresses={to}
          people={people}
          autofocus={to.length === 0}
          onChange={list => composition.change({ to: list })}
        />
        <span class="compose-more">
          {!hasCc.value && (
            <button type="button" aria-label={words.addCc} onClick={() => (hasCc.value = true)}>
              {words.cc}
            </button>
          )}
          {!hasBcc.value && (
            <button type="button" aria-label={words.addBcc} onClick={() => (hasBcc.value = true)}>
              {words.bcc}
            </button>
          )}
        </span>
      </div>
      {hasCc.value && (
        <RecipientsField
          label={words.cc}
          addresses={cc}
          people={people}
          autofocus={cc.length === 0}
          onChange={list => composition.change({ cc: list })}
        />
      )}
      {hasBcc.value && (
        <RecipientsField
          label={words.bcc}
          addresses={bcc}
          people={people}
          autofocus={bcc.length === 0}
          onChange={list => composition.change({ bcc: list })}
        />
      )}
      <label class="compose-field">
        <span class="compose-label">{words.subject}</span>
        <input
          type="text"
          class="compose-subject"
          defaultValue={subject}
          maxLength={1000}
          onInput={event => composition.change({ subject: event.currentTarget.value })}
        />
      </label>
    </div>
  )
}
