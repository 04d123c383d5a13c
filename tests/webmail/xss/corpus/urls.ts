/** Links and forms whose address is code, in every spelling. */
import { type Attack, attacks, decimal, hexadecimal, type Payload } from './attack.ts'

const link = (href: (payload: Payload) => string) => (payload: Payload) => `<a href="${href(payload)}">x</a>`
const of = (scheme: string) => link(({ js }) => `${scheme}${js}`)

export const urls: readonly Attack[] = [
  ...attacks('script', [
    ['javascript: URL', of('javascript:')],
    ['in capitals', of('JAVASCRIPT:')],
    ['mixed', of('jAvAsCrIpT:')],
    ['after spaces', of('   javascript:')],
    ['after control characters', of('&#1;&#31;&#32;javascript:')],
    ['with a tab inside', of('java\tscript:')],
    ['with a line feed inside', of('java\nscript:')],
    ['with a carriage return inside', of('java\rscript:')],
    ['with a tab as an entity', of('java&Tab;script:')],
    ['with a line feed as an entity', of('java&NewLine;script:')],
    ['with a tab as a number', of('jav&#9;ascript:')],
    ['with a tab as a hexadecimal number', of('jav&#x0A;ascript:')],
    ['with the colon as an entity', of('javascript&colon;')],
    ['with the colon as a number', of('javascript&#58;')],
    ['with the colon as a number without end', of('javascript&#0000058')],
    ['before a tab and the colon', of('javascript\t:')],
    ['all in decimal', ({ js }) => `<a href="${decimal(`javascript:${js}`)}">x</a>`],
    ['all in decimal without ends', ({ js }) => `<a href="${decimal('javascript', '')}:${js}">x</a>`],
    ['all in hexadecimal', ({ js }) => `<a href="${hexadecimal(`javascript:${js}`)}">x</a>`],
    ['all in hexadecimal in capitals', ({ js }) => `<a href="${hexadecimal('javascript').toUpperCase()}:${js}">x</a>`],
    [
      'percent-encoded code',
      link(
        ({ js }) =>
          `javascript:${Array.from(js)
            .map(one => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`)
            .join('')}`,
      ),
    ],
    ['percent-encoded scheme', of('%6aavascript:'), 'a scheme is not decoded'],
    ['behind a comment', of('javascript://home.test/%0A')],
    ['behind a comment of two lines', of('javascript:/*--%3E*/')],
    ['as a label', of('javascript:x:')],
    ['with a void', link(({ js }) => `javascript:void(${js})`)],
    ['in single quotes', ({ js }) => `<a href='javascript:${js}'>x</a>`],
    ['without quotes', ({ js }) => `<a href=javascript:${js}>x</a>`],
    ['in a second attribute', ({ js }) => `<a href="javascript:${js}" href="https://example.org/">x</a>`],
    ['with target', ({ js }) => `<a target=_self href="javascript:${js}">x</a>`],
    [
      'area',
      ({ js }) =>
        `<img usemap=#m src="x:" width=9 height=9><map name=m><area shape=default href="javascript:${js}"></map>`,
    ],
    [
      'by base',
      ({ js }) => `<base href="javascript:/a/-${js}///////"><a href="../b">x</a>`,
      'a base may not be javascript: any more',
    ],
    ['vbscript:', of('vbscript:'), 'Internet Explorer'],
    ['livescript:', of('livescript:'), 'Netscape'],
    ['mocha:', of('mocha:'), 'Netscape'],
    ['feed:', of('feed:javascript:'), 'old Firefox'],
    ['view-source:', of('view-source:javascript:'), 'blocked for pages'],
    ['full width', of('ｊａｖａｓｃｒｉｐｔ:'), 'a scheme is ASCII'],
    ['with a soft hyphen', of('java\u00adscript:'), 'not skipped in a scheme'],
    ['with a zero width space', of('java\u200bscript:'), 'not skipped in a scheme'],
    ['after a no-break space', of('\u00a0javascript:'), 'not skipped before a scheme'],
    ['with a null inside', of('java\0script:'), 'a null is replaced'],
    ['data: URL with a page', link(({ js }) => `data:text/html,<script>${js}</script>`)],
    ['data: URL in base64', link(({ js }) => `data:text/html;base64,${btoa(`<script>${js}</script>`)}`)],
    ['blob: URL', of('blob:https://home.test/'), 'there is no such blob'],
    ['form action', ({ js }) => `<form action="javascript:${js}"><input type=submit></form>`],
    ['form action with a tab', ({ js }) => `<form action="java&Tab;script:${js}"><button>x</button></form>`],
    ['button formaction', ({ js }) => `<form><button formaction="javascript:${js}">x</button></form>`],
    ['input formaction', ({ js }) => `<form><input type=submit formaction="javascript:${js}"></form>`],
    ['image button', ({ js }) => `<form><input type=image src=x: formaction="javascript:${js}"></form>`],
    ['a form elsewhere', ({ js }) => `<form id=f action="javascript:${js}"></form><button form=f>x</button>`],
    [
      'meta refresh to code',
      ({ js }) => `<meta http-equiv=refresh content="0;url=javascript:${js}">`,
      'not since about 2008',
    ],
    ['iframe in hexadecimal', ({ js }) => `<iframe src="${hexadecimal(`javascript:${js}`)}"></iframe>`],
    ['iframe with a tab', ({ js }) => `<iframe src="java&Tab;script:${js}"></iframe>`],
  ]),
]
