import { type Signal, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Fault } from '../jmap/fault.ts'
import { passkeyOptions } from '../jmap/sign-in.ts'
import { enter } from '../model/app.ts'
import { languageChoice } from '../model/settings.ts'
import { language, t } from '../texts/texts.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Brand } from './brand.tsx'
import './sign-in.css'

export function SignIn({ ended }: { readonly ended: boolean }) {
  const fault = useSignal<string | undefined>(undefined)
  const isBusy = useSignal(false)
  const needsCode = useSignal(false)
  const password = useRef<HTMLInputElement>(null)
  const words = t().signIn
  const attempt = async (act: () => Promise<void>) => {
    if (isBusy.peek()) return
    isBusy.value = true
    fault.value = undefined
    try {
      await act()
    } catch (error) {
      const type = error instanceof Fault ? error.problem?.type : undefined
      if (type === '/problems/second-factor-needed') needsCode.value = true
      else fault.value = faultText(error)
      if (fault.value === words.wrong) password.current?.select()
    } finally {
      isBusy.value = false
    }
  }
  const submit = (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const totp = field(form, 'totp').replace(/\s/g, '')
    const proof = { username: field(form, 'username').trim(), password: field(form, 'password') }
    void attempt(() => enter(totp === '' ? proof : { ...proof, totp }))
  }
  return (
    <main class="sign-in">
      <form class="sign-in-card" onSubmit={submit}>
        <header>
          <Brand size={44} />
          <h1>{words.title}</h1>
        </header>
        {ended && !fault.value && <p class="sign-in-note">{words.ended}</p>}
        <label>
          <span>{words.address}</span>
          <input
            name="username"
            type="email"
            autocomplete="username webauthn"
            autocapitalize="off"
            spellcheck={false}
            required
            autofocus
          />
        </label>
        <PasswordField input={password} />
        {needsCode.value && <CodeField />}
        <p class="sign-in-fault" role="alert">
          {fault.value}
        </p>
        <Button kind="primary" type="submit" disabled={isBusy.value}>
          {isBusy.value ? words.busy : words.submit}
        </Button>
        <PasskeyButton isBusy={isBusy} onPasskey={() => void attempt(enterByPasskey)} />
      </form>
      <button
        type="button"
        class="sign-in-language"
        lang={language.value === 'ja' ? 'en' : 'ja'}
        onClick={() => (languageChoice.value = language.value === 'ja' ? 'en' : 'ja')}
      >
        {language.value === 'ja' ? 'English' : '日本語'}
      </button>
    </main>
  )
}

function PasswordField({ input }: { readonly input: { current: HTMLInputElement | null } }) {
  const isShown = useSignal(false)
  const words = t().signIn
  const toggle = () => {
    isShown.value = !isShown.value
    if (input.current) input.current.type = isShown.value ? 'text' : 'password'
  }
  return (
    <label>
      <span>{words.password}</span>
      <span class="sign-in-password">
        <input ref={input} name="password" type="password" autocomplete="current-password" required />
        <IconButton icon="eye" label={words.showPassword} pressed={isShown.value} onClick={toggle} />
      </span>
    </label>
  )
}

/** Asked for when the password was right and a second factor is on. */
function CodeField() {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  return (
    <label>
      <span>{t().signIn.code}</span>
      <input ref={input} name="totp" type="text" autocomplete="one-time-code" inputMode="numeric" required />
      <small>{t().signIn.codeNeeded}</small>
    </label>
  )
}

/** A passkey belongs to the name of the page: where that is a number, there are none. */
function PasskeyButton({ isBusy, onPasskey }: { readonly isBusy: Signal<boolean>; readonly onPasskey: () => void }) {
  if (!('PublicKeyCredential' in globalThis) || /^[\d.]+$|:/.test(location.hostname)) return null
  return (
    <>
      <p class="sign-in-or">{t().signIn.or}</p>
      <Button disabled={isBusy.value} onClick={onPasskey}>
        {t().signIn.passkey}
      </Button>
    </>
  )
}

async function enterByPasskey(): Promise<void> {
  const [{ startAuthentication }, optionsJSON] = await Promise.all([
    import('@simplewebauthn/browser'),
    passkeyOptions(),
  ])
  const passkey = await startAuthentication({ optionsJSON: optionsJSON as never }).catch((cause: unknown) => {
    throw new PasskeyFault(cause)
  })
  await enter({ passkey })
}

/** The device has none for this page, or its owner said no. */
class PasskeyFault extends Error {
  constructor(cause: unknown) {
    super('No passkey', { cause })
  }
}

function field(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}

function faultText(error: unknown): string {
  const words = t().signIn
  if (error instanceof PasskeyFault) return words.passkeyFailed
  if (!(error instanceof Fault)) return words.away
  if (error.problem?.type === '/problems/wrong-code') return words.wrongCode
  if (error.kind === 'signed-out') return words.wrong
  if (error.problem?.status === 429) return words.tooMany(Math.ceil((error.retryAfterMs ?? 60_000) / 60_000))
  return error.problem?.status === 403 ? words.needsTls : words.away
}
