/** What changes the page around the letter: its looks, or what its scripts call by name. */
import { type Attack, attacks } from './attack.ts'

export const outside: readonly Attack[] = [
  ...attacks('outside', [
    ['the page hidden', '<style>body{display:none}</style>'],
    ['the page hidden, important', '<style>html body #shell{display:none!important}</style>'],
    ['everything in red', '<style>*{color:rgb(255,0,0)!important}</style>'],
    ['a button of the page moved', '<style>#shell button{position:absolute;left:-9999px}</style>'],
    [
      'something over the page',
      '<div style="position:fixed;inset:0;background:white;z-index:2147483647">Sign in again</div>',
    ],
    [
      'something over the page, from a sheet',
      '<style>.o{position:fixed;inset:0;z-index:2147483647}</style><div class=o>Sign in</div>',
    ],
    [
      'something over the page, absolute',
      '<div style="position:absolute;top:0;left:0;width:100vw;height:100vh;z-index:9">x</div>',
    ],
    [
      'moved up over the page',
      '<div style="margin-top:-5000px;height:6000px;background:white;position:relative">x</div>',
    ],
    [
      'scaled over the page',
      '<div style="transform:scale(200);background:white;width:9px;height:9px;margin:40px;position:relative;z-index:9">x</div>',
    ],
    [
      'a shadow over the page',
      '<div style="box-shadow:0 0 0 9999px red;position:relative;z-index:9;width:3000px;height:3000px;margin:-900px">x</div>',
    ],
    [
      'an outline over the page',
      '<a href="https://example.org/" style="display:block;position:relative;z-index:9;padding:3000px;margin:-3000px">x</a>',
    ],
    ['end tags', '</div></div></div></div><style>#shell{opacity:0}</style>'],
    ['a style sheet from data:', '<link rel=stylesheet href="data:text/css,%23shell{opacity:0}">'],
    ['a style sheet in SVG', '<svg><style>#shell{opacity:0}</style></svg>'],
    ['a layer', '<style>@layer x{#shell{opacity:0!important}}</style>'],
    ['a style through :has', '<style>body:has(div) #shell{opacity:0}</style>'],
    ['the root turned', '<style>:root{transform:rotate(180deg);opacity:.5}</style>'],
    ['variables of the page', '<style>:root{--accent:red!important}</style>'],
    ['text size of the page', '<style>:root{font-size:99px}</style>'],
    ['a filter', '<style>html{filter:blur(9px)}</style>'],
    ['an animation', '<style>@keyframes a{to{opacity:0}}#shell{animation:a 1ms forwards}</style>'],
    ['attributes of body', '<body style="opacity:0" class=x dir=rtl>'],
    ['attributes of html', '<html style="opacity:0" class=x>'],
    ['bgcolor of body', '<body bgcolor=red text=red>'],
    ['right to left', '<body dir=rtl>'],
    ['the scheme', '<meta name=color-scheme content=dark>'],
    ['title', '</head><title>You have been signed out</title>', 'the first title counts'],
    ['a marquee over the page', '<marquee style="position:fixed;inset:0;z-index:99">x</marquee>'],
    [
      'a dialog over the page',
      '<dialog open style="position:fixed;inset:0;width:100%;height:100%;z-index:99">x</dialog>',
    ],
    ['document.body by another name', '<img name=body>'],
    ['document.getElementById by another name', '<img name=getElementById>'],
    ['document.querySelector by another name', '<form name=querySelector></form>'],
    ['document.cookie by another name', '<img name=cookie>'],
    ['document.defaultView by another name', '<form name=defaultView></form>'],
    ['document.documentElement by another name', '<embed name=documentElement>'],
    ['a global of the page', '<a id=config href="https://example.org/">x</a>'],
    ['a global of the page by two', '<a id=config></a><a id=config name=user href="https://example.org/">x</a>'],
    ['a global by a frame', '<iframe name=config srcdoc="<a id=user href=https://example.org/>x</a>"></iframe>'],
    ['a global by a form', '<form id=config><input name=user value=x></form>'],
    [
      'an id of the page',
      '<div id=shell>x</div></div><script type=text/plain id=shell></script>',
      'the first id counts',
    ],
    ['a custom id below', '<p id=__proto__>x</p><p id=constructor>x</p>', 'names that globals keep'],
    ['a cookie', '<meta http-equiv=set-cookie content="hikyaku=stolen">', 'not since 2018'],
  ]),
]
