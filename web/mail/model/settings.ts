/** How this browser shows things. It stays in this browser. */
import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'

export const themes = ['system', 'light', 'dark'] as const
export const densities = ['comfortable', 'compact'] as const
export const languages = ['auto', 'ja', 'en'] as const
/** Of new mail: not at all, while a page is open, or always */
export const notifyings = ['off', 'open', 'closed'] as const
export type Notifying = (typeof notifyings)[number]
/** What a row does that is swiped on a touch screen */
export const swipeChoices = ['archive', 'trash', 'read', 'star', 'junk', 'none'] as const
export type SwipeChoice = (typeof swipeChoices)[number]
export type Theme = (typeof themes)[number]
export type Density = (typeof densities)[number]
export type LanguageChoice = (typeof languages)[number]

export const theme: Signal<Theme> = kept('theme', themes, 'system')
export const density: Signal<Density> = kept('density', densities, 'comfortable')
export const languageChoice: Signal<LanguageChoice> = kept('language', languages, 'auto')
export const swipes: Readonly<Record<'right' | 'left', Signal<SwipeChoice>>> = {
  right: kept('swipeRight', swipeChoices, 'archive'),
  left: kept('swipeLeft', swipeChoices, 'trash'),
}
/** Whether letters and signs alone are shortcuts (WCAG 2.1.4) */
export const singleKeys: Signal<'on' | 'off'> = kept('singleKeys', ['on', 'off'], 'on')

/** IANA's name of the time zone in which times are shown; empty: the system's */
export const chosenZone: Signal<string> = keptText('timeZone', isKnownZone)
export const notifying: Signal<Notifying> = kept('notifying', notifyings, 'off')
/** Notifications say that there is mail, and not from whom */
export const hidesNews: Signal<'no' | 'yes'> = kept('hidesNews', ['no', 'yes'], 'no')

/** What the system asks for, followed while the page lives */
const systemIsDark: Signal<boolean> = signal(false)
const asksForDark = globalThis.matchMedia?.('(prefers-color-scheme: dark)')
if (asksForDark) {
  systemIsDark.value = asksForDark.matches
  asksForDark.addEventListener('change', ({ matches }) => (systemIsDark.value = matches))
}

export const isDark: ReadonlySignal<boolean> = computed(() =>
  theme.value === 'system' ? systemIsDark.value : theme.value === 'dark',
)

function kept<Value extends string>(name: string, values: readonly Value[], otherwise: Value): Signal<Value> {
  const key = `hikyaku.${name}`
  const was = read(key)
  const value = signal(values.find(one => one === was) ?? otherwise)
  effect(() => write(key, value.value))
  return value
}

function keptText(name: string, isGood: (text: string) => boolean): Signal<string> {
  const key = `hikyaku.${name}`
  const was = read(key) ?? ''
  const value = signal(isGood(was) ? was : '')
  effect(() => write(key, value.value))
  return value
}

function isKnownZone(name: string): boolean {
  try {
    return name !== '' && Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** A browser may forbid it: then nothing is kept. */
function read(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    return
  }
}
