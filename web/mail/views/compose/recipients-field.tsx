import { useSignal } from '@preact/signals'
import { useId, useRef } from 'preact/hooks'
import type { EmailAddress } from '#protocols/jmap/wire.ts'
import { printAddress, readTypedAddresses } from '../../model/compose/addresses.ts'
import type { KnownPeople } from '../../model/compose/known-people.ts'
import { addressesOf, type Suggestion } from '../../model/compose/suggestion.ts'
import { distinct, nameOf } from '../../model/people.ts'
import { t } from '../../texts/texts.ts'
import { Avatar } from '../../../ui/avatar.tsx'
import { Icon } from '../../../ui/icon.tsx'

type Props = {
  readonly label: string
  readonly addresses: readonly EmailAddress[]
  readonly people: KnownPeople
  readonly onChange: (addresses: readonly EmailAddress[]) => void
  readonly autofocus?: boolean
}

/** Addresses as chips. What is typed becomes one with a comma, Enter, or when the field is left; never while an input method composes. */
export function RecipientsField({ label, addresses, people, onChange, autofocus = false }: Props) {
  const input = useRef<HTMLInputElement>(null)
  const text = useSignal('')
  const chosen = useSignal(0)
  const isOpen = useSignal(false)
  const listId = useId()
  const found = isOpen.value ? people.find(text.value, addresses) : []
  const set = (value: string) => {
    text.value = value
    if (input.current) input.current.value = value
  }
  const add = (more: readonly EmailAddress[], rest = '') => {
    if (more.length > 0) onChange(distinct([...addresses, ...more]))
    set(rest)
    chosen.value = 0
  }
  const take = () => {
    const { addresses: read, rest } = readTypedAddresses(text.value)
    add(read, rest)
  }
  const onInput = (value: string) => {
    text.value = value
    chosen.value = 0
    isOpen.value = true
    if (/[,;\n，；、]/.test(value)) take()
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === 229) return
    const pick = found[chosen.value]
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (found.length === 0) return
      chosen.value = (chosen.value + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % found.length
    } else if ((event.key === 'Enter' || event.key === 'Tab') && pick) {
      add(addressesOf(pick))
      if (event.key === 'Tab') return
    } else if (event.key === 'Enter') take()
    else if (event.key === 'Escape' && found.length > 0) isOpen.value = false
    else if (event.key === 'Backspace' && text.value === '' && addresses.length > 0) onChange(addresses.slice(0, -1))
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div class="compose-field">
      <span class="compose-label">{label}</span>
      <div class="chips" onClick={event => event.target === event.currentTarget && input.current?.focus()}>
        {addresses.map(address => (
          <Chip
            key={address.email}
            address={address}
            onRemove={() => onChange(addresses.filter(one => one !== address))}
          />
        ))}
        <input
          ref={input}
          type="text"
          inputMode="email"
          autoComplete="off"
          autoCapitalize="none"
          spellcheck={false}
          autofocus={autofocus}
          role="combobox"
          aria-label={label}
          aria-expanded={found.length > 0}
          aria-controls={listId}
          aria-autocomplete="list"
          {...(found.length > 0 && { 'aria-activedescendant': `${listId}-${chosen.value}` })}
          onInput={event => onInput(event.currentTarget.value)}
          onKeyDown={onKey}
          onBlur={() => {
            isOpen.value = false
            take()
          }}
        />
        <ul
          id={listId}
          class="suggestions"
          role="listbox"
          aria-label={t().writing.suggestions}
          hidden={found.length === 0}
        >
          {found.map((one, at) => (
            <li
              key={one.kind === 'group' ? one.name : one.address.email}
              id={`${listId}-${at}`}
              role="option"
              aria-selected={at === chosen.value}
              // before the field loses its focus
              onPointerDown={event => {
                event.preventDefault()
                add(addressesOf(one))
              }}
            >
              <Suggested suggestion={one} />
            </li>
          ))}
        </ul>
      </div>
      {text.value !== '' && !isOpen.value && (
        <span class="compose-wrong" role="alert">
          {t().writing.notAnAddress(text.value)}
        </span>
      )}
    </div>
  )
}

function Suggested({ suggestion }: { readonly suggestion: Suggestion }) {
  if (suggestion.kind === 'person') {
    const { address } = suggestion
    return (
      <>
        <Avatar name={nameOf(address)} seed={address.email} size={28} />
        <span>{nameOf(address)}</span>
        <span class="suggestion-address">{address.email}</span>
      </>
    )
  }
  return (
    <>
      <span class="suggestion-group">
        <Icon name="people" size={18} />
      </span>
      <span>{suggestion.name}</span>
      <span class="suggestion-address">{t().contacts.people(suggestion.addresses.length)}</span>
    </>
  )
}

function Chip({ address, onRemove }: { readonly address: EmailAddress; readonly onRemove: () => void }) {
  return (
    <span class="chip" title={printAddress(address)}>
      <span>{nameOf(address)}</span>
      <button type="button" aria-label={t().writing.removeAddress(address.email)} onClick={onRemove}>
        <Icon name="close" size={13} />
      </button>
    </span>
  )
}
