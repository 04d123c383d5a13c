import { app, begin } from '../model/app.ts'
import { t } from '../texts/texts.ts'
import { Button } from '../../ui/button.tsx'
import { MailProvider } from './mail-context.ts'
import { Shell } from './shell.tsx'
import { OtherPersonQuestion } from './other-person.tsx'
import { SignIn } from './sign-in.tsx'

export function App() {
  const now = app.value
  switch (now.kind) {
    case 'asking':
      return <div class="splash" aria-busy="true" aria-label={t().link.loading} />
    case 'signed-out':
      return <SignIn ended={now.ended} />
    case 'other-person':
      return <OtherPersonQuestion about={now.about} />
    case 'unreachable':
      return (
        <main class="splash">
          <p>{t().link.unreachable}</p>
          <Button kind="primary" onClick={() => void begin(undefined)}>
            {t().link.again}
          </Button>
        </main>
      )
    case 'signed-in':
      return (
        <MailProvider value={now.mail}>
          <Shell />
        </MailProvider>
      )
    default:
      return now satisfies never
  }
}
