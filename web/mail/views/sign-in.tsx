import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { Fault } from '../jmap/fault.ts'
import { enter } from '../model/app.ts'
import { language, t } from '../texts/texts.ts'
import { languageChoice } from '../model/settings.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Brand } from './brand.tsx'
import './sign-in.css'

export function SignIn({ ended }: { readonly ended: boolean }) {
  const fault = useSignal<string | undefined>(undefined)
  const isBusy = useSignal(false)
  const isShown = useSignal(false)
  const password = useRef<HTMLInputElement>(null)
  const words = t().signIn
  const submit = async (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    if (isBusy.peek()) return
    const form = new FormData(event.currentTarget)
    isBusy.value = true
    fault.value = undefined
    try {
      await enter({ username: field(form, 'username').trim(), password: field(form, 'password') })
    } catch (error) {
      fault.value = faultText(error)
      password.current?.select()
    } finally {
      isBusy.value = false
    }
  }
  return (
    <main class="sign-in">
      <form class="sign-in-card" onSubmit={event => void submit(event)}>
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
            autocomplete="username"
            autocapitalize="off"
            spellcheck={false}
            required
            autofocus
          />
        </label>
        <label>
          <span>{words.password}</span>
          <span class="sign-in-password">
            <input ref={password} name="password" type="password" autocomplete="current-password" required />
            <IconButton
              icon="eye"
              label={words.showPassword}
              pressed={isShown.value}
              onClick={() => {
                isShown.value = !isShown.value
                if (password.current) password.current.type = isShown.value ? 'text' : 'password'
              }}
            />
          </span>
        </label>
        <p class="sign-in-fault" role="alert">
          {fault.value}
        </p>
        <Button kind="primary" type="submit" disabled={isBusy.value}>
          {isBusy.value ? words.busy : words.submit}
        </Button>
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

function field(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}

function faultText(error: unknown): string {
  const words = t().signIn
  if (!(error instanceof Fault)) return words.away
  if (error.kind === 'signed-out') return words.wrong
  if (error.problem?.status === 429) return words.tooMany(Math.ceil((error.retryAfterMs ?? 60_000) / 60_000))
  return error.problem?.status === 403 ? words.needsTls : words.away
}
