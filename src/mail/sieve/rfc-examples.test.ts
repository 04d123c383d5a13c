// The examples of the RFCs, word for word but for what would not end (their scripts are pieces): what each does with a letter that it is about.
import assert from 'node:assert/strict'
import test from 'node:test'
import { fileLetter, type Letter, summary, type Surroundings } from './sieve.testbed.ts'

type Example = {
  readonly rfc: string
  readonly script: string
  /** Header lines and body, or more */
  readonly letter?: string | Partial<Letter>
  readonly around?: Surroundings
  readonly result: readonly string[]
}

/** RFC 5228 §1.2: messages A and B */
const messageA = `Date: Tue, 1 Apr 1997 09:06:31 -0800 (PST)
From: coyote@desert.example.org
To: roadrunner@acme.example.com
Subject: I have a present for you

Look, I'm sorry about the whole anvil thing, and I really
didn't mean to try and drop it on you from the top of the
cliff.  I want to try to make it up to you.
`
const messageB = `From: youcouldberich!@reply-by-postal-mail.invalid
Sender: b1ff@de.res.example.com
To: rube@landru.example.com
Date:  Mon, 31 Mar 1997 18:26:10 -0800
Subject: $$$ YOU, TOO, CAN BE A MILLIONAIRE! $$$

YOU MAY HAVE ALREADY WON TEN MILLION DOLLARS, BUT I DOUBT
IT!
`
const large = `From: a@example.com\nSubject: large\n\n${'words and words\n'.repeat(40_000)}`
const toHanako = 'From: boss@example.edu\nTo: hanako@home.test\nMessage-ID: <q@example.edu>\n'
const parts = `From: a@example.com
Subject: parts
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/html

<p>Hello</p>
--x
Content-Type: application/octet-stream; name="run.com"
Content-Disposition: attachment; filename="run.com"
Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==

run
--x--
`

const filter = `require ["fileinto"];
if header :is "Sender" "owner-ietf-mta-filters@imc.org"
        {
        fileinto "filter";  # move to "filter" mailbox
        }
elsif address :DOMAIN :is ["From", "To"] "example.com"
        {
        keep;               # keep in "In" mailbox
        }
elsif anyof (NOT address :all :contains
               ["To", "Cc", "Bcc"] "me@example.com",
             header :matches "subject"
               ["*make*money*fast*", "*university*dipl*mas*"])
        {
        fileinto "spam";   # move to "spam" mailbox
        }
else
        {
        fileinto "personal";
        }
`

const examples: readonly Example[] = [
  { rfc: '5228 §2.3', script: 'if size :over 100k { # this is a comment\n    discard;\n}', letter: large, result: [] },
  {
    rfc: '5228 §2.3',
    script:
      'if size :over 100K { /* this is a comment\n    this is still a comment */ discard /* this is a comment\n    */ ;\n}',
    letter: messageA,
    result: ['keep'],
  },
  {
    rfc: '5228 §2.4.2.4',
    script: 'require "encoded-character";\nif header :contains "Subject" "$${hex:24 24}" {\n    discard;\n}',
    letter: messageB,
    result: [],
  },
  {
    rfc: '5228 §2.5.1',
    script:
      'if anyof (not exists ["From", "Date"],\n    header :contains "from" "fool@example.com") {\n    discard;\n}',
    letter: 'From: fool@example.com\nDate: x\n\n',
    result: [],
  },
  {
    rfc: '5228 §2.7.3',
    script: 'if header :contains :comparator "i;octet" "Subject"\n    "MAKE MONEY FAST" {\n    discard;\n}',
    letter: 'Subject: make money fast\n\n',
    result: ['keep'],
  },
  {
    rfc: '5228 §3.1',
    script: `require "fileinto";
if header :contains "from" "coyote" {
   discard;
} elsif header :contains ["subject"] ["$$$"] {
   discard;
} else {
   fileinto "INBOX";
}`,
    letter: messageB,
    result: [],
  },
  ...(['coyote@example.org', 'x@example.org'] as const).map(from => ({
    rfc: `5228 §3.1 (${from})`,
    script: `if header :contains ["From"] ["coyote"] {
   redirect "acm@example.com";
} elsif header :contains "Subject" "$$$" {
   redirect "postmaster@example.com";
} else {
   redirect "field@example.com";
}`,
    letter: `From: ${from}\n\n`,
    result: [from.startsWith('coyote') ? 'redirect acm@example.com' : 'redirect field@example.com'],
  })),
  {
    rfc: '5228 §4.1',
    script: 'require "fileinto";\nif header :contains ["from"] "coyote" {\n   fileinto "INBOX.harassment";\n}',
    letter: messageA,
    result: ['fileinto INBOX.harassment'],
  },
  { rfc: '5228 §4.2', script: 'redirect "bart@example.com";', letter: messageA, result: ['redirect bart@example.com'] },
  { rfc: '5228 §4.3', script: 'if size :under 1M { keep; } else { discard; }', letter: messageA, result: ['keep'] },
  {
    rfc: '5228 §4.4',
    script: 'if header :contains ["from"] ["idiot@example.com"] {\n   discard;\n}',
    letter: 'From: idiot@example.com\n\n',
    result: [],
  },
  {
    rfc: '5228 §5.1',
    script: 'if address :is :all "from" "tim@example.com" {\n    discard;\n}',
    letter: 'From: Tim <tim@example.com>\n\n',
    result: [],
  },
  {
    rfc: '5228 §5.4',
    script: 'require "envelope";\nif envelope :all :is "from" "tim@example.com" {\n    discard;\n}',
    letter: { text: 'From: x@example.com\n\n', from: 'tim@example.com' },
    result: [],
  },
  {
    rfc: '5228 §5.5',
    script: 'if not exists ["From","Date"] {\n   discard;\n}',
    letter: 'From: x@example.com\n\n',
    result: [],
  },
  {
    rfc: '5228 §5.7: a field that is empty',
    script: 'if allof (header :is ["X-Caffeine"] [""], header :contains ["X-Caffeine"] [""]) { discard; }',
    letter: 'X-Caffeine:\n\n',
    result: [],
  },
  {
    rfc: '5228 §5.7: a field that holds something',
    script: 'if allof (not header :is ["X-Caffeine"] [""], header :contains ["X-Caffeine"] [""]) { discard; }',
    letter: 'X-Caffeine: C8H10N4O2\n\n',
    result: [],
  },
  {
    rfc: '5228 §2.7.1',
    script: 'if not header :matches "Cc" "?*" { discard; }',
    letter: 'Cc:\n\n',
    result: [],
  },
  {
    rfc: '5228 §9, a list',
    script: filter,
    letter: 'Sender: owner-ietf-mta-filters@imc.org\n\n',
    result: ['fileinto filter'],
  },
  { rfc: '5228 §9, the company', script: filter, letter: 'From: a@example.com\n\n', result: ['keep'] },
  {
    rfc: '5228 §9, spam',
    script: filter,
    letter: messageB.replace('landru.example.com', 'landru.invalid'),
    result: ['fileinto spam'],
  },
  {
    rfc: '5228 §9, personal',
    script: filter.replace('"example.com"', '"example.net"'),
    letter: 'From: a@example.org\nTo: me@example.com\n\n',
    result: ['fileinto personal'],
  },
  {
    rfc: '5229 §3: what is put in is not read again',
    script:
      'require ["variables", "fileinto"]; set "dollar" "$";\nset "text" "regarding ${dollar}{beep}";\nfileinto "${text}";',
    letter: messageA,
    result: ['fileinto regarding ${beep}'],
  },
  {
    rfc: '5229 §3: encoded characters first',
    script:
      'require ["encoded-character", "variables"];\nset "name" "Ethelbert";\nif header :contains "Subject" "dear${hex:20 24 7b 4e}ame}" {\n    discard;\n}',
    letter: 'Subject: dear Ethelbert,\n\n',
    result: [],
  },
  {
    rfc: '5229 §3.2',
    script:
      'require ["fileinto", "variables"];\nif header :matches "List-ID" "*<*@*" {\n    fileinto "INBOX.lists.${2}"; stop;\n}',
    letter: 'List-ID: Filters <mta-filters@imc.org>\n\n',
    result: ['fileinto INBOX.lists.mta-filters'],
  },
  {
    rfc: '5229 §3.2',
    script: `require ["fileinto", "variables"];
if header :matches "Subject" "[*] *" {
    # \${1} will hold "acme-users",
    # \${2} will hold "[fwd] version 1.0 is out"
    fileinto "INBOX.lists.\${1}"; stop;
}`,
    letter: 'Subject: [acme-users] [fwd] version 1.0 is out\n\n',
    result: ['fileinto INBOX.lists.acme-users'],
  },
  {
    rfc: '5229 §3.2',
    script: `require ["fileinto", "variables"];
if address :matches ["To", "Cc"] ["coyote@**.com",
        "wile@**.com"] {
    # \${0} is the matching address
    # \${1} is always the empty string
    # \${2} is part of the domain name ("ACME.Example")
    fileinto "INBOX.business.\${2}\${1}"; stop;
}`,
    letter: 'To: coyote@ACME.Example.COM\n\n',
    result: ['fileinto INBOX.business.ACME.Example'],
  },
  {
    rfc: '5229 §3.2: a test that is not reached sets nothing',
    script:
      'require ["fileinto", "variables"];\nif anyof (true, address :domain :matches "To" "*.com") {\n    fileinto "x${1}"; stop;\n}',
    letter: 'To: coyote@ACME.Example.COM\n\n',
    result: ['fileinto x'],
  },
  {
    rfc: '5229 §4',
    script: `require ["fileinto", "variables"];
set "honorific"  "Mr";
set "first_name" "Wile";
set "last_name"  "Coyote";
fileinto "Dear \${HONORIFIC} \${last_name},";`,
    letter: messageA,
    result: ['fileinto Dear Mr Coyote,'],
  },
  ...(
    [
      [':length', '15'],
      [':lower', 'jumbled letters'],
      [':upperfirst', 'JuMBlEd lETteRS'],
      [':upperfirst :lower', 'Jumbled letters'],
    ] as const
  ).map(([modifier, value]) => ({
    rfc: `5229 §4.1 ${modifier}`,
    script: `require ["fileinto", "variables"]; set "a" "juMBlEd lETteRS"; set ${modifier} "b" "\${a}"; fileinto "\${b}";`,
    letter: messageA,
    result: [`fileinto ${value}`],
  })),
  {
    rfc: '5229 §4.1.3',
    script: 'require ["fileinto", "variables"]; set :quotewildcard "b" "Rock*"; fileinto "${b}";',
    letter: messageA,
    result: ['fileinto Rock\\*'],
  },
  {
    rfc: '5229 §5',
    script:
      'require "variables"; set "state" "${state} pending";\nif string :matches " ${state} " "* pending *" {\n    discard;\n}',
    letter: messageA,
    result: [],
  },
  {
    rfc: '5173 §5.1',
    script: 'require "body";\nif body :raw :contains "MAKE MONEY FAST" {\n        discard;\n}',
    letter: 'Subject: x\n\nmake money fast\n',
    result: [],
  },
  {
    rfc: '5173 §5.2',
    script:
      'require ["body", "fileinto"];\nif body :content "text" :contains ["missile", "coordinates"] {\n        fileinto "secrets";\n}',
    letter: 'Subject: x\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nthe mis=\nsile\n',
    result: ['fileinto secrets'],
  },
  {
    rfc: '5173 §5.2',
    script:
      'require ["body", "fileinto"];\nif body :content "audio/mp3" :contains "" {\n        fileinto "jukebox";\n}',
    letter: 'Subject: x\nContent-Type: audio/mp3\n\nx\n',
    result: ['fileinto jukebox'],
  },
  {
    rfc: '5173 §5.3',
    script:
      'require ["body", "fileinto"];\nif body :text :contains "project schedule" {\n        fileinto "project/schedule";\n}',
    letter: 'Subject: x\nContent-Type: text/html\n\n<p>the <b>project</b>\nschedule</p>\n',
    result: ['fileinto project/schedule'],
  },
  {
    rfc: '5183 §4',
    script: 'require "environment";\nif environment :matches "remote-host" "*.example.org" { discard; }',
    letter: messageA,
    result: [],
  },
  {
    rfc: '5231 §8: priority',
    script:
      'require ["relational", "comparator-i;ascii-numeric", "fileinto"];\nif header :value "lt" :comparator "i;ascii-numeric"\n          ["x-priority"] ["3"]\n{\n   fileinto "Priority";\n}',
    letter: 'X-Priority: 2 (high)\n\n',
    result: ['fileinto Priority'],
  },
  {
    rfc: '5231 §8: many recipients',
    script:
      'require ["relational", "comparator-i;ascii-numeric", "fileinto"];\nif address :count "gt" :comparator "i;ascii-numeric"\n              ["to"] ["5"]\n{\n   fileinto "SPAM";\n}',
    letter: `To: ${'a@example.org, '.repeat(5)}b@example.org\n\n`,
    result: ['fileinto SPAM'],
  },
  {
    rfc: '5231 §8: by name',
    script:
      'require ["relational", "fileinto"];\nif address :value "gt" :all :comparator "i;ascii-casemap"\n             ["from"] ["M"]\n{\n   fileinto "From N-Z";\n} else {\n   fileinto "From A-M";\n}',
    letter: 'From: nina@example.org\n\n',
    result: ['fileinto From N-Z'],
  },
  {
    rfc: '5231 §8: only me',
    script: `require ["relational", "comparator-i;ascii-numeric", "fileinto"];
if allof ( address :count "eq" :comparator "i;ascii-numeric"
                    ["to", "cc"] ["1"] ,
           address :all :comparator "i;ascii-casemap"
                    ["to", "cc"] ["me@foo.example.com"] )
{
   fileinto "Only me";
}`,
    letter: 'To: me@foo.example.com\n\n',
    result: ['fileinto Only me'],
  },
  {
    rfc: '5232 §3',
    script: `require ["fileinto", "imap4flags", "variables"];
if size :over 500K {
            setflag "\\\\Deleted";
}
if header :contains "from" "boss@frobnitzm.example.edu" {
    setflag "flagvar" "\\\\Flagged";
    fileinto :flags "\${flagvar}" "INBOX.From Boss";
}`,
    letter: 'From: boss@frobnitzm.example.edu\n\n',
    result: ['fileinto INBOX.From Boss \\Flagged'],
  },
  ...[
    'addflag "flagvar" "\\\\Deleted";\naddflag "flagvar" "\\\\Answered";',
    'addflag "flagvar" ["\\\\Deleted", "\\\\Answered"];',
    'addflag "flagvar" "\\\\Deleted \\\\Answered";',
  ].map(script => ({
    rfc: `5232 §3.2 ${script}`,
    script: `require ["imap4flags", "variables"]; ${script} keep :flags "\${flagvar}";`,
    letter: messageA,
    result: ['keep \\Deleted \\Answered'],
  })),
  {
    rfc: '5232 §6',
    script: `require ["fileinto", "imap4flags", "variables"];
if size :over 1M
        {
        addflag "MyFlags" "Big";
        }
if header :is "From" "grandma@example.net"
        {
        addflag "MyFlags" ["\\\\Answered", "$MDNSent"];
        fileinto :flags "\${MyFlags}" "GrandMa";
        }`,
    letter: 'From: grandma@example.net\n\n',
    result: ['fileinto GrandMa \\Answered $MDNSent'],
  },
  {
    rfc: '5233 §4',
    script: `require ["envelope", "subaddress", "fileinto"];
# In this example the same user account receives mail for both
# "ken@example.com" and "postmaster@example.com"
if envelope :user "to" "postmaster"
{
    fileinto "inbox.postmaster";
    stop;
}
# File mailing list messages (subscribed as "ken+mta-filters").
if envelope :detail "to" "mta-filters"
{
    fileinto "inbox.ietf-mta-filters";
}
# Redirect all mail sent to "ken+foo".
if envelope :detail "to" "foo"
{
    redirect "ken@example.net";
}`,
    letter: { text: messageA, to: 'ken+mta-filters@example.com' },
    result: ['fileinto inbox.ietf-mta-filters'],
  },
  {
    rfc: '5235 §2.2',
    script: `require ["spamtest", "fileinto", "relational", "comparator-i;ascii-numeric"];
if spamtest :value "eq" :comparator "i;ascii-numeric" "0"
{
    fileinto "INBOX.unclassified";
}
elsif spamtest :value "ge" :comparator "i;ascii-numeric" "3"
{
    fileinto "INBOX.spam-trap";
}`,
    letter: { text: messageA, content: { spamtest: 4 } },
    result: ['fileinto INBOX.spam-trap'],
  },
  {
    rfc: '5235 §2.3',
    script: `require ["spamtestplus", "fileinto", "relational", "comparator-i;ascii-numeric"];
if spamtest :percent :count "eq"
            :comparator "i;ascii-numeric" "0"
{
    fileinto "INBOX.unclassified";
}
elsif spamtest :percent :value "eq"
                :comparator "i;ascii-numeric" "0"
{
    fileinto "INBOX.not-spam";
}
elsif spamtest :percent :value "lt"
                :comparator "i;ascii-numeric" "37"
{
    fileinto "INBOX.spam-trap";
}
else
{
    discard;
}`,
    letter: { text: messageA, content: { spamtest: 1 } },
    result: ['fileinto INBOX.not-spam'],
  },
  {
    rfc: '5235 §3.2',
    script: `require ["virustest", "fileinto", "relational", "comparator-i;ascii-numeric"];
if virustest :value "eq" :comparator "i;ascii-numeric" "0"
{
    fileinto "INBOX.unclassified";
}
if virustest :value "eq" :comparator "i;ascii-numeric" "4"
{
    fileinto "INBOX.quarantine";
}
elsif virustest :value "eq" :comparator "i;ascii-numeric" "5"
{
    discard;
}`,
    letter: { text: messageA, content: { virustest: 4 } },
    result: ['fileinto INBOX.quarantine'],
  },
  {
    rfc: '5260 §4.3',
    script: `require ["date", "relational", "fileinto"];
if allof(header :is "from" "boss@example.com",
        date :value "ge" :originalzone "date" "hour" "09",
        date :value "lt" :originalzone "date" "hour" "17")
{ fileinto "urgent"; }`,
    letter: 'From: boss@example.com\nDate: Thu, 26 Nov 2026 16:59:59 -0500\n\n',
    result: ['fileinto urgent'],
  },
  {
    rfc: '5260 §4.3',
    script: `require ["date", "fileinto"];
if anyof(date :is "received" "weekday" "0",
         date :is "received" "weekday" "6")
{ fileinto "weekend"; }`,
    letter: 'Received: by x; Sat, 28 Nov 2026 10:00:00 +0900\n\n',
    result: ['fileinto weekend'],
  },
  {
    rfc: '5260 §5',
    script: `require ["date", "relational"];
if anyof(currentdate :is "weekday" "0",
         currentdate :is "weekday" "6",
         currentdate :value "lt" "hour" "09",
         currentdate :value "ge" "hour" "17")
{ redirect "pager@example.com"; }`,
    letter: messageA,
    around: { now: Date.UTC(2026, 10, 27, 8, 30) },
    result: ['redirect pager@example.com'],
  },
  {
    rfc: '5260 §5',
    script: `require ["date", "variables", "fileinto"];
if currentdate :matches "month" "*" { set "month" "\${1}"; }
if currentdate :matches "year"  "*" { set "year"  "\${1}"; }
fileinto "\${month}-\${year}";`,
    letter: messageA,
    result: ['fileinto 11-2026'],
  },
  {
    rfc: '5260 §6',
    script: `require ["date", "relational", "index"];
if date :value "gt" :index 2 :zone "-0500" "received"
        "iso8601" "2007-02-26T09:00:00-05:00"
{ redirect "aftercutoff@example.org"; }`,
    letter: 'Received: by a; Mon, 26 Feb 2007 10:00:00 -0500\nReceived: by b; Mon, 26 Feb 2007 15:00:01 +0100\n\n',
    result: ['redirect aftercutoff@example.org'],
  },
  {
    rfc: '5293 §4, §5',
    script: `require "editheader";
if not header :contains "X-Sieve-Filtered"
        ["<kim@job.example.com>", "<kim@home.example.com>"]
{
        addheader "X-Sieve-Filtered" "<kim@job.example.com>";
        redirect "kim@home.example.com";
}`,
    letter: messageA,
    result: ['redirect kim@home.example.com'],
  },
  {
    rfc: '5429 §2.1.2',
    script:
      'require ["ereject"];\nif address "from" "someone@example.com" {\n    ereject "I no longer accept mail from this address";\n}',
    letter: 'From: someone@example.com\n\n',
    result: ['reply to taro@example.org', 'ereject: I no longer accept mail from this address'],
  },
  {
    rfc: '5429 §2.2.2',
    script: `require ["reject"];
if size :over 100K {
    reject text:
Your message is too big.  If you want to send me a big attachment,
put it on a public web site and send me a URL.
.
    ;
}`,
    letter: large,
    result: [
      'reply to taro@example.org',
      'reject: Your message is too big.  If you want to send me a big attachment,\r\nput it on a public web site and send me a URL.',
    ],
  },
  {
    rfc: '5435 §3.8',
    script: `require ["enotify", "fileinto", "variables"];
if header :contains "from" "boss@example.org" {
    notify :importance "1"
        :message "This is probably very important"
                    "mailto:alm@example.com";
    # Don't send any further notifications
    stop;
}`,
    letter: 'From: boss@example.org\n\n',
    result: ['keep', 'notify to alm@example.com'],
  },
  {
    rfc: '5435 §3.8',
    script: `require ["enotify", "fileinto", "variables"];
if header :contains "to" "sievemailinglist@example.org" {
    # :matches is used to get the value of the Subject header
    if header :matches "Subject" "*" {
        set "subject" "\${1}";
    }
    # :matches is used to get the value of the From header
    if header :matches "From" "*" {
        set "from" "\${1}";
    }
    notify :importance "3"
        :message "[SIEVE] \${from}: \${subject}"
        "mailto:alm@example.com";
    fileinto "INBOX.sieve";
}`,
    letter: 'From: a@example.org\nTo: sievemailinglist@example.org\nSubject: x\n\n',
    result: ['fileinto INBOX.sieve', 'notify to alm@example.com'],
  },
  {
    rfc: '5435 §4',
    script:
      'require "enotify";\nif not valid_notify_method ["mailto:",\n        "http://gw.example.net/notify?test"] {\n    discard;\n}',
    letter: messageA,
    result: [],
  },
  {
    rfc: '5490 §3.3',
    script: `require ["fileinto", "reject", "mailbox"];
if mailboxexists "Partners" {
    fileinto "Partners";
} else {
    reject "This message was not accepted by the Mailstore";
}`,
    letter: messageA,
    result: ['reply to taro@example.org', 'reject: This message was not accepted by the Mailstore'],
  },
  {
    rfc: '5490 §4.1',
    script: `require ["mboxmetadata", "vacation"];
if metadata :is "INBOX"
    "/private/vendor/vendor.isode/auto-replies" "on" {
    vacation text:
I'm away on holidays till March 2009.
Expect a delay.
.
;
}`,
    letter: toHanako,
    around: { metadata: { 'INBOX /private/vendor/vendor.isode/auto-replies': 'on' } },
    result: ['keep', 'reply to taro@example.org'],
  },
  {
    rfc: '5703 §4.1',
    script:
      'require ["mime", "fileinto"];\nif header :mime :type "Content-Type" "image"\n{\n    fileinto "INBOX.images";\n}',
    letter: 'Content-Type: image/png\n\n',
    result: ['fileinto INBOX.images'],
  },
  {
    rfc: '5703 §4.1',
    script:
      'require ["mime", "fileinto"];\nif header :mime :anychild :contenttype\n            "Content-Type" "text/html"\n{\n    fileinto "INBOX.html";\n}',
    letter: parts,
    result: ['fileinto INBOX.html'],
  },
  {
    rfc: '5703 §4.3',
    script: 'require ["mime", "fileinto"];\nif exists :mime :anychild "content-md5"\n{\n    fileinto "INBOX.md5";\n}',
    letter: parts,
    result: ['fileinto INBOX.md5'],
  },
  {
    rfc: '5703 §5.1',
    script: `require ["mime", "foreverypart", "replace"];
foreverypart
{
    if anyof (
        header :mime :contenttype :is
            "Content-Type" "application/exe",
        header :mime :param "filename"
            :matches ["Content-Type", "Content-Disposition"] "*.com" )
    {
    replace "Executable attachment removed by user filter";
    }
}`,
    letter: parts,
    result: ['keep edited'],
  },
  {
    rfc: '5703 §6.1',
    script: `require ["mime", "foreverypart", "enclose"];
foreverypart :name "main_loop"
{
    if header :mime :param "filename"
    :matches ["Content-Type", "Content-Disposition"]
        ["*.com", "*.exe", "*.vbs", "*.scr",
        "*.pif", "*.hta", "*.bat", "*.zip" ]
    {
    # these attachment types are executable
    enclose :subject "Warning" text:
Warning
.
    ;
        break :name "main_loop";
    }
}`,
    letter: parts,
    result: ['keep edited'],
  },
  {
    rfc: '5703 §7.1',
    script: `require ["mime", "foreverypart", "extracttext", "variables", "fileinto"];
foreverypart
{
    if header :mime :type :is "Content-Type" "text"
    {
    extracttext :first 100 "msgcontent";
    break;
    }
}
fileinto "\${msgcontent}";`,
    letter: parts,
    result: ['fileinto Hello'],
  },
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
      event: { cause: 'COPY', mailbox: '迷惑メール', changedFlags: [], user: 'hanako', email: 'hanako@home.test' },
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
]

for (const { rfc, script, letter = messageA, around, result } of examples)
  test(`RFC ${rfc}`, async () => {
    const mail = typeof letter === 'string' ? { text: letter } : { text: messageA, ...letter }
    assert.deepEqual(summary(await fileLetter(script, mail, around)), result)
  })

/** RFC 7352 §5: each script sees the same letter twice */
const duplicates: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  [
    '§5.1',
    'require ["duplicate", "fileinto", "mailbox"];\nif duplicate {\n  fileinto :create "Trash/Duplicate";\n}',
    ['keep'],
    ['fileinto Trash/Duplicate create'],
  ],
  ['§3.1', 'require "duplicate";\nif duplicate :header "message-id" {\n  discard;\n}', ['keep'], []],
  [
    '§3.1',
    'require ["duplicate", "variables"];\nif header :matches "message-id" "*" {\n  if duplicate :uniqueid "${0}" {\n    discard;\n  }\n}',
    ['keep'],
    [],
  ],
  [
    '§5.2',
    'require ["duplicate", "fileinto", "imap4flags", "variables"];\nif header :matches "subject" "ALERT: *" {\n  if duplicate :seconds 60 :uniqueid "${1}" {\n    setflag "\\\\seen";\n  }\n  fileinto "Alerts";\n}',
    ['fileinto Alerts'],
    ['fileinto Alerts \\seen'],
  ],
  [
    '§5.4',
    'require ["duplicate", "imap4flags"];\nif duplicate :header "X-Event-ID" :handle "notifier" {\n  discard;\n}\nif allof (\n  duplicate :header "X-Ticket-ID" :handle "support",\n  address "to" "support@example.com",\n  header :contains "subject" "fileserver")\n{\n  setflag "\\\\seen";\n}',
    ['keep'],
    [],
  ],
]
const alert =
  'Message-ID: <alert.1@example.org>\nX-Event-ID: 7\nX-Ticket-ID: 8\nTo: support@example.com\nSubject: ALERT: fileserver is full\n\n'

for (const [section, script, first, second] of duplicates)
  test(`RFC 7352 ${section} ${script.slice(0, 60)}`, async () => {
    const once = await fileLetter(script, { text: alert })
    assert.deepEqual(summary(once), first)
    const again = await fileLetter(script, { text: alert }, { remembered: once.remember })
    assert.deepEqual(summary(again), second)
    // when it is forgotten, the letter is a new one
    const later = Math.max(...once.remember.map(({ until }) => until)) + 1
    assert.deepEqual(
      summary(await fileLetter(script, { text: alert }, { remembered: once.remember, now: later })),
      first,
    )
  })
