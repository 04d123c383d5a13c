/** What of a stranger's HTML is kept. Lists of what may be, not of what may not. */

export const allowedTags = (
  'html head body a abbr acronym address area article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del ' +
  'details dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd li main map mark menu nav ol p ' +
  'pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr'
).split(' ')

/** Of those that are not kept: what stands in them goes too. Others leave their text. */
export const tagsWithContents = (
  'script style noscript template title textarea select option optgroup datalist svg math iframe object embed applet audio video canvas frameset ' +
  'noframes noembed xmp plaintext listing'
).split(' ')

export const allowedAttributes = (
  'abbr align alt aria-hidden aria-label background bgcolor border cellpadding cellspacing class clear color colspan compact coords datetime dir ' +
  'face frame headers height href hspace id lang link name noshade nowrap open reversed role rowspan rules scope shape size span src start style ' +
  'text title type usemap valign value vlink vspace width'
).split(' ')

/** Values that name others: prefixed, so that they clobber nothing and still find each other. */
export const namingAttributes = ['id', 'name', 'headers', 'usemap'] as const
export const namePrefix = 'letter-'

const exact =
  'azimuth border-collapse border-spacing bottom box-shadow box-sizing caption-side clear clip color direction display empty-cells float hyphens ' +
  'left letter-spacing line-break line-height list-style-image list-style-position list-style-type object-fit object-position opacity order ' +
  'orphans overflow overflow-wrap overflow-x overflow-y place-content place-items place-self position right row-gap column-gap tab-size ' +
  'table-layout text-orientation top unicode-bidi vertical-align visibility white-space white-space-collapse widows word-break word-spacing ' +
  'word-wrap writing-mode z-index zoom -webkit-text-fill-color -webkit-text-size-adjust text-size-adjust -webkit-line-clamp -webkit-box-orient'
const families =
  'align background border break column columns flex font grid height inset justify margin max min padding page-break ruby text width ' +
  'block-size inline-size outline'
const properties: ReadonlySet<string> = new Set(exact.split(' '))
const familyOf = new RegExp(`^(?:${families.split(' ').join('|')})(?:-|$)`)
/** Of a family, but reaching beyond the letter */
const notThese: ReadonlySet<string> = new Set(['font-palette', 'text-box', 'grid-template-areas'])

export function isAllowedProperty(name: string): boolean {
  return !notThese.has(name) && (properties.has(name) || familyOf.test(name))
}

/** `url` is looked at by itself. */
export const allowedFunctions: ReadonlySet<string> = new Set(
  (
    'rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix calc min max clamp minmax repeat fit-content rect linear-gradient radial-gradient ' +
    'conic-gradient repeating-linear-gradient repeating-radial-gradient repeating-conic-gradient'
  ).split(' '),
)
