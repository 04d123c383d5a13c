/** A button that unfolds a list of things to do. The browser's own popover closes it when something else is clicked, and Escape does. */
import type { ComponentChildren } from 'preact'
import { useId, useRef } from 'preact/hooks'
import { IconButton } from './button.tsx'
import { Icon, type IconName } from './icon.tsx'

export function MenuButton({
  icon,
  label,
  children,
  class: name = '',
  size,
}: {
  readonly icon: IconName
  readonly label: string
  readonly children: ComponentChildren
  readonly class?: string
  readonly size?: number
}) {
  const button = useRef<HTMLButtonElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const open = () => {
    if (!button.current || !panel.current) return
    panel.current.togglePopover()
  }
  return (
    <>
      <IconButton
        icon={icon}
        label={label}
        class={name}
        buttonRef={button}
        onClick={open}
        {...(size !== undefined && { size })}
      />
      <MenuPanel panel={panel} anchor={() => button.current}>
        {children}
      </MenuPanel>
    </>
  )
}

export function MenuPanel({
  panel,
  anchor,
  children,
}: {
  readonly panel: { current: HTMLDivElement | null }
  readonly anchor: () => HTMLElement | null
  readonly children: ComponentChildren
}) {
  const id = useId()
  const onToggle = (event: { readonly newState: string }) => {
    const at = anchor()
    if (event.newState !== 'open' || !panel.current || !at) return
    place(panel.current, at)
    panel.current.querySelector<HTMLElement>('[role^=menuitem], input')?.focus()
  }
  return (
    <div
      ref={panel}
      id={id}
      class="menu"
      role="menu"
      popover="auto"
      onToggle={onToggle}
      onKeyDown={event => walk(event, panel.current)}
    >
      {children}
    </div>
  )
}

export function MenuItem({
  icon,
  checked,
  onClick,
  children,
  danger = false,
}: {
  readonly icon?: IconName
  /** One of several that exclude each other */
  readonly checked?: boolean
  readonly onClick: () => void
  readonly children: ComponentChildren
  readonly danger?: boolean
}) {
  return (
    <button
      type="button"
      class={danger ? 'menu-item danger' : 'menu-item'}
      role={checked === undefined ? 'menuitem' : 'menuitemradio'}
      {...(checked !== undefined && { 'aria-checked': checked })}
      onClick={event => {
        event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover()
        onClick()
      }}
    >
      {checked === undefined ? (
        icon && <Icon name={icon} size={18} />
      ) : (
        <span class="menu-tick">{checked && <Icon name="check" size={16} />}</span>
      )}
      <span>{children}</span>
    </button>
  )
}

/** Leads out of the program, into a tab of its own. */
export function MenuLink({
  icon,
  href,
  children,
}: {
  readonly icon: IconName
  readonly href: string
  readonly children: ComponentChildren
}) {
  return (
    <a
      class="menu-item"
      role="menuitem"
      href={href}
      target="_blank"
      rel="noopener noreferrer"
      onClick={event => event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover()}
    >
      <Icon name={icon} size={18} />
      <span>{children}</span>
    </a>
  )
}

export function MenuLabel({ children }: { readonly children: ComponentChildren }) {
  return <div class="menu-label">{children}</div>
}

export function MenuLine() {
  return <hr class="menu-line" />
}

/** Below what opened it, or above where there is no room; inside the window in any case. */
export function place(panel: HTMLElement, anchor: HTMLElement): void {
  const at = anchor.getBoundingClientRect()
  const { width, height } = panel.getBoundingClientRect()
  const gap = 4
  const below = at.bottom + gap + height <= innerHeight - 8
  const top = below ? at.bottom + gap : Math.max(8, at.top - gap - height)
  const isRight = at.left + width > innerWidth - 8
  const left = isRight ? Math.max(8, at.right - width) : at.left
  panel.style.top = `${top}px`
  panel.style.left = `${left}px`
}

function walk(event: KeyboardEvent, panel: HTMLElement | null): void {
  if (!panel || event.isComposing || !['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(event.key)) return
  const items = [...panel.querySelectorAll<HTMLElement>('[role^=menuitem]:not([disabled])')]
  const at = items.indexOf(document.activeElement as HTMLElement)
  const to =
    { ArrowDown: at + 1, ArrowUp: at < 0 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 }[event.key] ?? 0
  items[(to + items.length) % items.length]?.focus()
  event.preventDefault()
  event.stopPropagation()
}
