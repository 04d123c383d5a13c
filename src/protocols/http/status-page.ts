/** The page at `/` until the webmail exists: how the mail is, live. Server-rendered, so it works without its script too. */
import { createHash } from 'node:crypto'
import { type Language, say } from '#base/text.ts'
import type { StoredEvent } from '#mail/events.ts'
import type { Health, StatusLeg, StatusReport } from '#mail/status.ts'
import { statusStyle } from './status-style.ts'
import { eventTexts, healthTexts, legTexts, pageTexts } from './status-texts.ts'

/** Asks for the page's body again every two seconds and puts it in place; says so when the server is gone. */
const script = `
const main=document.querySelector('main');let shown=main.innerHTML
async function renew(){try{const answer=await fetch('/status/body'+location.search,{cache:'no-store',signal:AbortSignal.timeout(5000)});if(!answer.ok)throw 0
const body=await answer.text();if(body!==shown){shown=body;main.innerHTML=body}}catch{const h=main.querySelector('h1');if(h)h.textContent=main.dataset.lost;shown=''}
setTimeout(renew,document.hidden?10000:2000)}
setTimeout(renew,2000)`

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

export const statusSecurityPolicy = `default-src 'none'; style-src ${hashOf(statusStyle)}; script-src ${hashOf(script)}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

export function statusPage(report: StatusReport, language: Language): string {
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(say(pageTexts.title, language))}</title><style>${statusStyle}</style></head>
<body><main data-lost="${escape(say(pageTexts.lost, language))}">${statusBody(report, language)}</main><script>${script}</script></body></html>`
}

export function statusBody(report: StatusReport, language: Language): string {
  const other = language === 'ja' ? 'en' : 'ja'
  return [
    `<header><h1>${escape(say(headline(report.legs), language))}</h1>`,
    `<a class="quiet" lang="${other}" href="?lang=${other}">${escape(say(pageTexts.other, language))}</a></header>`,
    `<ul class="legs">${report.legs.map(leg => legItem(leg, language)).join('')}</ul>`,
    facts(report, language),
    `<h2>${escape(say(pageTexts.recent, language))}</h2>${recentList(report.recent, language)}`,
    `<h2>${escape(say(pageTexts.services, language))}</h2>${serviceList(report)}`,
  ].join('')
}

function headline(legs: readonly StatusLeg[]) {
  const worst: Health = legs.some(leg => leg.health === 'broken')
    ? 'broken'
    : legs.some(leg => leg.health === 'waiting')
      ? 'waiting'
      : 'well'
  return worst === 'well' ? pageTexts.allWell : pageTexts[worst]
}

function legItem(leg: StatusLeg, language: Language): string {
  const state = `<span class="state ${leg.health}">${escape(say(healthTexts[leg.health], language))}</span>`
  return `<li class="leg"><strong>${escape(say(legTexts[leg.id], language))} ${state}</strong><p>${escape(say(leg.says, language))}</p></li>`
}

function facts(report: StatusReport, language: Language): string {
  const rows: readonly (readonly [string, string])[] = [
    [report.box, report.version],
    [say(pageTexts.since, language), timeOf(report.startedAt, language)],
    [say(pageTexts.users, language), String(report.counts.users)],
    [say(pageTexts.queued, language), String(report.counts.queued)],
    [say(pageTexts.sessions, language), String(report.counts.sessions)],
  ]
  return `<dl>${rows.map(([name, value]) => `<div><dt>${escape(name)}</dt><dd>${escape(value)}</dd></div>`).join('')}</dl>`
}

function recentList(events: readonly StoredEvent[], language: Language): string {
  if (events.length === 0) return `<p class="panel empty">${escape(say(pageTexts.nothing, language))}</p>`
  return `<ol class="panel">${events.map(event => eventItem(event, language)).join('')}</ol>`
}

function eventItem(event: StoredEvent, language: Language): string {
  const way = [event.from, event.to].filter(part => part !== undefined && part !== '').join(' → ')
  const reply = event.reply ? `<span class="reply">${escape(event.reply)}</span>` : ''
  return `<li><span class="time">${escape(timeOf(event.at, language))}</span><span class="what">${escape(say(eventTexts[event.kind], language))}</span><span class="way">${escape(way)}${reply}</span></li>`
}

/** One line a service, with all its addresses. */
function serviceList(report: StatusReport): string {
  const byService = Map.groupBy(report.listeners, listener => listener.service)
  const items = [...byService].map(([service, listeners]) => {
    const places = listeners.map(({ address, port }) =>
      address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
    )
    return `<li><span class="what">${escape(service)}</span><span class="way">${escape(places.join(' · '))}</span></li>`
  })
  return `<ul class="panel services">${items.join('')}</ul>`
}

function timeOf(at: number, language: Language): string {
  return new Date(at).toLocaleString(language === 'ja' ? 'ja-JP' : 'en-GB', { dateStyle: 'short', timeStyle: 'medium' })
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, character => entities[character] ?? '')
}
