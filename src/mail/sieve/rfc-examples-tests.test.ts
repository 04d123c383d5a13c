// The examples of the RFCs that look at letters (body, environment, relational, flags, subaddress, spamtest, date, index), word for word but for what would not end (their scripts are pieces).
import { messageA, play } from './rfc-examples.testbed.ts'

play([
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
])
