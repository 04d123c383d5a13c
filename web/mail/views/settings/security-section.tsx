import { useSignal } from '@preact/signals'
import { access, type NewSecret } from '../../model/account/access.ts'
import { t } from '../../texts/texts.ts'
import { Button } from '../../../ui/button.tsx'
import { QrCode } from './qr-code.tsx'
import { SecretList } from './devices-section.tsx'
import { textIn } from './form-text.ts'
import { useLoaded } from './loaded.ts'
import { CodeField, PasswordField } from './password-field.tsx'
import { Said, useSaying } from './saying.tsx'

export function SecuritySection() {
  return (
    <>
      <SecondFactorForm />
      <Passkeys />
    </>
  )
}

type Submitted = Event & { readonly currentTarget: HTMLFormElement }

function fieldOf(event: Submitted, name: string): string {
  event.preventDefault()
  return textIn(event.currentTarget, name)
}

function SecondFactorForm() {
  const words = t().account
  const state = useLoaded(access.secondFactor)
  const saying = useSaying()
  const secret = useSignal<NewSecret | undefined>(undefined)
  const codes = useSignal<readonly string[] | undefined>(undefined)
  const begin = (event: Submitted) => {
    const password = fieldOf(event, 'password')
    void saying.act(async () => (secret.value = await access.beginSecondFactor(password)))
  }
  const confirm = (event: Submitted) => {
    const code = fieldOf(event, 'code')
    void saying.act(async () => {
      codes.value = await access.confirmSecondFactor(code)
      secret.value = undefined
      await state.again()
    })
  }
  const change = (event: Submitted, submitter: string | undefined) => {
    const code = fieldOf(event, 'code')
    const form = event.currentTarget
    void saying.act(async () => {
      if (submitter === 'renew') codes.value = await access.renewRecoveryCodes(code)
      else {
        await access.endSecondFactor(code)
        codes.value = undefined
      }
      form.reset()
      await state.again()
    })
  }
  if (state.hasFailed.value) return <p>{words.loadFailed}</p>
  const now = state.value.value
  if (!now) return null
  const { totp, recoveryCodesLeft } = now
  return (
    <section class="account-form">
      <h3>{words.twoStep}</h3>
      <p>{totp ? words.twoStepOn(recoveryCodesLeft) : words.twoStepOff}</p>
      <p class="account-hint">{words.twoStepHint}</p>
      {codes.value && (
        <div class="account-secret" role="status">
          <strong>{words.recoveryCodes}</strong>
          <ul class="account-codes">
            {codes.value.map(code => (
              <li key={code}>
                <code>{code}</code>
              </li>
            ))}
          </ul>
          <span class="account-hint">{words.recoveryHint}</span>
        </div>
      )}
      {!totp && !secret.value && (
        <form class="account-row" onSubmit={begin}>
          <PasswordField />
          <Button kind="primary" type="submit">
            {words.turnOn}
          </Button>
        </form>
      )}
      {secret.value && (
        <form class="account-secret" onSubmit={confirm}>
          <span>{words.secretText}</span>
          <QrCode text={secret.value.uri} label={words.qrOfSecret} />
          <code>{secret.value.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code>
          <a href={secret.value.uri}>{words.openInApp}</a>
          <div class="account-row">
            <CodeField />
            <Button kind="primary" type="submit">
              {words.confirm}
            </Button>
          </div>
        </form>
      )}
      {totp && (
        <form
          class="account-row"
          onSubmit={event => change(event, (event as unknown as SubmitEvent).submitter?.dataset['act'])}
        >
          <CodeField />
          <button type="submit" class="button plain" data-act="renew">
            {words.renewCodes}
          </button>
          <button type="submit" class="button danger" data-act="off">
            {words.turnOff}
          </button>
        </form>
      )}
      <Said saying={saying} />
    </section>
  )
}

function Passkeys() {
  const words = t().account
  const all = useLoaded(access.passkeys)
  const saying = useSaying()
  const add = (event: Submitted) => {
    const name = fieldOf(event, 'name').trim()
    const password = fieldOf(event, 'password')
    const form = event.currentTarget
    void saying.act(async () => {
      await access.addPasskey(name, password)
      form.reset()
      await all.again()
    })
  }
  return (
    <section class="account-form">
      <h3>{words.passkeys}</h3>
      <p class="account-hint">{words.passkeysHint}</p>
      <SecretList all={all} none={words.noPasskeys} remove={access.removePasskey} saying={saying} />
      <form class="account-row" onSubmit={add}>
        <input
          class="text-field"
          name="name"
          required
          maxLength={100}
          aria-label={words.passkeyName}
          placeholder={words.passkeyName}
        />
        <PasswordField />
        <Button kind="primary" type="submit">
          {words.addPasskey}
        </Button>
      </form>
      <Said saying={saying} />
    </section>
  )
}
