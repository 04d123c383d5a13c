import { leave } from '../model/app.ts'
import { densities, density, languageChoice, languages, theme, themes } from '../model/settings.ts'
import { language, t } from '../texts/texts.ts'
import { MenuButton, MenuItem, MenuLabel, MenuLine, MenuLink } from '../../ui/menu.tsx'
import { showDialog } from './dialog-request.ts'
import { useMail } from './mail-context.ts'

export function SettingsMenu() {
  const { user, away } = useMail()
  const words = t().settings
  return (
    <MenuButton icon="settings" label={words.label}>
      <MenuLabel>{words.theme}</MenuLabel>
      {themes.map(one => (
        <MenuItem key={one} checked={theme.value === one} onClick={() => (theme.value = one)}>
          {words.themes[one]}
        </MenuItem>
      ))}
      <MenuLabel>{words.density}</MenuLabel>
      {densities.map(one => (
        <MenuItem key={one} checked={density.value === one} onClick={() => (density.value = one)}>
          {words.densities[one]}
        </MenuItem>
      ))}
      <MenuLabel>{words.language}</MenuLabel>
      {languages.map(one => (
        <MenuItem key={one} checked={languageChoice.value === one} onClick={() => (languageChoice.value = one)}>
          {words.languages[one]}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem icon="settings" onClick={() => showDialog({ kind: 'settings' })}>
        {t().account.all}
      </MenuItem>
      <MenuItem icon="keyboard" onClick={() => showDialog({ kind: 'keys' })}>
        {words.shortcuts}
      </MenuItem>
      <MenuLine />
      <MenuLabel>{words.signedInAs(user.username)}</MenuLabel>
      {user.links?.map(({ label, url }) => (
        <MenuLink key={url} icon="link" href={url}>
          {label[language.value]}
        </MenuLink>
      ))}
      <MenuItem
        icon="leave"
        onClick={() => (away.peek()?.waiting.peek().length ? showDialog({ kind: 'leave' }) : void leave())}
      >
        {words.signOut}
      </MenuItem>
    </MenuButton>
  )
}
