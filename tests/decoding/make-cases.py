#!/usr/bin/env python3
"""Writes cases.txt: octets by encoders that are not ours (Python's codecs, iconv of the C library, or by hand from a standard), and
the text that has to come back. A line: name, path, detail, octets, text; tabs between, octets as they are or \\xNN, text as JSON."""
import base64, json, quopri, subprocess, sys
from urllib.parse import quote_from_bytes

rows = []
def add(name, path, detail, octets, text):
    rows.append((name, path, detail, octets, text))

def iconv(text, charset):
    return subprocess.run(['iconv', '-f', 'UTF-8', '-t', charset], input=text.encode(), capture_output=True, check=True).stdout

JA = 'いろはにほへと ちりぬるを 色は匂へど散りぬるを 会議の資料です。カタカナ'
def body(label, octets, text, name=None):
    add(name or f'body in {label}', 'body', label, octets, text)

# --- Japanese charsets
for label, codec in [('iso-2022-jp', 'iso2022_jp'), ('ISO-2022-JP-1', 'iso2022_jp_1'), ('iso-2022-jp-2', 'iso2022_jp_2'), ('iso-2022-jp-3', 'iso2022_jp_3'),
                     ('iso-2022-jp-2004', 'iso2022_jp_2004'), ('iso-2022-jp-ms', 'iso2022_jp_ext'), ('cp50220', 'iso2022_jp'), ('shift_jis', 'shift_jis'), ('x-sjis', 'cp932'),
                     ('Windows-31J', 'cp932'), ('cp932', 'cp932'), ('euc-jp', 'euc_jp'), ('EUCJP-MS', 'euc_jp'), ('utf-8', 'utf-8')]:
    body(label, JA.encode(codec), JA)
for charset in ['ISO-2022-JP', 'CP932', 'EUC-JP', 'EUC-JP-MS', 'SHIFT_JIS', 'ISO-2022-JP-2', 'ISO-2022-JP-3']:
    body('eucjp-win' if charset == 'EUC-JP-MS' else charset.lower(), iconv(JA, charset), JA, f'body by iconv {charset}')
NEC = '①②⑳ⅠⅩ㍉㌔㈱㈲№℡'
nec_sjis = NEC.encode('cp932')
def jis_of_sjis(octets):
    out = b''
    for at in range(0, len(octets), 2):
        high, low = octets[at], octets[at + 1]
        row = (high - (0x81 if high < 0xa0 else 0xc1)) * 2
        if low >= 0x9f: row, cell = row + 1, low - 0x9f
        else: cell = low - 0x40 - (1 if low > 0x7f else 0)
        out += bytes([row + 0x21, cell + 0x21])
    return out
necjis = b'\x1b$B' + jis_of_sjis(nec_sjis) + b'\x1b(B'
for label in ['cp50220', 'cp50221', 'iso-2022-jp', 'iso-2022-jp-ms']: body(label, necjis, NEC, f'NEC row 13 in {label}')
for label in ['shift_jis', 'windows-31j']: body(label, nec_sjis, NEC, f'NEC row 13 in {label}')
body('eucJP-ms', iconv(NEC, 'EUC-JP-MS'), NEC, 'NEC row 13 in eucJP-ms')
IBM = '髙﨑纊鄧'
body('shift_jis', IBM.encode('cp932'), IBM, 'IBM extensions in Shift_JIS')
body('cp50220', b'\x1b$B\x7c\x62\x79\x75\x79\x21\x1b(B', '髙﨑纊', 'IBM extensions in CP50220, as rows 89 to 92')
HALF = 'ｱｲｳｴｵﾊﾞﾝ'
half8 = HALF.encode('cp932'); half7 = bytes(b & 0x7f for b in half8)
body('shift_jis', half8 + b' ok', HALF + ' ok', 'half-width kana in Shift_JIS')
body('euc-jp', HALF.encode('euc_jp') + b' ok', HALF + ' ok', 'half-width kana in EUC-JP')
body('cp50221', b'\x1b(I' + half7 + b'\x1b(B ok', HALF + ' ok', 'half-width kana by ESC ( I in CP50221')
body('iso-2022-jp', b'\x1b(I' + half7 + b'\x1b(B ok', HALF + ' ok', 'half-width kana by ESC ( I under iso-2022-jp')
body('cp50222', b'a \x0e' + half7 + b'\x0f ok', 'a ' + HALF + ' ok', 'half-width kana by SO and SI in CP50222')
body('iso-2022-jp', b'\x1b$B2q5D\x1b(B\x0e' + half7 + b'\x0f ok', '会議' + HALF + ' ok', 'half-width kana by SO and SI under iso-2022-jp')
body('cp50221', b'\x1b$B2q5D\x1b(B' + half8 + b' ok', '会議' + HALF + ' ok', 'half-width kana in eight bits in CP50221')
X0212 = '丂丄侔鷗㐂'[:3] + '鷗'
body('euc-jp', X0212.encode('euc_jp'), X0212, 'JIS X 0212 in EUC-JP')
body('eucjp-ms', iconv(X0212, 'EUC-JP-MS'), X0212, 'JIS X 0212 in eucJP-ms by iconv')
body('iso-2022-jp-1', X0212.encode('iso2022_jp_1'), X0212, 'JIS X 0212 in ISO-2022-JP-1')
body('iso-2022-jp', X0212.encode('iso2022_jp_1'), X0212, 'JIS X 0212 under the plain label')
TWO = '日本語 中国话简体 한국어 café Ελλάς'
body('iso-2022-jp-2', TWO.encode('iso2022_jp_2'), TWO, 'Chinese, Korean, Latin and Greek in ISO-2022-JP-2')
body('iso-2022-jp-2', iconv(TWO, 'ISO-2022-JP-2'), TWO, 'the same by iconv')
X0213 = '俱𠮟剝ヷか゚㋐⓾鷗𩸽〼'
body('iso-2022-jp-3', X0213.encode('iso2022_jp_2004'), X0213, 'JIS X 0213 in ISO-2022-JP-2004')
body('iso-2022-jp-3', iconv('鷗𩸽〼会議か゚', 'ISO-2022-JP-3'), '鷗𩸽〼会議か゚', 'JIS X 0213 in ISO-2022-JP-3 by iconv')
body('iso-2022-jp', b'\x1b$B2q5D\r\nplain', '会議\r\nplain', 'no return to ASCII at the end of a line')
body('iso-2022-jp', b'\x1b$@2q5D\x1b(J yen\x1b(B', '会議 yen', 'JIS C 6226 and JIS X 0201')
body('iso-2022-jp', b'\x1b&@\x1b$B2q5D\x1b(B', '会議', 'JIS X 0208:1990 announced')
body('iso-2022-jp', b'\x1b$B\x1b(B\x1b$B2q\x1b(B\x1b$B5D\x1b(B', '会議', 'escapes that say nothing')

# --- other East Asian charsets
ZH = '会议资料明天上午在东京'
for label, codec in [('gb2312', 'gb2312'), ('gbk', 'gbk'), ('gb18030', 'gb18030'), ('cp936', 'gbk'), ('hz-gb-2312', 'hz')]: body(label, ZH.encode(codec), ZH)
body('gb2312', '镕堃喆'.encode('gbk'), '镕堃喆', 'GBK under gb2312')
body('gb18030', '𠮷野家㐂ü'.encode('gb18030'), '𠮷野家㐂ü', 'four octets in GB18030')
TW = '會議資料明天上午在台北'
for label, codec in [('big5', 'big5'), ('cp950', 'cp950'), ('big5-hkscs', 'big5hkscs')]: body(label, TW.encode(codec), TW)
body('big5-hkscs', '嘅啲咗喺'.encode('big5hkscs'), '嘅啲咗喺', 'Cantonese in Big5-HKSCS')
body('big5-hkscs', iconv('嘅啲咗喺', 'BIG5-HKSCS'), '嘅啲咗喺', 'Cantonese in Big5-HKSCS by iconv')
KO = '회의 자료 내일 오전 서울'
for label, codec in [('euc-kr', 'euc_kr'), ('ks_c_5601-1987', 'cp949'), ('cp949', 'cp949'), ('uhc', 'cp949'), ('iso-2022-kr', 'iso2022_kr')]: body(label, KO.encode(codec), KO)
body('euc-kr', '펲시뷁똠'.encode('cp949'), '펲시뷁똠', 'CP949 under euc-kr')

# --- one octet a character
RU = 'Съешь же ещё этих мягких французских булок'
for label, codec in [('koi8-r', 'koi8_r'), ('windows-1251', 'cp1251'), ('cp1251', 'cp1251'), ('iso-8859-5', 'iso8859_5'), ('ibm866', 'cp866'), ('x-mac-cyrillic', 'mac_cyrillic')]: body(label, RU.encode(codec), RU)
UK = 'Їжак, ґанок, єдність, він'
for label, codec in [('koi8-u', 'koi8_u'), ('windows-1251', 'cp1251')]: body(label, UK.encode(codec), UK, f'Ukrainian in {label}')
for label, codec, text in [
    ('iso-8859-1', 'latin1', 'Müller, café, señor'), ('windows-1252', 'cp1252', '“Euro” € – Ž…'), ('cp1252', 'cp1252', 'naïve — ‘quoted’'),
    ('iso-8859-1', 'cp1252', '“curly” quotes – dash'), ('iso-8859-2', 'iso8859_2', 'Příliš žluťoučký kůň'), ('windows-1250', 'cp1250', 'Příliš žluťoučký kůň'),
    ('iso-8859-3', 'iso8859_3', 'ĉiuĵaŭde ĝi'), ('iso-8859-4', 'iso8859_4', 'ķēniņš ģērbt'), ('iso-8859-7', 'iso8859_7', 'Ξεσκεπάζω την ψυχοφθόρα'),
    ('windows-1253', 'cp1253', 'Ξεσκεπάζω την ψυχοφθόρα'), ('iso-8859-9', 'iso8859_9', 'Pijamalı hasta yağız şoföre'), ('windows-1254', 'cp1254', 'Pijamalı hasta yağız şoföre'),
    ('iso-8859-8', 'iso8859_8', 'דג סקרן שט בים'), ('windows-1255', 'cp1255', 'דג סקרן שט בים'), ('iso-8859-6', 'iso8859_6', 'نص حكيم له سر قاطع'),
    ('windows-1256', 'cp1256', 'نص حكيم له سر قاطع'), ('windows-1257', 'cp1257', 'ķēniņš ģērbt žąsis'), ('windows-1258', 'cp1258', 'Đường đi'.replace('ườ', 'ươ').replace('ng', 'ng')),
    ('iso-8859-10', 'iso8859_10', 'þorn ŋ đ'), ('iso-8859-13', 'iso8859_13', 'žąsis ģērbt'), ('iso-8859-14', 'iso8859_14', 'ŵ ŷ Ḃ'),
    ('iso-8859-15', 'iso8859_15', '10 € œuvre Šž'), ('iso-8859-16', 'iso8859_16', 'Țară și'), ('tis-620', 'tis_620', 'เป็นมนุษย์สุดประเสริฐ'), ('macintosh', 'mac_roman', 'Crème brûlée')]:
    body(label, text.encode(codec), text, f'body in {label}: {text[:12]}')

# --- Unicode
U = '会議 😀 café'
for label, octets in [('utf-7', U.encode('utf-7')), ('unicode-1-1-utf-7', U.encode('utf-7')), ('utf-8', b'\xef\xbb\xbf' + U.encode()), ('utf8', U.encode()), ('utf-16', U.encode('utf-16')),
                      ('utf-16', b'\xfe\xff' + U.encode('utf-16-be')), ('utf-16be', U.encode('utf-16-be')), ('utf-16le', U.encode('utf-16-le')), ('utf-32', U.encode('utf-32')),
                      ('utf-32', b'\0\0\xfe\xff' + U.encode('utf-32-be')), ('utf-32be', U.encode('utf-32-be')), ('utf-32le', U.encode('utf-32-le'))]:
    body(label, octets, U, f'body in {label}: {octets[:4].hex()}')
body('utf-16', 'plain words'.encode('utf-16-be'), 'plain words', 'utf-16 without a mark is big-endian')
body('utf-16', 'plain words'.encode('utf-16-le'), 'plain words', 'utf-16 without a mark, little-endian all the same')
body('utf-16', U.encode(), U, 'utf-16 that is UTF-8')

# --- no label, or a false one
for label in ['', '-', 'us-ascii', 'iso-8859-1', 'x-unknown', 'utf-8', 'windows-1252']:
    what = {'': 'no charset', '-': 'no Content-Type'}.get(label, label)
    for real, octets in [('UTF-8', JA.encode()), ('ISO-2022-JP', JA.encode('iso2022_jp')), ('Shift_JIS', JA.encode('cp932')), ('EUC-JP', JA.encode('euc_jp'))]:
        if label != real.lower(): body(label, octets, JA, f'{what}, in truth {real}')
for label in ['shift_jis', 'euc-jp', 'iso-2022-jp', 'gb2312', 'big5', 'euc-kr', 'koi8-r', 'iso-8859-15']:
    body(label, JA.encode(), JA, f'{label}, in truth UTF-8')
body('shift_jis', JA.encode('euc_jp'), JA, 'shift_jis, in truth EUC-JP')
body('euc-jp', JA.encode('cp932'), JA, 'euc-jp, in truth Shift_JIS')
body('iso-2022-jp', JA.encode('cp932'), JA, 'iso-2022-jp, in truth Shift_JIS')
body('iso-2022-jp', JA.encode('euc_jp'), JA, 'iso-2022-jp, in truth EUC-JP')
body('shift_jis', JA.encode('iso2022_jp'), JA, 'shift_jis, in truth ISO-2022-JP')
body('gb2312', JA.encode('iso2022_jp'), JA, 'gb2312, in truth ISO-2022-JP')
for label, octets, text in [
    ('utf-8', 'Müller café'.encode('latin1'), 'Müller café'), ('us-ascii', 'Müller café'.encode('latin1'), 'Müller café'), ('', '“curly” – dash'.encode('cp1252'), '“curly” – dash'),
    ('iso-8859-1', 'élève à l’été “où”…'.encode('cp1252'), 'élève à l’été “où”…'), ('iso-8859-1', 'ÄÖÜ äöüß ÀÉÈ'.encode('latin1'), 'ÄÖÜ äöüß ÀÉÈ'),
    ('windows-1252', 'Ærøskøbing, Ålborg – “blåbær”'.encode('cp1252'), 'Ærøskøbing, Ålborg – “blåbær”'), ('iso-8859-1', 'NAÏVE FAÇADE ÆØÅ ÑANDÚ'.encode('latin1'), 'NAÏVE FAÇADE ÆØÅ ÑANDÚ'),
    ('shift_jis', 'ﾃｽﾄ ﾃﾞｰﾀ'.encode('cp932'), 'ﾃｽﾄ ﾃﾞｰﾀ'), ('shift_jis', 'ﾃｽ'.encode('cp932'), 'ﾃｽ'), ('gbk', '联通'.encode('gbk'), '联通'), ('windows-1251', 'Привет'.encode('cp1251'), 'Привет')]:
    body(label, octets, text, f'{label or "no charset"} says the truth or nearly so: {text[:10]}')
for label, codec, text in [('windows-1251', 'cp1251', 'Test й'), ('koi8-r', 'koi8_r', 'ok а'), ('iso-8859-2', 'iso8859_2', 'cafř'), ('iso-8859-1', 'latin1', 'café'), ('', 'latin1', 'café'), ('iso-8859-7', 'iso8859_7', 'abc α')]:
    body(label, text.encode(codec), text, f'{label or "no charset"}, one letter at the end')
body('', '会議の資料'.encode()[:-1], '会議の資\ufffd', 'UTF-8 without a charset, cut inside a character')
body('iso-8859-1', '会議の資料'.encode()[:-2], '会議の資\ufffd', 'iso-8859-1, in truth UTF-8 cut inside a character')
body('utf-8', b'ok \xe4\xbc\x9a\xe8\xad\xb0 \xff ok', 'ok 会議 \ufffd ok', 'damaged UTF-8 stays UTF-8')
add('html whose meta alone names the charset', 'html', '', ('<html><head><meta charset="shift_jis"></head><body>' + JA + '</body></html>').encode('cp932'), '<html><head><meta charset="shift_jis"></head><body>' + JA + '</body></html>')
add('html whose meta lies', 'html', 'utf-8', '<meta charset="euc-jp"><p>会議</p>'.encode(), '<meta charset="euc-jp"><p>会議</p>')

# --- header fields
def B(text, charset, codec=None): return b'=?' + charset.encode() + b'?B?' + base64.b64encode(text if isinstance(text, bytes) else text.encode(codec or charset)) + b'?='
def Q(text, charset, codec=None):
    octets = text if isinstance(text, bytes) else text.encode(codec or charset)
    return b'=?' + charset.encode() + b'?Q?' + b''.join(bytes([b]) if chr(b).isalnum() and b < 128 else b'_' if b == 32 else b'=%02X' % b for b in octets) + b'?='
def header(name, octets, text): add(name, 'subject', '', octets, text)
K = '会議のお知らせ'
for charset, codec in [('ISO-2022-JP', 'iso2022_jp'), ('Shift_JIS', 'cp932'), ('EUC-JP', 'euc_jp'), ('UTF-8', 'utf-8'), ('cp932', 'cp932'), ('iso-2022-jp-2', 'iso2022_jp_2')]:
    header(f'B word in {charset}', B(K, charset, codec), K)
    header(f'Q word in {charset}', Q(K, charset, codec), K)
for charset, codec, text in [('gb2312', 'gb2312', ZH[:6]), ('GB18030', 'gb18030', '𠮷野家'), ('big5', 'big5', TW[:6]), ('ks_c_5601-1987', 'cp949', KO[:5]), ('koi8-r', 'koi8_r', RU[:8]), ('koi8-u', 'koi8_u', UK[:4]),
                             ('windows-1251', 'cp1251', RU[:8]), ('iso-8859-2', 'iso8859_2', 'Příliš'), ('iso-8859-15', 'iso8859_15', '10 €'), ('utf-7', 'utf-7', '会議'), ('utf-16be', 'utf-16-be', '会議')]:
    header(f'B word in {charset}', B(text, charset, codec), text)
u = K.encode()
header('adjacent words split inside a character', B(u[:4], 'utf-8') + b' ' + B(u[4:8], 'utf-8') + b' ' + B(u[8:], 'utf-8'), K)
header('adjacent words split inside a character, Q', Q(u[:5], 'utf-8') + b'\r\n ' + Q(u[5:], 'utf-8'), K)
s = K.encode('cp932')
header('Shift_JIS split inside a character', B(s[:3], 'shift_jis') + b' ' + B(s[3:], 'Shift_JIS'), K)
j = K.encode('iso2022_jp')
header('ISO-2022-JP split between escapes', B(j[:7], 'iso-2022-jp') + b' ' + B(j[7:], 'iso-2022-jp'), K)
header('ISO-2022-JP, each word ended and begun again', B(K[:3], 'iso-2022-jp', 'iso2022_jp') + b'\r\n ' + B(K[3:], 'iso-2022-jp', 'iso2022_jp'), K)
header('ISO-2022-JP with NEC row 13', B(necjis, 'iso-2022-jp'), NEC)
header('ISO-2022-JP with half-width kana', B(b'\x1b(I' + half7 + b'\x1b(B', 'iso-2022-jp'), HALF)
header('B and Q beside each other', B('会議', 'utf-8') + b' ' + Q('の件', 'utf-8'), '会議の件')
header('charsets beside each other', B('会議', 'iso-2022-jp', 'iso2022_jp') + b' ' + B('の件', 'utf-8'), '会議の件')
header('text around a word', b'Re: ' + B(K, 'utf-8') + b' (2)', 'Re: ' + K + ' (2)')
header('text around a word, no blanks', b'[ml:12]' + B(K, 'utf-8') + b'!', '[ml:12]' + K + '!')
header('lower case b and q', b'=?utf-8?b?5Lya6K2w?= =?utf-8?q?=e3=81=ae?=', '会議の')
header('B without its padding', b'=?utf-8?B?5Lya6K2wIQ?=', '会議!')
header('B with padding in the middle', b'=?utf-8?B?5LyaIQ==6K2w?=', '会!議')
header('B whose text is Q', b'=?utf-8?B?=E4=BC=9A=E8=AD=B0?=', '会議')
header('blanks inside Q', b'=?utf-8?Q?a =E4=BC=9A b?=', 'a 会 b')
header('blanks inside B', b'=?utf-8?B?5Lya 6K2w?=', '会議')
header('folded inside a word', b'=?utf-8?B?5Lya\r\n 6K2w?=', '会議')
header('a word inside quotation marks', b'"' + B(K, 'utf-8') + b'"', '"' + K + '"')
header('a language in the word', b'=?utf-8*ja?B?5Lya6K2w?=', '会議')
header('an unknown charset', b'=?x-nowhere?B?5Lya6K2w?=', '会議')
header('us-ascii that is UTF-8', b'=?us-ascii?Q?=E4=BC=9A?=', '会')
header('iso-8859-1 that is UTF-8', B(K, 'iso-8859-1', 'utf-8'), K)
header('iso-8859-1 that is ISO-2022-JP', B(K, 'iso-8859-1', 'iso2022_jp'), K)
header('iso-8859-1 that is Shift_JIS', B(K, 'iso-8859-1', 'cp932'), K)
header('shift_jis that is UTF-8', B(K, 'shift_jis', 'utf-8'), K)
header('utf-8 that is Shift_JIS', B(K, 'utf-8', 'cp932'), K)
header('utf-8 that is ISO-2022-JP', B(K, 'utf-8', 'iso2022_jp'), K)
header('iso-8859-1 that says the truth', Q('Grüße aus Österreich', 'iso-8859-1', 'latin1'), 'Grüße aus Österreich')
for real, codec in [('UTF-8', 'utf-8'), ('Shift_JIS', 'cp932'), ('EUC-JP', 'euc_jp'), ('ISO-2022-JP', 'iso2022_jp')]:
    header(f'raw {real}', K.encode(codec), K)
header('raw UTF-8 beside a word', '【重要】'.encode() + B(K, 'utf-8'), '【重要】' + K)
header('a word that never closes', b'=?utf-8?B?5Lya6K2w', '=?utf-8?B?5Lya6K2w')
header('an encoding that is neither', b'=?utf-8?X?abc?=', '=?utf-8?X?abc?=')
header('emoji with joiner and selector', B('👩‍💻❤️', 'utf-8'), '👩‍💻❤️')
N = '山田 太郎'
def sender(name, octets, text): add(name, 'from', '', octets, text)
sender('name as a word', B(N, 'iso-2022-jp', 'iso2022_jp') + b' <taro@example.test>', N)
sender('name as words, folded', B(u'山田', 'utf-8') + b'\r\n ' + B(' 太郎', 'utf-8') + b' <taro@example.test>', N)
sender('name as a word in quotation marks', b'"' + B(N, 'utf-8') + b'" <taro@example.test>', N)
sender('name with a comma in a word', B('山田, 太郎', 'utf-8') + b' <taro@example.test>', '山田, 太郎')
sender('raw UTF-8 name', N.encode() + b' <taro@example.test>', N)
sender('raw UTF-8 name in quotation marks', b'"' + N.encode() + b'" <taro@example.test>', N)
sender('raw Shift_JIS name in quotation marks', b'"' + '山田　太郎'.encode('cp932') + b'" <taro@example.test>', '山田　太郎')
sender('raw Shift_JIS with 5C as second octet', b'"' + '表示'.encode('cp932') + b'" <taro@example.test>', '表示')
sender('raw ISO-2022-JP name', N.encode('iso2022_jp') + b' <taro@example.test>', N)
sender('raw EUC-JP name', '山田太郎'.encode('euc_jp') + b' <taro@example.test>', '山田太郎')

# --- file names
F = '会議資料 2026年度.pdf'
def part(name, octets, text): add(name, 'attachment', '', octets, text)
def ext(text, charset, codec): return charset.encode() + b"''" + quote_from_bytes(text.encode(codec), safe='').encode()
D = b'Content-Type: application/pdf\r\nContent-Disposition: attachment; '
for charset, codec in [('utf-8', 'utf-8'), ('Shift_JIS', 'cp932'), ('iso-2022-jp', 'iso2022_jp'), ('euc-jp', 'euc_jp')]:
    part(f'RFC 2231 in {charset}', D + b'filename*=' + ext(F, charset, codec), F)
whole = quote_from_bytes(F.encode(), safe='').encode()
part('RFC 2231 continued', D + b"filename*0*=utf-8''" + whole[:30] + b';\r\n filename*1*=' + whole[30:], F)
part('RFC 2231 continued, split inside a character', D + b"filename*0*=utf-8''" + whole[:24] + b';\r\n filename*1*=' + whole[24:], F)
part('RFC 2231 continued, out of order', D + b'filename*1*=' + whole[27:] + b";\r\n filename*0*=utf-8''" + whole[:27], F)
part('RFC 2231 continued, encoded and plain pieces', D + b"filename*0*=utf-8''%E4%BC%9A;\r\n filename*1=\" plain.pdf\"", '会 plain.pdf')
part('RFC 2231 plain pieces', D + b'filename*0="long name ";\r\n filename*1="of a file.pdf"', 'long name of a file.pdf')
part('RFC 2231 pieces of encoded words', D + b'filename*0="=?utf-8?B?5Lya";\r\n filename*1="6K2w?=.pdf"', '会議.pdf')
part('RFC 2231 without its quotes', D + b'filename*=' + whole, F)
part('RFC 2231 without a charset', D + b"filename*=''" + whole, F)
part('RFC 2231 that lies: utf-8 that is Shift_JIS', D + b"filename*=utf-8''" + quote_from_bytes(F.encode('cp932'), safe='').encode(), F)
part('RFC 2231 with a language', D + b"filename*=utf-8'ja'" + whole, F)
part('RFC 2231 beside a plain name', D + b"filename=\"kaigi.pdf\"; filename*=utf-8''" + whole, F)
part('RFC 2231 in the name of the type', b"Content-Type: application/pdf; name*=utf-8''" + whole, F)
part('encoded word in quotation marks', D + b'filename="' + B(F, 'utf-8') + b'"', F)
part('encoded word without quotation marks', D + b'filename=' + B(F, 'utf-8'), F)
part('encoded words, two, in quotation marks', D + b'filename="' + B(F[:4], 'iso-2022-jp', 'iso2022_jp') + b'\r\n ' + B(F[4:], 'iso-2022-jp', 'iso2022_jp') + b'"', F)
part('encoded word, Q, in Shift_JIS', D + b'filename="' + Q(F, 'shift_jis', 'cp932') + b'"', F)
part('encoded words split inside a character', D + b'filename="' + B(F.encode()[:4], 'utf-8') + b' ' + B(F.encode()[4:], 'utf-8') + b'"', F)
part('raw UTF-8', D + b'filename="' + F.encode() + b'"', F)
part('raw Shift_JIS', D + b'filename="' + F.encode('cp932') + b'"', F)
part('raw Shift_JIS with 5C as second octet', D + b'filename="' + '予算表.xls'.encode('cp932') + b'"', '予算表.xls')
part('raw Shift_JIS with 5C as second octet, twice', D + b'filename="' + 'ソース表.xls'.encode('cp932') + b'"', 'ソース表.xls')
part('raw UTF-8 with escaped marks', D + 'filename="会\\"議 \\\\ 会\\" x.pdf"'.encode(), '会"議 \\ 会" x.pdf')
part('raw Latin 1 with an escaped mark', D + 'filename="café\\"s.pdf"'.encode('latin1'), 'café"s.pdf')
part('raw EUC-JP', D + b'filename="' + F.encode('euc_jp') + b'"', F)
part('raw ISO-2022-JP', D + b'filename="' + F.encode('iso2022_jp') + b'"', F)
part('raw UTF-8 without quotation marks', D + b'filename=' + F.encode(), F)
part('percent signs in a plain name', D + b'filename="' + whole + b'"', whole.decode())
part('name of the type alone', b'Content-Type: application/pdf; name="' + B(F, 'iso-2022-jp', 'iso2022_jp') + b'"\r\nContent-Disposition: attachment', F)

# --- format=flowed, RFC 3676
def flowed(name, detail, octets, text): add(name, 'flowed', detail, octets, text)
flowed('soft breaks', 'no', b'one \r\ntwo \r\nthree\r\nfour\r\n', 'one two three\nfour\n')
flowed('DelSp joins Japanese', 'yes', '会議の \r\n資料 \r\nです。\r\n'.encode(), '会議の資料です。\n')
flowed('DelSp keeps one of two spaces', 'yes', b'one  \r\ntwo\r\n', 'one two\n')
flowed('quoted', 'no', b'> one \r\n> two\r\n>> deep \r\n>> er\r\nmine\r\n', '> one two\n>> deep er\nmine\n')
flowed('stuffed', 'no', b' From me\r\n  two\r\n >not quoted\r\n', 'From me\n two\n>not quoted\n')
flowed('another depth ends a paragraph', 'no', b'> one \r\ntwo\r\n', '> one \ntwo\n')
flowed('a signature', 'no', b'text \r\n-- \r\nname\r\n', 'text \n-- \nname\n')
flowed('DelSp with quotes', 'yes', '> 会議 \r\n> 資料\r\n'.encode(), '> 会議資料\n')
flowed('nothing at the end', 'no', b'one \r\ntwo', 'one two')

# --- uuencoded files in plain text
def uu(octets, name):
    import binascii
    lines = b''.join(binascii.b2a_uu(octets[at:at + 45]) for at in range(0, len(octets), 45))
    return b'begin 644 ' + name.encode() + b'\n' + lines + b'`\nend\n'
binary = bytes((i * 37 + 11) & 255 for i in range(200))
def uucase(name, octets, text, files): add(name, 'uuencode', '', octets, json.dumps({'text': text, 'files': files}))
uucase('one file', b'before\n' + uu(binary, 'data.bin') + b'after\n', 'before\nafter\n', [['data.bin', binary.hex()]])
uucase('two files, CRLF', (b'a\n' + uu(b'cat', 'a.txt') + uu(b'dog!', 'b c.txt')).replace(b'\n', b'\r\n'), 'a\n', [['a.txt', b'cat'.hex()], ['b c.txt', b'dog!'.hex()]])
uucase('a file without its end', b'begin 644 x\n#0V%T\nmore text\n', 'begin 644 x\n#0V%T\nmore text\n', [])
uucase('words that look like a beginning', b'begin 644 files today\nand go on\n', 'begin 644 files today\nand go on\n', [])
uucase('blanks at the end cut off', b'begin 644 x\n%86)C   \n`\nend\n'.replace(b'   \n', b'\n'), '', [['x', b'abc\0\0'.hex()]])
uucase('base64 between the lines', b'begin-base64 644 x\n' + base64.b64encode(b'hello') + b'\n====\n', '', [['x', b'hello'.hex()]])

def printed(octets): return ''.join(chr(b) if 32 <= b < 127 and b != 92 else '\\x%02x' % b for b in octets)
with open(sys.argv[1], 'w') as out:
    for name, path, detail, octets, text in rows:
        out.write('\t'.join([name, path, detail, printed(octets), json.dumps(text, ensure_ascii=False)]) + '\n')
print(len(rows))
