/** Every method by its name. */
import type { Method } from './method.ts'
import { addressBookChanges } from './methods/address-book/changes.ts'
import { addressBookGet } from './methods/address-book/get.ts'
import { addressBookSet } from './methods/address-book/set.ts'
import { blobGet } from './methods/blob/get.ts'
import { blobLookup } from './methods/blob/lookup.ts'
import { blobEntries } from './methods/blob/entries.ts'
import { blobText } from './methods/blob/text.ts'
import { blobUpload } from './methods/blob/upload.ts'
import { contactCardChanges } from './methods/contact-card/changes.ts'
import { contactCardCopy } from './methods/contact-card/copy.ts'
import { contactCardGet } from './methods/contact-card/get.ts'
import { contactCardQuery } from './methods/contact-card/query.ts'
import { contactCardQueryChanges } from './methods/contact-card/query-changes.ts'
import { contactCardSet } from './methods/contact-card/set.ts'
import { echo } from './methods/core/echo.ts'
import { emailChanges } from './methods/email/changes.ts'
import { emailCopy } from './methods/email/copy.ts'
import { emailGet } from './methods/email/get.ts'
import { emailImport } from './methods/email/import.ts'
import { emailParse } from './methods/email/parse.ts'
import { emailSubmissionChanges } from './methods/email-submission/changes.ts'
import { emailSubmissionGet } from './methods/email-submission/get.ts'
import { emailSubmissionQuery, emailSubmissionQueryChanges } from './methods/email-submission/query.ts'
import { emailSubmissionSet } from './methods/email-submission/set.ts'
import { filterScriptGet } from './methods/filter-script/get.ts'
import { filterScriptSet } from './methods/filter-script/set.ts'
import { emailTraceGet } from './methods/email-trace/get.ts'
import { identityChanges } from './methods/identity/changes.ts'
import { identityGet } from './methods/identity/get.ts'
import { identitySet } from './methods/identity/set.ts'
import { emailQuery } from './methods/email/query.ts'
import { emailQueryChanges } from './methods/email/query-changes.ts'
import { mailboxChanges } from './methods/mailbox/changes.ts'
import { mailboxGet } from './methods/mailbox/get.ts'
import { mailboxQueryChanges } from './methods/mailbox/query-changes.ts'
import { searchSnippetGet } from './methods/search-snippet/get.ts'
import { mailboxSet } from './methods/mailbox/set.ts'
import { mailboxQuery } from './methods/mailbox/query.ts'
import { emailSet } from './methods/email/set.ts'
import { preferencesGet } from './methods/preferences/get.ts'
import { preferencesSet } from './methods/preferences/set.ts'
import { pushSubscriptionGet } from './methods/push-subscription/get.ts'
import { pushSubscriptionSet } from './methods/push-subscription/set.ts'
import { quotaChanges } from './methods/quota/changes.ts'
import { quotaGet } from './methods/quota/get.ts'
import { quotaQuery, quotaQueryChanges } from './methods/quota/query.ts'
import { sieveScriptGet } from './methods/sieve-script/get.ts'
import { sieveScriptQuery } from './methods/sieve-script/query.ts'
import { sieveScriptSet } from './methods/sieve-script/set.ts'
import { sieveScriptValidate } from './methods/sieve-script/validate.ts'
import { threadChanges } from './methods/thread/changes.ts'
import { threadGet } from './methods/thread/get.ts'
import { vacationResponseGet } from './methods/vacation-response/get.ts'
import { vacationResponseSet } from './methods/vacation-response/set.ts'

export const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['Core/echo', echo],
  ['PushSubscription/get', pushSubscriptionGet],
  ['PushSubscription/set', pushSubscriptionSet],
  ['Mailbox/get', mailboxGet],
  ['Mailbox/changes', mailboxChanges],
  ['Mailbox/query', mailboxQuery],
  ['Mailbox/queryChanges', mailboxQueryChanges],
  ['Mailbox/set', mailboxSet],
  ['Thread/get', threadGet],
  ['Thread/changes', threadChanges],
  ['Email/get', emailGet],
  ['Email/changes', emailChanges],
  ['Email/set', emailSet],
  ['Email/copy', emailCopy],
  ['Email/import', emailImport],
  ['Email/parse', emailParse],
  ['Email/query', emailQuery],
  ['Email/queryChanges', emailQueryChanges],
  ['EmailTrace/get', emailTraceGet],
  ['Identity/get', identityGet],
  ['Identity/changes', identityChanges],
  ['Identity/set', identitySet],
  ['EmailSubmission/get', emailSubmissionGet],
  ['EmailSubmission/changes', emailSubmissionChanges],
  ['EmailSubmission/query', emailSubmissionQuery],
  ['EmailSubmission/queryChanges', emailSubmissionQueryChanges],
  ['EmailSubmission/set', emailSubmissionSet],
  ['SearchSnippet/get', searchSnippetGet],
  ['VacationResponse/get', vacationResponseGet],
  ['VacationResponse/set', vacationResponseSet],
  ['SieveScript/get', sieveScriptGet],
  ['SieveScript/query', sieveScriptQuery],
  ['SieveScript/set', sieveScriptSet],
  ['SieveScript/validate', sieveScriptValidate],
  ['Preferences/get', preferencesGet],
  ['Preferences/set', preferencesSet],
  ['FilterScript/get', filterScriptGet],
  ['FilterScript/set', filterScriptSet],
  ['Quota/get', quotaGet],
  ['Quota/changes', quotaChanges],
  ['Quota/query', quotaQuery],
  ['Quota/queryChanges', quotaQueryChanges],
  ['AddressBook/get', addressBookGet],
  ['AddressBook/changes', addressBookChanges],
  ['AddressBook/set', addressBookSet],
  ['ContactCard/get', contactCardGet],
  ['ContactCard/changes', contactCardChanges],
  ['ContactCard/query', contactCardQuery],
  ['ContactCard/queryChanges', contactCardQueryChanges],
  ['ContactCard/set', contactCardSet],
  ['ContactCard/copy', contactCardCopy],
  ['Blob/upload', blobUpload],
  ['Blob/get', blobGet],
  ['Blob/lookup', blobLookup],
  ['Blob/text', blobText],
  ['Blob/entries', blobEntries],
])
