import type { Signal } from '@preact/signals'
import { choices, type FilterForm } from '../../../model/filters/form.ts'
import { pathOf, placesOf } from '../../../model/filters/acting.ts'
import type { Mailbox } from '#protocols/jmap/wire.ts'
import { filterTexts } from '../../../texts/filters.ts'
import { useMail } from '../../mail-context.ts'
import { plainName } from '../../../model/plain-signs.ts'
import { mailboxName } from '../../mailbox-name.ts'

export function WhatHappens({ form }: { readonly form: Signal<FilterForm> }) {
  const mail = useMail()
  const words = filterTexts()
  const now = form.value
  const change = (patch: Partial<FilterForm>) => void (form.value = { ...form.peek(), ...patch })
  const { byId } = mail.mailboxes
  const shown = (mailbox: Mailbox) =>
    mailbox.role === null ? plainName(pathOf(mailbox, byId.value)) : mailboxName(mailbox)
  const options = choices(mail.mailboxes.tree.value, placesOf(mail)).map(mailbox => (
    <option key={mailbox.id} value={mailbox.id}>
      {shown(mailbox)}
    </option>
  ))
  return (
    <fieldset class="filters-set">
      <legend>{words.what}</legend>
      <label>
        {words.place}
        <select
          class="text-field"
          value={now.place}
          onChange={({ currentTarget: { value } }) => change({ place: value })}
        >
          <option value="stay">{words.stay}</option>
          {options}
          {now.gone && <option value="gone">{words.gone(now.gone.name)}</option>}
          <option value="new">{words.newMailbox}</option>
          <option value="trash">{words.trash}</option>
          <option value="discard">{words.discard}</option>
        </select>
      </label>
      {now.place === 'new' && (
        <label>
          {words.newName}
          <input
            class="text-field"
            maxLength={100}
            value={now.newName}
            onInput={({ currentTarget: { value } }) => change({ newName: value })}
          />
        </label>
      )}
      {(['star', 'read', 'neverJunk'] as const).map(name => (
        <label key={name} class="account-check">
          <input
            type="checkbox"
            checked={now[name]}
            onChange={({ currentTarget: { checked } }) => change({ [name]: checked })}
          />
          {words[name]}
        </label>
      ))}
      <details open={now.copyTo !== '' || now.labels.length > 0 || now.forward !== ''}>
        <summary>{`${words.labels} · ${words.copyTo} · ${words.forward}`}</summary>
        <fieldset class="filters-labels">
          <legend>{words.labels}</legend>
          {[...new Set([...mail.labels.all.value.map(({ keyword }) => keyword), ...now.labels])].map(keyword => (
            <label key={keyword} class="account-check">
              <input
                type="checkbox"
                checked={now.labels.includes(keyword)}
                onChange={({ currentTarget: { checked } }) =>
                  change({
                    labels: checked ? [...now.labels, keyword] : now.labels.filter(one => one !== keyword),
                  })
                }
              />
              {mail.labels.of(keyword)?.name ?? keyword}
            </label>
          ))}
        </fieldset>
        <label>
          {words.copyTo}
          <select
            class="text-field"
            value={now.copyTo}
            onChange={({ currentTarget: { value } }) => change({ copyTo: value })}
          >
            <option value="">{words.noCopy}</option>
            {options}
          </select>
        </label>
        <label>
          {words.forward}
          <input
            class="text-field"
            inputMode="email"
            autoComplete="off"
            maxLength={500}
            value={now.forward}
            onInput={({ currentTarget: { value } }) => change({ forward: value })}
          />
          <span class="account-hint">{words.forwardHint}</span>
        </label>
      </details>
      <label class="account-check">
        <input
          type="checkbox"
          checked={now.stops}
          onChange={({ currentTarget: { checked } }) => change({ stops: checked })}
        />
        {words.stops}
      </label>
    </fieldset>
  )
}
