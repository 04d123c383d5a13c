import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Mail } from '../model/mail.ts'

const context = createContext<Mail | undefined>(undefined)
export const MailProvider = context.Provider

export function useMail(): Mail {
  const mail = useContext(context)
  if (!mail) throw new Error('Nobody is signed in here')
  return mail
}
