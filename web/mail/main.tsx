import { effect } from '@preact/signals'
import { render } from 'preact'
import '../ui/ui.ts'
import { begin } from './model/app.ts'
import { followAddress } from './model/route.ts'
import { theme } from './model/settings.ts'
import { language } from './texts/texts.ts'
import { App } from './views/app.tsx'
import { takeWriteAddress } from './views/writing.ts'
import { registerWorker } from './worker/register.ts'

const page = document.documentElement
/** --paper of ui/tokens.css: what the system paints around an installed app */
const barColours = { light: '#f3f2ef', dark: '#121316' } as const
effect(() => {
  page.lang = language.value
  page.dataset['theme'] = theme.value
  const manifest = document.querySelector<HTMLLinkElement>('link[rel=manifest]')
  if (manifest) manifest.href = `/app.${language.value}.webmanifest`
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')) {
    const asked = meta.media.includes('dark') ? 'dark' : 'light'
    meta.content = barColours[theme.value === 'system' ? asked : theme.value]
  }
})

// a part of the program that is not there any more: another version has been installed
addEventListener('vite:preloadError', () => {
  const key = 'hikyaku.renewedAt'
  if (Date.now() - Number(sessionStorage.getItem(key)) < 60_000) return
  sessionStorage.setItem(key, String(Date.now()))
  location.reload()
})

const ticket = takeTicket()
if (takeWriteAddress(location)) history.replaceState(history.state, '', '/mail/inbox')
followAddress()
const root = document.getElementById('app')
if (root) render(<App />, root)
void begin(ticket)
addEventListener('load', () => void registerWorker().catch(() => undefined), { once: true })

/** `#ticket=…` opens signed in, once; it leaves the address before anything else happens. */
function takeTicket(): string | undefined {
  const [, found] = /^#ticket=([\w-]+)$/.exec(location.hash) ?? []
  if (location.hash !== '') history.replaceState(history.state, '', location.pathname + location.search)
  return found
}
