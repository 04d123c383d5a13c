/** What each method answers. Arguments are plain objects; the account is put in by the batch. */
import type {
  ChangesResponse,
  Email,
  GetResponse,
  Mailbox,
  PushSubscription,
  Quota,
  QueryChangesResponse,
  QueryResponse,
  SearchSnippet,
  SetError,
  SetResponse,
  Thread,
} from '#protocols/jmap/wire.ts'
import type { EmailSubmission, Identity, SieveScript, VacationResponse } from '#protocols/jmap/wire-sending.ts'
import type { AddressBook, ContactCard } from '#protocols/jmap/wire-contacts.ts'
import type { FilterScript } from '#protocols/jmap/wire-filters.ts'
import type { BlobEntries, BlobTexts } from '#protocols/jmap/wire-view.ts'
import type { EmailTrace } from '#protocols/jmap/wire-trace.ts'
import type { Preferences } from '#protocols/jmap/wire-preferences.ts'

export type Results = {
  'Mailbox/get': GetResponse<Mailbox>
  'Mailbox/changes': ChangesResponse
  'Mailbox/set': SetResponse<Mailbox>
  'Thread/get': GetResponse<Thread>
  'Email/get': GetResponse<Partial<Email> & Pick<Email, 'id'>>
  'Email/parse': { readonly parsed: Readonly<Record<string, Partial<Email>>> | null }
  'Blob/text': BlobTexts
  'Blob/entries': BlobEntries
  'Email/changes': ChangesResponse
  'Email/query': QueryResponse
  'Email/queryChanges': QueryChangesResponse
  'Email/set': SetResponse<Email>
  'SearchSnippet/get': { readonly list: readonly SearchSnippet[]; readonly notFound: readonly string[] | null }
  'Identity/get': GetResponse<Identity>
  'Identity/set': SetResponse<Identity>
  'EmailSubmission/query': QueryResponse
  'EmailSubmission/get': GetResponse<EmailSubmission>
  'EmailSubmission/set': SetResponse<EmailSubmission>
  'VacationResponse/get': GetResponse<VacationResponse>
  'VacationResponse/set': SetResponse<VacationResponse>
  'Preferences/get': GetResponse<Preferences>
  'Preferences/set': SetResponse<Preferences>
  'AddressBook/get': GetResponse<AddressBook>
  'ContactCard/get': GetResponse<ContactCard>
  'ContactCard/changes': ChangesResponse
  'ContactCard/query': QueryResponse
  'ContactCard/set': SetResponse<ContactCard>
  'FilterScript/get': GetResponse<FilterScript>
  'FilterScript/set': SetResponse<FilterScript>
  'SieveScript/get': GetResponse<SieveScript>
  'SieveScript/set': SetResponse<SieveScript>
  'SieveScript/validate': { readonly error: SetError | null }
  'Blob/get': { readonly list: readonly { readonly 'data:asText'?: string | null }[] }
  'Blob/upload': { readonly created: object | null }
  'PushSubscription/get': { readonly list: readonly PushSubscription[]; readonly notFound: readonly string[] }
  'PushSubscription/set': Omit<SetResponse<PushSubscription>, 'accountId' | 'oldState' | 'newState'>
  'Quota/get': GetResponse<Quota>
  'EmailTrace/get': EmailTrace
}
export type MethodName = keyof Results
