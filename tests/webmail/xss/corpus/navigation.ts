/** What leads away without the reader wanting it, or somewhere else than it says. */
import { type Attack, attacks } from './attack.ts'

export const navigations: readonly Attack[] = [
  ...attacks('navigation', [
    ['meta refresh', '<meta http-equiv=refresh content="0;url=URL">'],
    ['meta refresh in capitals', '<META HTTP-EQUIV="Refresh" CONTENT="0; URL">'],
    ['meta refresh in a body', '<p>x<meta http-equiv="refresh" content="0,URL">'],
    ['link in the same window', '<a href="URL">x</a>'],
    ['link to the parent', '<a target=_self href="URL">x</a>'],
    ['link without a scheme', '<base href="URL"><a href="./x">x</a>'],
    ['base with a target', '<base target=_self><a href="URL">x</a>'],
    ['area', '<img usemap=#m src=x: width=9 height=9><map name=m><area shape=default href="URL"></map>'],
    ['link in SVG', '<svg><a href="URL"><text x=9 y=9>x</text></a></svg>'],
    ['form', '<form action="URL"><input type=submit></form>'],
    [
      'form by POST',
      '<form method=post action="URL"><input name=password type=password><button>Sign in</button></form>',
    ],
    ['formaction', '<form><button formaction="URL">x</button></form>'],
    ['image button', '<form action="URL"><input type=image src=x: alt=x></form>'],
    ['form from elsewhere', '<form id=f action="URL"></form><button form=f>x</button>'],
    ['form with enter', '<form action="URL"><input name=q autofocus><input type=submit hidden></form>'],
    ['a search field', '<search><form action="URL"><input type=search><button>x</button></form></search>'],
    ['frame that leads its parent', '<iframe srcdoc="<script>parent.location=`URL`</script>"></iframe>'],
    ['script', '<script>location=`URL`</script>'],
  ]),
  ...attacks(
    'navigation',
    [
      ['link to the top', '<a target=_top href="URL">x</a>'],
      ['base to the top', '<base target=_top><a href="URL">x</a>'],
      ['form to the top', '<form target=_top action="URL"><button>x</button></form>'],
      ['formtarget', '<form action="URL"><button formtarget=_top>x</button></form>'],
      ['script at the top', '<script>top.location=`URL`</script>'],
      ['frame at the top', '<iframe srcdoc="<script>top.location=`URL`</script>"></iframe>'],
    ],
    { alone: true },
  ),
]
