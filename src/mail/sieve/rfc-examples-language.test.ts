// The examples of RFC 5228 and 5229 (the language, variables), word for word but for what would not end (their scripts are pieces): what each does with a letter that it is about.
import { large, messageA, messageB, play } from './rfc-examples.testbed.ts'

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

play([
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
])
