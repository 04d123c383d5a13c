/** One filter in its form: what it asks, what it does, and which letters it fits now. */
import { type Signal, useSignal } from '@preact/signals'
import type { Filter } from '#formats/sieve/filters/filter.ts'
import { makeMailbox, patchFor, placesOf, type Scope } from '../../../model/filters/acting.ts'
import { BulkRun } from '../../../model/bulk/run.ts'
import { type FilterStore, withFilterAnyway } from '../../../model/filters/filter-store.ts'
import { type FilterForm, filterOf, formOf, problemOf } from '../../../model/filters/form.ts'
import { proposalsFor } from '../../../model/filters/proposals.ts'
import type { Mail } from '../../../model/mail.ts'
import type { Letter } from '../../../model/conversation.ts'
import { filterTexts } from '../../../texts/filters.ts'
import { Button } from '../../../../ui/button.tsx'
import { useMail } from '../../mail-context.ts'
import { Applying } from './applying.tsx'
import { ConditionRows } from './condition-rows.tsx'
import { conditionInWords } from './filter-words.ts'
import type { Editing } from './filters-section.tsx'
import { idsOf, Preview, usePreview } from './preview.tsx'
import { useTold } from './said.tsx'
import { WhatHappens } from './what-happens.tsx'

type Editor = {
  readonly store: FilterStore
  readonly editing: Extract<Editing, { kind: 'filter' }>
  readonly onClose: () => void
}

export function FilterEditor({ store, editing, onClose }: Editor) {
  const mail = useMail()
  const words = filterTexts()
  const form = useSignal<FilterForm>(formOf(editing.filter, placesOf(mail)))
  const isApplied = useSignal(false)
  const run = useSignal<BulkRun | undefined>(undefined)
  const told = useTold()
  const scope = useSignal<Scope>({ in: placesOf(mail).inbox })
  const preview = usePreview(form, scope)
  const change = (patch: Partial<FilterForm>) => void (form.value = { ...form.peek(), ...patch })
  const save = async () => {
    const problem = problemOf(form.peek())
    if (problem) return void (told.text.value = words.problems[problem])
    if (form.peek().place === 'discard' && !confirm(words.discardSure)) return
    // what was found belongs to what is saved
    const where = scope.peek()
    const ids = isApplied.peek() ? idsOf(preview.peek()) : []
    const isSaved = await told.act(async () => {
      const filter = await prepared(mail, form)
      await store.change(document => withFilterAnyway(document, editing.piece, filter))
      if (ids.length > 0) run.value = startRun(mail, ids, { filter, scope: where })
    })
    if (isSaved && ids.length === 0) onClose()
  }
  if (run.value) return <Applying run={run.value} onClose={onClose} />
  return (
    <form
      class="account-form filters"
      aria-label={words.editor}
      onSubmit={event => {
        event.preventDefault()
        void save()
      }}
    >
      {editing.like && <Proposals like={editing.like} form={form} />}
      <label>
        {words.name}
        <input
          class="text-field"
          value={form.value.name}
          maxLength={100}
          placeholder={suggestedName(form.value)}
          onInput={({ currentTarget: { value } }) => change({ name: value })}
        />
      </label>
      <ConditionRows form={form} />
      <Preview matches={preview} scope={scope} />
      <WhatHappens form={form} />
      {idsOf(preview.value).length > 0 && (
        <div>
          <label class="account-check">
            <input
              type="checkbox"
              checked={isApplied.value}
              onChange={({ currentTarget: { checked } }) => (isApplied.value = checked)}
            />
            {words.applyTo(idsOf(preview.value).length)}
          </label>
          {form.value.forward.trim() !== '' && <p class="account-hint">{words.applyHint}</p>}
        </div>
      )}
      <div class="account-row">
        <Button kind="primary" type="submit" disabled={told.isBusy.value}>
          {words.save}
        </Button>
        <Button onClick={onClose}>{words.cancel}</Button>
        <p class="account-said" role="status">
          {told.text.value}
        </p>
      </div>
    </form>
  )
}

/** The mailbox that it names is made, once: if saving fails afterwards, the form names one that is there. */
async function prepared(mail: Mail, form: Signal<FilterForm>): Promise<Filter> {
  const { place, newName } = form.peek()
  if (place === 'new') {
    const id = await makeMailbox(mail.client, newName.trim())
    await mail.sync.now()
    form.value = { ...form.peek(), place: id, newName: '' }
  }
  const filter = filterOf(form.peek(), placesOf(mail))
  return filter.name === '' ? { ...filter, name: suggestedName(form.peek()) } : filter
}

type Applied = { readonly filter: Filter; readonly scope: Scope }

function startRun(mail: Mail, ids: readonly string[], { filter, scope }: Applied): BulkRun {
  const run = new BulkRun(mail.client, ids, { kind: 'patch', patchOf: patchFor(filter, placesOf(mail), scope) })
  void run.run().then(() => mail.sync.now().catch(() => undefined))
  return run
}

/** What stands there when no name is given */
function suggestedName({ conditions }: Pick<FilterForm, 'conditions'>): string {
  const [first] = conditions
  if (!first) return ''
  const told = 'value' in first ? first.value.trim() : ''
  return told === '' ? filterTexts().kinds[first.kind] : told.slice(0, 60)
}

function Proposals({ like, form }: { readonly like: Letter; readonly form: Signal<FilterForm> }) {
  const words = filterTexts()
  const all = proposalsFor(like)
  const [first] = form.value.conditions
  return (
    <fieldset class="filters-proposals">
      <legend>{words.proposals}</legend>
      {all.map(({ kind, condition, name }) => (
        <label key={kind} class="account-check">
          <input
            type="radio"
            name="proposal"
            checked={JSON.stringify(condition) === JSON.stringify(first)}
            onChange={() => {
              const was = form.peek().name
              // a name that somebody has written stays
              const isOurs = was === '' || all.some(one => one.name === was)
              form.value = { ...form.peek(), conditions: [condition], ...(isOurs && { name }) }
            }}
          />
          <span>
            {words.proposalKinds[kind]}
            <small>{conditionInWords(condition)}</small>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
