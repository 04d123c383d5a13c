// The examples of the later RFCs (delivery status, vacation-seconds, lists, include, special-use, fcc, mailboxid), word for word but for what would not end (their scripts are pieces).
import { messageA, play, toHanako } from './rfc-examples.testbed.ts'

play([
  {
    rfc: '6009 §3',
    script: `require ["relational", "comparator-i;ascii-numeric", "envelope", "envelope-dsn"];
# Check whether only FAILURE notifications were requested
if allof ( envelope "notify" "FAILURE",
           envelope :comparator "i;ascii-numeric"
                    :count "eq" "notify" "1"
         )
{
    discard;
}`,
    letter: {
      text: messageA,
      envelope: {
        recipients: [{ address: 'hanako@home.test', notify: { success: false, failure: true, delay: false } }],
      },
    },
    result: [],
  },
  {
    rfc: '6009 §3',
    script:
      'require ["envelope", "envelope-dsn"];\nif envelope :matches "orcpt" "rfc822;*@example.com"\n{\n    discard;\n}',
    letter: {
      text: messageA,
      envelope: { recipients: [{ address: 'hanako@home.test', originalRecipient: 'rfc822;user@example.com' }] },
    },
    result: [],
  },
  {
    rfc: '6009 §4.1',
    script:
      'require ["copy", "redirect-dsn"];\nif address "from" "user@example.com"\n{\n    redirect :copy :notify "NEVER" "elsewhere@example.com";\n}',
    letter: 'From: user@example.com\n\n',
    result: ['keep', 'redirect elsewhere@example.com NEVER'],
  },
  {
    rfc: '6131 §3',
    script:
      'require ["vacation-seconds", "vacation"];\nvacation :handle "auto-resp" :seconds 0\n    "Your request has been received.  A service\n    representative will contact you as soon as\n    possible, usually within one business day.";',
    letter: toHanako,
    result: ['keep', 'reply to taro@example.org'],
  },
  {
    rfc: '6134 §3.1',
    script: `require ["envelope", "extlists", "fileinto", "spamtest",
         "relational", "comparator-i;ascii-numeric"];
if envelope :list "from" ":addrbook:default"
{ /* Known: allow high spam score */
  if spamtest :value "ge" :comparator "i;ascii-numeric" "8"
    {
      fileinto "spam";
    }
}
elsif spamtest :value "ge" :comparator "i;ascii-numeric" "3"
{ /* Unknown: less tolerance in spam score */
  fileinto "spam";
}`,
    letter: { text: messageA, content: { spamtest: 5 } },
    around: { lists: { 'urn:ietf:params:sieve:addrbook:default': ['taro@example.org'] } },
    result: ['keep'],
  },
  {
    rfc: '6134 §3.3',
    script: `require ["envelope", "subaddress", "extlists"];
if allof (envelope :detail "to" "mylist",
          header :list "from"
               "tag:example.com,2010-05-28:mylist") {
   redirect :list "tag:example.com,2010-05-28:mylist";
}`,
    letter: { text: 'From: a@example.org\n\n', to: 'hanako+mylist@home.test' },
    around: { lists: { 'tag:example.com,2010-05-28:mylist': ['a@example.org', 'b@example.org'] } },
    result: ['redirect a@example.org', 'redirect b@example.org'],
  },
  {
    rfc: '6609 §3.2',
    script:
      'require ["include"];\ninclude :personal "always_allow";\ninclude :global "spam_tests";\ninclude :personal "spam_tests";\ninclude :personal "mailing_lists";',
    letter: 'Subject: $$\nFrom: a@example.org\n\n',
    around: {
      personal: {
        always_allow:
          'if address :is "from" "boss@example.com" { keep; } elsif address :is "from" "ceo@example.com" { keep; }',
        spam_tests:
          'require ["reject"]; if header :contains "Subject" "XXXX" { reject "Subject XXXX is unacceptable."; } elsif address :is "from" "money@example.com" { reject "Mail from this sender is unwelcome."; }',
        mailing_lists: 'require ["fileinto"]; if header :is "List-ID" "sieve.ietf.org" { fileinto "lists.sieve"; }',
      },
      global: {
        spam_tests:
          'require ["reject"]; if anyof (header :contains "Subject" "$$", header :contains "Subject" "Make money") { reject "No thank you."; }',
      },
    },
    result: ['reply to taro@example.org', 'reject: No thank you.'],
  },
  {
    rfc: '6609 §3.4.1',
    script: `require ["variables", "include", "relational", "fileinto"];
global "test";
global "test_mailbox";

set "test" "$$";
include "subject_tests";

set "test" "Make money";
include "subject_tests";

if string :count "eq" "\${test_mailbox}" "1"
{
    fileinto "\${test_mailbox}";
    stop;
}`,
    letter: 'Subject: Make money now\n\n',
    around: {
      personal: {
        subject_tests:
          'require ["variables", "include"];\nglobal ["test", "test_mailbox"];\nif header :contains "Subject" "${test}"\n{\n    set "test_mailbox" "spam-${test}";\n}',
      },
    },
    result: ['fileinto spam-Make money'],
  },
  {
    rfc: '6609 §3.4.2',
    script:
      'require ["variables", "include", "vacation"];\ninclude "state"; global "i_am_on_vacation";\nif string :is "${i_am_on_vacation}" "1"\n{\n    vacation "It\'s true, I am on vacation.";\n}',
    letter: toHanako,
    around: { personal: { state: 'require ["variables", "include"];\nset "global.i_am_on_vacation" "1";' } },
    result: ['keep', 'reply to taro@example.org'],
  },
  {
    rfc: '8579 §4.3',
    script: 'require "fileinto";\nrequire "special-use";\nfileinto :specialuse "\\\\Archive" "INBOX/Archive";',
    letter: messageA,
    result: ['fileinto role archive'],
  },
  {
    rfc: '8579 §4.3',
    script: 'require ["fileinto", "special-use", "mailbox"];\nfileinto :specialuse "\\\\Junk" :create "Spam";',
    letter: messageA,
    around: { mailboxes: [] },
    result: ['fileinto Spam create as junk'],
  },
  {
    rfc: '8579 §4.4',
    script: `require ["environment", "imapsieve", "special-use", "variables"];
if environment :matches "imap.mailbox" "*" {
    set "mailbox" "\${1}";
}
if allof(
    environment "imap.cause" "COPY",
    specialuse_exists "\${mailbox}" "\\\\Junk") {
    redirect "spam-report@example.org";
}`,
    letter: {
      text: messageA,
      event: {
        cause: 'COPY',
        mailbox: '迷惑メール',
        changedFlags: [],
        flags: [],
        user: 'hanako',
        email: 'hanako@home.test',
      },
    },
    result: ['redirect spam-report@example.org'],
  },
  {
    rfc: '8580 §3.1',
    script: `require ["vacation", "fcc", "mailbox", "special-use", "imap4flags"];
vacation :days 7
         :from "hemingway@example.com"
         :specialuse "\\\\Sent" :create
         :fcc "INBOX.Sent" :flags ["\\\\Seen"] "Gone Fishin'";`,
    letter: toHanako,
    result: ['keep', 'reply to taro@example.org', 'copy fileinto INBOX.Sent create as sent \\Seen'],
  },
  {
    rfc: '8580 §3.2',
    script:
      'require ["enotify", "fcc"];\nnotify :fcc "INBOX.Sent"\n        :message "You got mail!"\n        "mailto:ken@example.com";',
    letter: messageA,
    result: ['keep', 'notify to ken@example.com', 'copy fileinto INBOX.Sent \\Seen'],
  },
  {
    rfc: '9042 §4.1',
    script:
      'require "fileinto";\nrequire "mailboxid";\nif header :contains ["from"] "coyote" {\n    fileinto :mailboxid "F6352ae03-b7f5-463c-896f-d8b48ee3"\n             "INBOX.harassment";\n}',
    letter: messageA,
    around: { mailboxes: [{ name: 'x', mailboxId: 'F6352ae03-b7f5-463c-896f-d8b48ee3', role: undefined }] },
    result: ['fileinto F6352ae03-b7f5-463c-896f-d8b48ee3 or INBOX.harassment'],
  },
  {
    rfc: '9042 §4.2',
    script:
      'require ["fileinto", "mailboxid", "mailbox"];\nfileinto :mailboxid "Fnosuch"\n         :create\n         "INBOX.no-such-folder";',
    letter: messageA,
    result: ['fileinto INBOX.no-such-folder create'],
  },
  {
    rfc: '9042 §5.1',
    script: `require ["fileinto", "mailboxid"];
if header :contains ["from"] "coyote" {
    if mailboxidexists "F6352ae03-b7f5-463c-896f-d8b48ee3" {
        fileinto :mailboxid "F6352ae03-b7f5-463c-896f-d8b48ee3"
                            "INBOX.name.will.not.be.used";
    } else {
        fileinto "INBOX.harassment";
    }
}`,
    letter: messageA,
    result: ['fileinto INBOX.harassment'],
  },
])
