/** What every modal dialog does: it is shown when it comes, and its end is told once, at once. */
import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

export type Modal = {
  readonly ref: RefObject<HTMLDialogElement | null>
  readonly over: () => void
  readonly onCancel: (event: Event) => void
  readonly onClose: (event: Event) => void
}

/**
 * A browser tells of a dialog's end in a task of its own; a key that is pressed until then would belong to nobody. So Escape and our own
 * buttons end it here, which gives the focus back and tells `onClose` before anything else happens; the browser's word is for the rest.
 */
export function useModal(onClose: () => void): Modal {
  const ref = useRef<HTMLDialogElement>(null)
  const isOver = useRef(false)
  useEffect(() => ref.current?.showModal(), [])
  const over = () => {
    if (isOver.current) return
    isOver.current = true
    ref.current?.close()
    onClose()
  }
  // a field for files inside has events of these names too
  const isOurs = (event: Event) => event.target === ref.current
  return {
    ref,
    over,
    onCancel: event => {
      if (!isOurs(event)) return
      event.preventDefault()
      over()
    },
    onClose: event => isOurs(event) && over(),
  }
}
