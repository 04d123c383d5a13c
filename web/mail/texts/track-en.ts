/** What is said of a letter's way, in English. It comes with the dialog; what stands elsewhere is in `track-short-en.ts`. */
export type Asked = { readonly domain: string | undefined; readonly host: string | undefined }

const server = ({ domain, host }: Asked) => {
  const name = domain === undefined ? 'The other server' : `The mail server of ${domain}`
  return host === undefined ? name : `${name} (${host})`
}
const list = new Intl.ListFormat('en', { type: 'conjunction' })
const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

export const trackEn = {
  loading: 'Asking your servers…',
  failed: 'This cannot be told just now.',
  stored: (date: string) =>
    `No delivery of this mail is known here. It is in your account since ${date}: a mail program put it there, it was imported, or it came longer ago than is remembered.`,
  nothing: 'What happened to it was longer ago than is remembered.',
  byMessageId: 'Found by its Message-ID alone: this may be about another copy of the same mail.',
  omitted: 'Older steps are not shown.',
  away: (box: string, since: string | undefined) =>
    since === undefined
      ? `${box} does not answer just now. Its part may be missing.`
      : `${box} does not answer just now (last heard at ${since}). Its part may be missing.`,
  unknownBox: (box: string) => `${box} has not been asked: it has not been heard of yet.`,
  receivedIn: (time: string) => `Arrived in ${time}`,
  received: 'Arrived',
  deliveredIn: (time: string) => `Delivered in ${time}`,
  delivered: 'Delivered',
  waitingFor: (time: string) => `On its way for ${time}`,
  failedHead: 'Not delivered',
  partly: (done: number, all: number) => `${done} of ${all} delivered`,
  recipients: 'Recipients',
  steps: 'Step by step',
  state: {
    waiting: 'waiting',
    trying: 'being sent',
    held: 'held back',
    delivered: 'delivered',
    failed: 'failed',
    removed: 'taken out',
    unknown: 'not known any more',
  },
  next: (time: string) => `next attempt at ${time}`,
  attempts: (count: number) => (count === 1 ? '1 attempt' : `${count} attempts`),
  who: { gateway: 'Your gateway', home: 'Your home', both: 'Your server' },
  chip: { gateway: 'Gateway', home: 'Home', both: 'Server' },
  tookIn: (who: string, from: string | undefined, tls: string | undefined) =>
    `${who} received it${from === undefined ? '' : ` from ${from}`}${tls === undefined ? '' : ` over ${tls}`}.`,
  keeps: (who: string) => `Your home was away: ${who.toLowerCase()} keeps it until your home is back.`,
  passedOn: (who: string) => `${who} passed it on to your home.`,
  homeLater: (reply: string) => `Your home did not take it yet: ${reply}`,
  homeRefused: (reply: string) => `It was refused: ${reply}`,
  filed: (who: string, places: readonly string[]) => `${who} put it into ${list.format(places)}`,
  arrivedAt: (who: string) => `${who} has it.`,
  keptNowhere: (who: string) => `${who} kept it nowhere`,
  by: {
    script: ', as your filter says.',
    'junk filter': ', because it looks like junk.',
    loop: ', because it had been here before.',
  } as Readonly<Record<string, string>>,
  end: '.',
  after: (time: string) => `That was ${time} after the gateway had taken it in.`,
  repeated: 'It came a second time; the first copy stands.',
  sentOn: {
    redirect: (to: string) => `Your filter sent it on to ${to}.`,
    reply: (to: string) => `An automatic answer went to ${to}.`,
    notify: (to: string) => `A notification went to ${to}.`,
  } as Readonly<Record<string, (to: string) => string>>,
  somethingSent: (to: string) => `Your filter sent a message to ${to}.`,
  submitted: (count: number) => (count === 1 ? 'You sent it.' : `You sent it to ${count} recipients.`),
  took: (asked: Asked) => `${server(asked)} took it.`,
  tookHere: (to: string) => `It is in the mailbox of ${to}.`,
  said: (asked: Asked, reply: string) => `${server(asked)} said: ${reply}`,
  notReached: (domain: string | undefined, reply: string) =>
    `The mail server of ${domain ?? 'the recipient'} could not be reached: ${reply}`,
  refused: (asked: Asked, reply: string) => `${server(asked)} refused it: ${reply}`,
  refusedHere: (reply: string) => `It could not be delivered: ${reply}`,
  expired: 'The time for trying was over; it is not tried any more.',
  removed: 'An administrator took it out of the queue.',
  told: 'You were told by a message.',
  over: (tls: string) => `Over ${tls}.`,
  secondHand: 'Told with the mail; this server was not asked now.',
  verdicts: 'Who really sent it',
  reasons: 'Why it looks like junk',
  score: (score: string) => `Score ${score}`,
  words: 'Exact words',
  copy: 'Copy as text',
  copied: 'Copied',
  duration: (ms: number) => {
    if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`
    const at = units.findIndex(([, size]) => ms >= size)
    const [unit, size] = units[at] ?? units[3]
    const rest = units[at + 1]
    const left = rest ? Math.floor((ms % size) / rest[1]) : 0
    return `${Math.floor(ms / size)} ${unit}${rest && left > 0 ? ` ${left} ${rest[0]}` : ''}`
  },
}
export type TrackTexts = typeof trackEn
