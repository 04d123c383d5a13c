import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { IconButton } from './button.tsx'

/** The browser's own modal dialog: it keeps the focus inside, and Escape closes it. */
export function Dialog({
  title,
  closeLabel,
  onClose,
  children,
  footer,
  wide = false,
}: {
  readonly title: string
  readonly closeLabel: string
  readonly onClose: () => void
  readonly children: ComponentChildren
  readonly footer?: ComponentChildren
  readonly wide?: boolean
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      ref={dialog}
      class={wide ? 'dialog wide' : 'dialog'}
      aria-label={title}
      onClose={onClose}
      onClick={event => event.target === dialog.current && dialog.current?.close()}
    >
      <div class="dialog-sheet" tabIndex={-1} autofocus>
        <header class="dialog-head">
          <h2>{title}</h2>
          <IconButton icon="close" label={closeLabel} onClick={() => dialog.current?.close()} />
        </header>
        <div class="dialog-body">{children}</div>
        {footer !== undefined && <footer class="dialog-foot">{footer}</footer>}
      </div>
    </dialog>
  )
}
