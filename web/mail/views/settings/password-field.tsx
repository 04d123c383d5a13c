/** Fields by which somebody proves who they are; their names in a form are `password` and `code`. */
import { t } from '../../texts/texts.ts'

export function PasswordField() {
  const words = t().account
  return (
    <input
      class="text-field"
      type="password"
      name="password"
      required
      autoComplete="current-password"
      aria-label={words.yourPassword}
      placeholder={words.yourPassword}
    />
  )
}

export function CodeField() {
  const words = t().account
  return (
    <input
      class="text-field"
      name="code"
      required
      inputMode="numeric"
      autoComplete="one-time-code"
      aria-label={words.firstCode}
      placeholder={words.firstCode}
    />
  )
}
