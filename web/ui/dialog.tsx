import type { ComponentChildren } from 'preact'
import { IconButton } from './button.tsx'
import { useModal } from './modal.ts'

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
  const { ref, over, onCancel, onClose: onClosed } = useModal(onClose)
  return (
    <dialog
      ref={ref}
      class={wide ? 'dialog wide' : 'dialog'}
      aria-label={title}
      onCancel={onCancel}
      onClose={onClosed}
      onClick={event => event.target === ref.current && over()}
    >
      <div class="dialog-sheet" tabIndex={-1} autofocus>
        <header class="dialog-head">
          <h2>{title}</h2>
          <IconButton icon="close" label={closeLabel} onClick={over} />
        </header>
        <div class="dialog-body">{children}</div>
        {footer !== undefined && <footer class="dialog-foot">{footer}</footer>}
      </div>
    </dialog>
  )
}
