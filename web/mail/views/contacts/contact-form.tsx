/** Somebody new, or what has changed of somebody. Nothing that was filled in is lost without a question. */
import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { ContactCard } from '#protocols/jmap/wire-contacts.ts'
import type { NewCard } from '../../model/contacts/contacts.ts'
import { Refused } from '../../model/refused.ts'
import { type ContactForm as Form, readForm } from '../../model/contacts/form.ts'
import { formPatch } from '../../model/contacts/form-patch.ts'
import { goContacts, leaveCard, leaving, type Route } from '../../model/route.ts'
import { t } from '../../texts/texts.ts'
import { Button, IconButton } from '../../../ui/button.tsx'
import { useMail } from '../mail-context.ts'
import { useContacts } from './contacts-view.ts'
import { formFault } from './form-fault.ts'
import { AddressFields, LineFields } from './form-lines.tsx'
import { BirthdayFields, NameFields, TextField } from './form-fields.tsx'
import { PhotoField } from './photo-field.tsx'
import { takePrefilled } from './prefill.ts'
import './contact-form.css'

export function ContactForm({ card }: { readonly card: ContactCard | undefined }) {
  const mail = useMail()
  const view = useContacts()
  const texts = t().contacts.form
  // what the card is while the form is open; news of others do not change what is being filled in
  const before = useMemo(() => readForm(card ?? {}), [])
  const form = useSignal<Form>(useMemo(() => (card ? before : withLines({ ...before, ...takePrefilled() })), []))
  const fault = useSignal('')
  const isBusy = useSignal(false)
  const change = (patch: Partial<Form>) => {
    form.value = { ...form.peek(), ...patch }
    fault.value = ''
  }
  const isDirty = () => Object.keys(formPatch(card ?? {}, before, form.peek())).length > 0
  useEffect(() => askBeforeLeaving(isDirty, to => (view.dialog.value = { kind: 'leave', to })), [])
  const save = async () => {
    const problem = formFault(form.peek())
    if (problem !== undefined) return void (fault.value = problem)
    isBusy.value = true
    try {
      const patch = formPatch(card ?? {}, before, form.peek())
      const id = card ? card.id : await view.contacts.create(newCard(patch))
      if (card && Object.keys(patch).length > 0) await view.contacts.update(card.id, patch)
      leaving.ask = undefined
      goContacts({ card: id, isEditing: false }, { replace: true })
      mail.notices.say(texts.saved)
    } catch (error) {
      fault.value = error instanceof Refused && error.error.type === 'tooLarge' ? texts.tooLarge : texts.failed
    }
    isBusy.value = false
  }
  const fields = { form: form.value, change }
  return (
    <form
      class="contact-form"
      noValidate
      onSubmit={event => {
        event.preventDefault()
        void save()
      }}
      onKeyDown={event => event.key === 'Escape' && !event.isComposing && !event.defaultPrevented && leaveCard()}
    >
      <header class="reading-bar">
        <IconButton icon="back" class="reading-back" label={t().contacts.back} onClick={leaveCard} />
        <h2>{card ? texts.editTitle : texts.newTitle}</h2>
        <span class="spring" />
        <Button onClick={leaveCard}>{texts.cancel}</Button>
        <Button kind="primary" type="submit" disabled={isBusy.value}>
          {texts.save}
        </Button>
      </header>
      <div class="reading-scroll">
        <div class="form-fields">
          {fault.value !== '' && (
            <p class="form-fault" role="alert">
              {fault.value}
            </p>
          )}
          <PhotoField {...fields} />
          <NameFields {...fields} />
          <LineFields {...fields} name="emails" />
          <LineFields {...fields} name="phones" />
          <AddressFields {...fields} />
          <fieldset class="form-group">
            <legend>{t().contacts.work}</legend>
            <div class="form-pair">
              <TextField {...fields} name="organization" label={texts.organization} />
              <TextField {...fields} name="unit" label={texts.unit} />
            </div>
            <TextField {...fields} name="title" label={texts.jobTitle} />
          </fieldset>
          <BirthdayFields {...fields} />
          <TextField {...fields} name="nickname" label={texts.nickname} />
          <LineFields {...fields} name="links" />
          <label class="form-field">
            {t().contacts.note}
            <textarea
              class="text-field"
              rows={4}
              maxLength={10_000}
              value={form.value.note}
              onInput={event => change({ note: event.currentTarget.value })}
            />
          </label>
        </div>
      </div>
    </form>
  )
}

/** A new contact has a line to begin with. */
function withLines(form: Form): Form {
  return {
    ...form,
    emails: form.emails.length > 0 ? form.emails : [{ key: 'e1', value: '', type: 'other' }],
    phones: form.phones.length > 0 ? form.phones : [{ key: 'p1', value: '', type: 'mobile' }],
  }
}

function newCard(patch: object): NewCard {
  const said = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== null))
  return { '@type': 'Card', version: '1.0', uid: `urn:uuid:${crypto.randomUUID()}`, ...said }
}

function askBeforeLeaving(isDirty: () => boolean, ask: (to: Route) => void): () => void {
  const mine = (to: Route) => {
    if (!isDirty()) return true
    ask(to)
    return false
  }
  leaving.ask = mine
  const onUnload = (event: BeforeUnloadEvent) => {
    if (leaving.ask === mine && isDirty()) event.preventDefault()
  }
  addEventListener('beforeunload', onUnload)
  return () => {
    if (leaving.ask === mine) leaving.ask = undefined
    removeEventListener('beforeunload', onUnload)
  }
}
