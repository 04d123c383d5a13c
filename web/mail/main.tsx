import { effect } from '@preact/signals'
import { render } from 'preact'
import '../ui/ui.ts'
import { begin } from './model/app.ts'
import { followAddress } from './model/route.ts'
import { theme } from './model/settings.ts'
import { language } from './texts/texts.ts'
import { App } from './views/app.tsx'

const page = document.documentElement
effect(() => {
  page.lang = language.value
  page.dataset['theme'] = theme.value
})

// a part of the program that is not there any more: another version has been installed
addEventListener('vite:preloadError', () => {
  const key = 'hikyaku.renewedAt'
  if (Date.now() - Number(sessionStorage.getItem(key)) < 60_000) return
  sessionStorage.setItem(key, String(Date.now()))
  location.reload()
})

const ticket = takeTicket()
followAddress()
const root = document.getElementById('app')
if (root) render(<App />, root)
void begin(ticket)

/** `#ticket=…` opens signed in, once; it leaves the address before anything else happens. */
function takeTicket(): string | undefined {
  const [, found] = /^#ticket=([\w-]+)$/.exec(location.hash) ?? []
  if (location.hash !== '') history.replaceState(history.state, '', location.pathname + location.search)
  return found
}
