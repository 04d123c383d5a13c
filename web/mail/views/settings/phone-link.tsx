import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { access } from '../../model/account/access.ts'
import { t } from '../../texts/texts.ts'
import { Button } from '../../../ui/button.tsx'
import { textIn } from './form-text.ts'
import { useLoaded } from './loaded.ts'
import { CodeField, PasswordField } from './password-field.tsx'
import { QrCode } from './qr-code.tsx'
import { Said, useSaying } from './saying.tsx'

/** A link that opens signed in on another device: good once and for two minutes, and made only by who knows the password. */
export function PhoneLink() {
  const words = t().account
  const saying = useSaying()
  const factor = useLoaded(access.secondFactor)
  const link = useSignal<{ readonly url: string; readonly seconds: number } | undefined>(undefined)
  useEffect(() => {
    const { value } = link
    if (!value) return undefined
    const timer = setTimeout(() => (link.value = undefined), value.seconds * 1000)
    return () => clearTimeout(timer)
  }, [link.value])
  const onSubmit = async (event: Event & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const form = event.currentTarget
    const [password, code] = [textIn(form, 'password'), textIn(form, 'code')]
    await saying.act(async () => {
      const { ticket, expiresInSeconds } = await access.ticket(password, code)
      form.reset()
      link.value = { url: `${location.origin}/#ticket=${ticket}`, seconds: expiresInSeconds }
    })
  }
  return (
    <section class="account-form">
      <h3>{words.phone}</h3>
      <p class="account-hint">{words.phoneHint}</p>
      {link.value && (
        <div class="account-secret" role="status">
          <QrCode text={link.value.url} label={words.qrOfLink} />
          <span class="account-hint">{words.phoneOnce}</span>
        </div>
      )}
      <form class="account-row" onSubmit={event => void onSubmit(event)}>
        <PasswordField />
        {factor.value.value?.totp && <CodeField />}
        <Button kind="primary" type="submit">
          {words.phoneShow}
        </Button>
      </form>
      <Said saying={saying} />
    </section>
  )
}
