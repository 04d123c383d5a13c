import type { Letter } from '../model/conversation.ts'
import { isContact } from '../model/contacts/is-contact.ts'
import { isSame } from '../model/people.ts'
import { t } from '../texts/texts.ts'
import { MenuButton, MenuItem, MenuLine } from '../../ui/menu.tsx'
import { addToContacts } from './contacts/lazy-contacts.tsx'
import { showDialog } from './dialog-request.ts'
import { useMail } from './mail-context.ts'
import { printThese } from './print.ts'
import { writing } from './writing.ts'

export function LetterMenu({ letter }: { readonly letter: Letter }) {
  const mail = useMail()
  const { client } = mail
  const [sender] = letter.from ?? []
  const write = writing.value
  const words = t().actions
  return (
    <MenuButton icon="more" size={18} label={words.more}>
      {write && (
        <>
          <MenuItem icon="reply" onClick={() => write.start({ kind: 'reply', letter })}>
            {words.reply}
          </MenuItem>
          <MenuItem icon="replyAll" onClick={() => write.start({ kind: 'reply-all', letter })}>
            {words.replyAll}
          </MenuItem>
          <MenuItem icon="forward" onClick={() => write.start({ kind: 'forward', letter })}>
            {words.forward}
          </MenuItem>
          <MenuLine />
        </>
      )}
      <MenuItem icon="label" onClick={() => showDialog({ kind: 'label', email: letter.id })}>
        {t().labels.choose}
      </MenuItem>
      <MenuItem icon="filter" onClick={() => showDialog({ kind: 'settings', section: 'filters', like: letter })}>
        {words.filterLike}
      </MenuItem>
      {sender && !isSame(sender.email, mail.user.username) && (
        <MenuItem icon="person" onClick={() => addToContacts(mail, sender)}>
          {isContact.value?.(sender.email) ? t().contacts.fromLetter.show : t().contacts.fromLetter.add(sender.email)}
        </MenuItem>
      )}
      {letter.keywords['$draft'] !== true && (
        <MenuItem icon="track" onClick={() => showDialog({ kind: 'track', emailId: letter.id })}>
          {t().track.title}
        </MenuItem>
      )}
      <MenuItem icon="print" onClick={() => void printThese(mail, [letter])}>
        {t().reading.print}
      </MenuItem>
      <MenuItem icon="characters" onClick={() => showDialog({ kind: 'charset', letter })}>
        {t().letter.charset}
      </MenuItem>
      <MenuItem icon="code" onClick={() => showDialog({ kind: 'source', letter })}>
        {t().reading.source}
      </MenuItem>
      <MenuItem
        icon="download"
        onClick={() => download(client.downloadUrl(letter.blobId, fileName(letter), 'message/rfc822'))}
      >
        {t().reading.downloadLetter}
      </MenuItem>
    </MenuButton>
  )
}

function fileName({ subject, id }: Letter): string {
  const name = (subject ?? '')
    .replace(/[\p{Cc}\p{Cf}/\\:*?"<>|]/gu, ' ')
    .trim()
    .slice(0, 80)
  return `${name || id}.eml`
}

export function download(url: string, name = ''): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
}
