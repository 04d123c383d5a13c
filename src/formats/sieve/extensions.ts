/** Names for `require`, RFC 5228 §6; ManageSieve lists them, the settings may take some away. */
export const extensions = [
  'body',
  'comparator-i;ascii-casemap',
  'comparator-i;ascii-numeric',
  'comparator-i;octet',
  'comparator-i;unicode-casemap',
  'copy',
  'date',
  'duplicate',
  'editheader',
  'enclose',
  'encoded-character',
  'enotify',
  'envelope',
  'envelope-dsn',
  'environment',
  'ereject',
  'extlists',
  'extracttext',
  'fcc',
  'fileinto',
  'foreverypart',
  'ihave',
  'imap4flags',
  'imapsieve',
  'include',
  'index',
  'mailbox',
  'mailboxid',
  'mboxmetadata',
  'mime',
  'redirect-dsn',
  'regex',
  'reject',
  'relational',
  'replace',
  'servermetadata',
  'spamtest',
  'spamtestplus',
  'special-use',
  'subaddress',
  'vacation',
  'vacation-seconds',
  'variables',
  'virustest',
] as const

export type Extension = (typeof extensions)[number]

const known = new Set<string>(extensions)

export function isExtension(name: string): name is Extension {
  return known.has(name)
}

/** For `notify_method_capability` and ManageSieve's NOTIFY. RFC 5436 */
export const notifyMethods = ['mailto'] as const
