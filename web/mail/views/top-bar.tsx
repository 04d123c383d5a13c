import { t } from '../texts/texts.ts'
import { IconButton } from '../../ui/button.tsx'
import { Brand } from './brand.tsx'
import { SearchBox } from './search-box.tsx'
import { SettingsMenu } from './settings-menu.tsx'
import { writing } from './writing.ts'

export function TopBar({ onMenu }: { readonly onMenu: () => void }) {
  return (
    <header class="top-bar">
      <div class="top-bar-start">
        <IconButton icon="menu" label={t().mailboxes.open} onClick={onMenu} />
        <Brand />
        <span class="top-bar-name">{t().program}</span>
      </div>
      <SearchBox />
      <div class="top-bar-end">
        {writing.value && (
          <IconButton
            icon="compose"
            class="top-bar-write"
            label={t().actions.compose}
            keys="c"
            onClick={() => writing.value?.start({ kind: 'new' })}
          />
        )}
        <SettingsMenu />
      </div>
    </header>
  )
}
