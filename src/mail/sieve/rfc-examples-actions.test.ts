// The examples of the RFCs that change or refuse letters, tell others of them, and take them apart (editheader, reject, notify, mailbox, MIME), word for word but for what would not end (their scripts are pieces).
import { large, messageA, play, toHanako } from './rfc-examples.testbed.ts'

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
play([
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
])
