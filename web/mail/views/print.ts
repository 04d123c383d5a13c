/** Letters for paper: all that makes it comes when somebody prints. */
import type { Conversation, Letter } from '../model/conversation.ts'
import type { Mail } from '../model/mail.ts'

/** All letters of it, those that are folded too */
export async function printConversation(mail: Mail, conversation: Conversation): Promise<void> {
  await printThese(mail, await mail.letters.read(conversation.rows.map(({ id }) => id)))
}

export async function printThese(mail: Mail, letters: readonly Letter[]): Promise<void> {
  try {
    const { printOnPaper } = await import('./print-letters.ts')
    await printOnPaper(mail, letters)
  } catch {
    mail.notices.failed()
  }
}
