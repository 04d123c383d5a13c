import type { ComponentChildren, Ref } from 'preact'
import { Icon, type IconName } from './icon.tsx'

type Common = {
  readonly onClick?: (event: MouseEvent) => void
  readonly disabled?: boolean
  readonly class?: string
  /** Keys that do the same, for the tooltip */
  readonly keys?: string
}

/** A drawing alone; the label is read aloud and shown when the pointer rests on it. */
export function IconButton({
  icon,
  label,
  filled = false,
  pressed,
  keys,
  size,
  buttonRef,
  ...rest
}: Common & {
  readonly icon: IconName
  readonly label: string
  readonly filled?: boolean
  readonly pressed?: boolean
  readonly size?: number
  readonly buttonRef?: Ref<HTMLButtonElement>
}) {
  return (
    <button
      type="button"
      {...rest}
      ref={buttonRef ?? null}
      class={`icon-button ${rest.class ?? ''}`}
      aria-label={label}
      title={keys === undefined ? label : `${label} (${keys})`}
      {...(pressed !== undefined && { 'aria-pressed': pressed })}
    >
      <Icon name={icon} filled={filled} {...(size !== undefined && { size })} />
    </button>
  )
}

export function Button({
  kind = 'plain',
  icon,
  type = 'button',
  children,
  ...rest
}: Common & {
  readonly kind?: 'plain' | 'primary' | 'quiet' | 'danger'
  readonly icon?: IconName
  readonly type?: 'button' | 'submit'
  readonly children: ComponentChildren
}) {
  return (
    <button type={type} {...rest} class={`button ${kind} ${rest.class ?? ''}`}>
      {icon && <Icon name={icon} size={18} />}
      <span>{children}</span>
    </button>
  )
}
