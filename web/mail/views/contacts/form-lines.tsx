/** Lines of which there may be several: addresses of all kinds. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { FormAddress, FormLine, LineType } from '../../model/contacts/form.ts'
import { isEastAsian } from '../../model/contacts/facts.ts'
import { language, t } from '../../texts/texts.ts'
import { Button, IconButton } from '../../../ui/button.tsx'
import type { Fields } from './form-fields.tsx'

type LineName = 'emails' | 'phones' | 'links'

const kinds: Readonly<
  Record<LineName | 'addresses', { readonly prefix: string; readonly types: readonly LineType[] }>
> = {
  emails: { prefix: 'e', types: ['private', 'work', 'other'] },
  phones: { prefix: 'p', types: ['mobile', 'private', 'work', 'fax', 'other'] },
  links: { prefix: 'l', types: ['private', 'work', 'other'] },
  addresses: { prefix: 'a', types: ['private', 'work', 'other'] },
}

const inputModes = { emails: 'email', phones: 'tel', links: 'url' } as const

export function LineFields({ form, change, name }: Fields & { readonly name: LineName }) {
  const texts = t().contacts
  const what = { emails: texts.email, phones: texts.phone, links: texts.link }[name]
  const add = { emails: texts.form.addEmail, phones: texts.form.addPhone, links: texts.form.addLink }[name]
  const lines = form[name]
  const set = (next: readonly FormLine[]) => change({ [name]: next })
  const update = (line: FormLine, patch: Partial<FormLine>) =>
    set(lines.map(one => (one.key === line.key ? { ...one, ...patch } : one)))
  const { prefix, types } = kinds[name]
  return (
    <Lines
      legend={what}
      add={add}
      onAdd={() => set([...lines, { key: freeKey(lines, prefix), value: '', type: types[0] ?? 'other' }])}
    >
      {lines.map(line => (
        <div key={line.key} class="form-line">
          <TypeSelect what={what} types={types} value={line.type} onChange={type => update(line, { type })} />
          <input
            class="text-field"
            inputMode={inputModes[name]}
            aria-label={what}
            maxLength={1000}
            autoComplete="off"
            autoCapitalize="none"
            spellcheck={false}
            value={line.value}
            onInput={event => update(line, { value: event.currentTarget.value })}
          />
          <RemoveButton what={`${what} ${line.value}`.trim()} onClick={() => set(lines.filter(one => one !== line))} />
        </div>
      ))}
    </Lines>
  )
}

export function AddressFields({ form, change }: Fields) {
  const texts = t().contacts
  const all = form.addresses
  const set = (addresses: readonly FormAddress[]) => change({ addresses })
  const empty = {
    type: 'private',
    postcode: '',
    region: '',
    locality: '',
    street: '',
    building: '',
    country: '',
  } as const
  return (
    <Lines
      legend={texts.address}
      add={texts.form.addAddress}
      onAdd={() => set([...all, { ...empty, key: freeKey(all, 'a') }])}
    >
      {all.map(one => (
        <AddressField
          key={one.key}
          address={one}
          onChange={patch => set(all.map(other => (other.key === one.key ? { ...one, ...patch } : other)))}
          onRemove={() => set(all.filter(other => other !== one))}
        />
      ))}
    </Lines>
  )
}

/** In the order in which it is written where it is. */
function AddressField({
  address,
  onChange,
  onRemove,
}: {
  readonly address: FormAddress
  readonly onChange: (patch: Partial<FormAddress>) => void
  readonly onRemove: () => void
}) {
  const texts = t().contacts
  const told = [address.region, address.locality, address.street].filter(value => value !== '')
  const isEastern =
    told.length === 0
      ? language.value === 'ja'
      : isEastAsian({ components: told.map(value => ({ kind: 'name', value })) })
  const field = (name: Exclude<keyof FormAddress, 'key' | 'type'>) => (
    <label key={name} class={`form-field form-${name}`}>
      {texts.form[name]}
      <input
        class="text-field"
        maxLength={250}
        autoComplete="off"
        value={address[name]}
        onInput={event => onChange({ [name]: event.currentTarget.value })}
      />
    </label>
  )
  return (
    <div class="form-address">
      <div class="form-line">
        <TypeSelect
          what={texts.address}
          types={kinds.addresses.types}
          value={address.type}
          onChange={type => onChange({ type })}
        />
        <span class="spring" />
        <RemoveButton what={texts.address} onClick={onRemove} />
      </div>
      {isEastern ? (
        <>
          <div class="form-triple">
            {field('postcode')}
            {field('region')}
            {field('locality')}
          </div>
          {field('street')}
          {field('building')}
        </>
      ) : (
        <>
          {field('street')}
          {field('building')}
          <div class="form-triple form-western">
            {field('locality')}
            {field('region')}
            {field('postcode')}
          </div>
        </>
      )}
      {field('country')}
    </div>
  )
}

type LinesProps = {
  readonly legend: string
  readonly add: string
  readonly onAdd: () => void
  readonly children: readonly ComponentChildren[]
}

/** A line that was added has the focus. */
function Lines({ legend, add, onAdd, children }: LinesProps) {
  const box = useRef<HTMLFieldSetElement>(null)
  const isAdded = useRef(false)
  useEffect(() => {
    if (!isAdded.current) return
    isAdded.current = false
    const last = box.current?.querySelector('.form-several > :last-child')
    last?.querySelector<HTMLElement>('input')?.focus()
  }, [children.length])
  return (
    <fieldset ref={box} class="form-group">
      <legend>{legend}</legend>
      <div class="form-several">{children}</div>
      <Button
        kind="quiet"
        icon="add"
        onClick={() => {
          isAdded.current = true
          onAdd()
        }}
      >
        {add}
      </Button>
    </fieldset>
  )
}

type SelectProps = {
  readonly what: string
  readonly types: readonly LineType[]
  readonly value: LineType
  readonly onChange: (type: LineType) => void
}

function TypeSelect({ what, types, value, onChange }: SelectProps) {
  const texts = t().contacts
  return (
    <select
      class="text-field form-type"
      aria-label={`${what}: ${texts.form.type}`}
      value={value}
      onChange={event => onChange(types.find(type => type === event.currentTarget.value) ?? 'other')}
    >
      {types.map(type => (
        <option key={type} value={type} selected={type === value}>
          {texts.types[type]}
        </option>
      ))}
    </select>
  )
}

function RemoveButton({ what, onClick }: { readonly what: string; readonly onClick: () => void }) {
  return <IconButton icon="close" size={18} label={t().contacts.form.removeLine(what)} onClick={onClick} />
}

function freeKey(lines: readonly { readonly key: string }[], prefix: string): string {
  let count = lines.length + 1
  while (lines.some(({ key }) => key === `${prefix}${count}`)) count++
  return `${prefix}${count}`
}
