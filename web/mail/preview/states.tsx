import type { ComponentChildren } from 'preact'
import { t } from '../texts/texts.ts'

export function Waiting() {
  return (
    <p class="viewer-note" role="status">
      {t().preview.loading}
    </p>
  )
}

export function Problem({ text, children }: { readonly text: string; readonly children?: ComponentChildren }) {
  return (
    <p class="viewer-note" role="alert">
      {text}
      {children}
    </p>
  )
}
