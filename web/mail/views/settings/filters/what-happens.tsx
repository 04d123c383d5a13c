import type { Signal } from '@preact/signals'
import { choices, type FilterForm } from '../../../model/filters/form.ts'
import { pathOf } from '../../../model/filters/acting.ts'
import type { Mailbox } from '#protocols/jmap/wire.ts'
import { t } from '../../../texts/texts.ts'
import { useMail } from '../../mail-context.ts'
import { mailboxName } from '../../mailbox-name.ts'
import { placesOf } from './filter-editor.tsx'

export function WhatHappens({ form }: { readonly form: Signal<FilterForm> }) {
  const mail = useMail()
  const words = t().filters
  const now = form.value
  const change = (patch: Partial<FilterForm>) => void (form.value = { ...form.peek(), ...patch })
  const { byId } = mail.mailboxes
  const shown = (mailbox: Mailbox) => (mailbox.role === null ? pathOf(mailbox, byId.value) : mailboxName(mailbox))
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
      <details open={now.copyTo !== '' || now.labels !== '' || now.forward !== ''}>
        <summary>{`${words.labels} · ${words.copyTo} · ${words.forward}`}</summary>
        <label>
          {words.labels}
          <input
            class="text-field"
            maxLength={200}
            value={now.labels}
            onInput={({ currentTarget: { value } }) => change({ labels: value })}
          />
          <span class="account-hint">{words.labelsHint}</span>
        </label>
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
