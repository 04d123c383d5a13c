/** Letters that the scripts of cases.ts look at. */
const lines = (text: string) => text.replaceAll('\n', '\r\n')

export const letters = {
  plain: lines(`Received: from mx.example.org by mail.home.test; Fri, 27 Nov 2026 15:00:00 +0900
Received: from old.example.org by mx.example.org; Thu, 26 Nov 2026 10:00:00 -0500
From: Taro <taro+work@example.org>
To: "Hanako, Y." <hanako@home.test>, group: jiro@example.net, saburo@Example.COM;
Cc: a@example.org, b@example.org
Subject: Meeting [urgent] 42
X-Multi: one
X-Multi: two
X-Multi: three
X-Empty:
X-Number: 0012 apples
X-Back: a\\b*c?d
X-Folded: first
 second
\tthird
Date: Fri, 27 Nov 2026 14:59:00 +0900
Message-ID: <one@example.org>

Hello Hanako, the offer costs 100 yen.
Second line.
`),
  japanese: lines(`From: =?utf-8?B?5aSq6YOO?= <taro@example.org>
To: hanako@home.test
Subject: =?utf-8?B?6KuL5rGC5pu4?= 11=?utf-8?B?5pyI?=
X-Name: =?utf-8?Q?=C3=89COLE?=
X-Latin: =?iso-8859-1?Q?caf=E9?=
Message-ID: <two@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=iso-2022-jp
Content-Transfer-Encoding: base64

${Buffer.from('\x1b$B$3$s$K$A$O\x1b(B', 'latin1').toString('base64')}
`),
  mixed: lines(`From: taro@example.org
To: hanako@home.test
Subject: parts
Message-ID: <three@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

preamble words
--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=utf-8; format=flowed

plain words
--inner
Content-Type: text/html

<html><head><title>t</title></head><body><p>rich <b>wo</b>rds &amp; more</p></body></html>
--inner--
--outer
Content-Type: application/zip; name="bill.zip"
Content-Disposition: attachment; filename="bill.zip"
Content-Transfer-Encoding: base64

UEsDBAo=
--outer
Content-Type: message/rfc822

From: nested@example.net
Subject: nested subject
Content-Type: text/plain

nested words
--outer--
epilogue words
`),
  odd: lines(`From: no address here
To: undisclosed-recipients:;
Cc: <@route.example:routed@example.org>, "quoted \\"local"@example.org, (comment) c@example.org (d)
Sender: taro
Subject:   spaces   inside
Date: nonsense
X-Bad: =?utf-8?B?broken
Message-ID: <four@example.org>

x
`),
} as const

export type LetterName = keyof typeof letters
