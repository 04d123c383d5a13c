/** A link for somebody else: whoever is signed in here decides. */
import type { OtherPerson } from '../jmap/sign-in.ts'
import { app, begin, enter } from '../model/app.ts'
import { t } from '../texts/texts.ts'
import { Button } from '../../ui/button.tsx'
import { Brand } from './brand.tsx'
import './sign-in.css'

export function OtherPersonQuestion({ about: { username, signedInAs, ticket } }: { readonly about: OtherPerson }) {
  const words = t().signIn
  const change = async () => {
    app.value = { kind: 'asking' }
    await enter({ ticket, replace: true }).catch(() => begin(undefined))
  }
  return (
    <main class="sign-in">
      <section class="sign-in-card" aria-labelledby="other-person">
        <header>
          <Brand size={44} />
          <h1 id="other-person">{words.otherPerson(username)}</h1>
        </header>
        <p>{words.otherPersonHint(signedInAs, username)}</p>
        <Button kind="primary" onClick={() => void begin(undefined)}>
          {words.stay(signedInAs)}
        </Button>
        <Button onClick={() => void change()}>{words.change(username)}</Button>
      </section>
    </main>
  )
}
