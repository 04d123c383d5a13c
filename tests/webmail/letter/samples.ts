/** Letters as programs and people write them. */

const cell = (colour: string, text: string) =>
  `<td width="200" valign="top" style="padding:12px;background:${colour};font-family:Helvetica,Arial,sans-serif;font-size:14px;color:#333333">${text}</td>`

/** Tables in tables, a pixel that tells, images from the internet, buttons, a link whose text lies */
export const newsletter = `<!doctype html><html><head><title>Weekly</title><style type="text/css"><!--
  body { margin:0; padding:0; background-color:#f4f4f4 } .button { background:#0b7285; color:#fff !important; padding:12px 24px; border-radius:4px; text-decoration:none; display:inline-block }
  #hero { color:#0b7285 } @media (max-width:480px) { .hide { display:none } }
--></style></head>
<body bgcolor="#f4f4f4"><table width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#f4f4f4"><tr><td align="center">
<table width="600" cellpadding="0" cellspacing="0" border="0" style="background:#ffffff">
<tr><td colspan="3" style="padding:20px"><img src="https://images.example/logo.png" width="160" height="40" alt="Example Store"></td></tr>
<tr><td colspan="3"><img src="https://images.example/hero.jpg" width="600" height="240" alt="Autumn sale: everything for the garden"></td></tr>
<tr><td colspan="3" style="padding:20px;font-family:Georgia,serif"><h1 id="hero" style="font-size:28px;margin:0 0 12px">Autumn has come</h1>
<p style="font-size:16px;line-height:24px;color:#444">Bulbs, spades and warm gloves: three for the price of two until Sunday.</p>
<a class="button" href="https://shop.example/sale">To the shop</a></td></tr>
<tr>${cell('#fff8e1', 'Tulips<br><b>¥480</b>')}${cell('#e3f2fd', 'Spade<br><b>¥2,980</b>')}${cell('#e8f5e9', 'Gloves<br><b>¥780</b>')}</tr>
<tr><td colspan="3" style="padding:20px;font-size:11px;color:#888">You get this because you bought from us.
<a href="https://track.example/c?u=1">www.shop.example</a> · <a href="https://shop.example/leave">Unsubscribe</a>
<img src="https://track.example/open.gif?u=1" width="1" height="1" alt=""></td></tr>
</table></td></tr></table></body></html>`

/** As programs of the nineties sent files */
export const uuencoded = `写真を送ります。

begin 644 ../../cat.txt
#0V%T
\`
end
よろしく。
`

export const plainJapanese = `花子様

いつもお世話になっております。太郎です。
次回の打ち合わせについて、下記の通りご案内いたします。

■日時：2026年12月3日（木）14:00〜15:30
■場所：本社 3階 会議室B
■資料：https://example.jp/docs/2026-12?ver=1（事前にご覧ください）

ご都合が悪い場合は taro@home.test までご連絡ください。
よろしくお願いいたします。

-- 
山田太郎
株式会社サンプル 企画部
TEL 03-1234-5678

2026年11月27日(金) 10:15 佐藤花子 <hanako@home.test>:
> 太郎様
>
> 次回の打ち合わせの日程はいかがでしょうか。
>> 11月は難しそうです。
> 12月でも構いません。
`

/** Outlook in Japanese: Word's HTML, the older letter below a line */
export const outlookReply = `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta name=Generator content="Microsoft Word 15"><style><!--
@font-face {font-family:"MS PGothic"; panose-1:2 11 6 0 7 2 5 8 2 4;} p.MsoNormal {margin:0mm; font-size:11.0pt; font-family:"游ゴシック",sans-serif;}
a:link, span.MsoHyperlink {color:#0563C1; text-decoration:underline;} @page WordSection1 {size:612.0pt 792.0pt;} div.WordSection1 {page:WordSection1;}
--></style></head><body lang=JA link="#0563C1" vlink="#954F72" style='word-wrap:break-word'><div class=WordSection1>
<p class=MsoNormal><span style='color:black'>承知しました。木曜日に伺います。<o:p></o:p></span></p>
<p class=MsoNormal><span lang=EN-US style='color:windowtext'>Best regards,<o:p></o:p></span></p><p class=MsoNormal>花子</p>
<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0mm 0mm 0mm'><p class=MsoNormal><b><span lang=EN-US>From:</span></b> 山田太郎 &lt;taro@home.test&gt;<br>
<b>Sent:</b> Thursday, November 26, 2026 5:10 PM<br><b>To:</b> 佐藤花子<br><b>Subject:</b> 打ち合わせ</p></div>
<p class=MsoNormal>木曜日の14時でいかがでしょうか。</p></div></body></html>`

export const gmailReply = `<div dir="ltr">Sounds good, see you on Thursday.<div><br></div><div><span style="color:#cc0000">One red word</span> and <a href="https://example.org/">a link</a>.</div></div><br>
<div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Fri, Nov 27, 2026 at 10:15 AM Taro &lt;<a href="mailto:taro@home.test">taro@home.test</a>&gt; wrote:<br></div>
<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><div dir="ltr">Shall we meet on Thursday at two?</div></blockquote></div>`

export const thunderbirdReply = `<html><head><meta http-equiv="content-type" content="text/html; charset=UTF-8"></head><body><p>Yes.</p>
<div class="moz-cite-prefix">Taro wrote on 27.11.26 10:15:<br></div><blockquote type="cite" cite="mid:1@home.test"><p>Shall we?</p></blockquote></body></html>`

/** Answers between the lines: nothing is folded */
export const between = `<p>See below.</p><blockquote type="cite"><p>When?</p></blockquote><p>At two.</p><blockquote type="cite"><p>Where?</p></blockquote><p>Here.</p>`

export const originalMessage = `<p>了解です。</p><p>-----Original Message-----<br>From: 太郎<br>Subject: 打ち合わせ</p><p>木曜日は？</p>`

export const forwarded = `<div>FYI</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: Taro</div><p>Read this.</p></div>`

export const inlineImages = `<p>The chart:</p><p><img src="cid:chart%40home.test" alt="Chart" width="120" height="60"></p>
<table background="cid:chart@home.test" width="200" height="80"><tr><td>On it</td></tr></table><p><img src="cid:drawing.svg" alt="Drawing"></p><p><img src="cid:gone@home.test" alt="Not there"></p>`

export const wideTable = `<h2>Quarterly figures</h2><table border="1" cellpadding="6" cellspacing="0">${[
  'Region',
  'Tokyo',
  'Osaka',
  'Nagoya',
  'Fukuoka',
]
  .map(
    name =>
      `<tr><th>${name}</th>${Array.from({ length: 12 }, (_, at) => `<td>${(at + 1) * 1_234_567}</td>`).join('')}</tr>`,
  )
  .join('')}</table><pre>${'a long line of a log '.repeat(12)}</pre>`

/** As banks and shops in Japan send it: 640 pixels, grey text, a button of images */
export const shopJapanese = `<html><body style="margin:0"><center><table width="640" style="border:1px solid #ccc" cellspacing="0"><tr><td style="background:#bf0000;color:#fff;padding:14px;font-size:18px"><b>ご注文ありがとうございます</b></td></tr>
<tr><td style="padding:16px;font-size:13px;color:#555;line-height:1.8">佐藤花子 様<br><br>ご注文番号：<b style="color:#000">2026-1127-0001</b><br>お届け予定日：12月1日（火）<br>
<table width="100%" style="border-collapse:collapse;margin:10px 0"><tr style="background:#f7f7f7"><td style="border:1px solid #ddd;padding:6px">商品</td><td style="border:1px solid #ddd;padding:6px" align="right">金額</td></tr>
<tr><td style="border:1px solid #ddd;padding:6px">緑茶 200g</td><td style="border:1px solid #ddd;padding:6px" align="right">1,080円</td></tr></table>
<a href="https://shop.example.jp/order/1" style="background:#bf0000;color:#fff;padding:10px 30px;text-decoration:none;border-radius:3px">注文を確認する</a></td></tr></table></center></body></html>`

/** A letter that lies about where it leads */
export const phishing = `<div style="font-family:Arial"><p>Your account will be closed. Sign in:</p><p><a href="https://evil.example/login">https://www.bank.example/login</a></p>
<p><a href="https://bank.example@evil.example/">Confirm</a> <a href="https://bank.example/">www.bank.example</a> <a href="#top">Top</a> <a name="top">x</a></p>
<style>[data-letter-host],span{display:none!important}</style></div>`
