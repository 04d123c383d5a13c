/** How far searching is behind the mail, for the status. */
import type { StatusLeg } from '#mail/status.ts'
import type { SearchLag } from '#mail/search-index.ts'

/** So many are behind after a burst, or while an index is built anew: searches are slower, or do not see into every document. */
const manyEmails = 1000
const manyDocuments = 100

export function searchLeg({ emails, documents }: SearchLag): StatusLeg {
  return {
    id: 'search',
    health: emails >= manyEmails || documents >= manyDocuments ? 'waiting' : 'well',
    says: {
      en: `${emails === 0 ? 'All letters are indexed' : `${emails} ${emails === 1 ? 'letter is' : 'letters are'} not indexed yet, searches read them instead`}${documents === 0 ? '.' : `; attached documents of ${documents} ${documents === 1 ? 'letter' : 'letters'} still to be read.`}`,
      ja: `${emails === 0 ? 'すべてのメールを索引済みです。' : `${emails}通が索引待ちです（検索では直接読みます）。`}${documents === 0 ? '' : `添付文書の読み取り待ちが${documents}通あります。`}`,
    },
  }
}
