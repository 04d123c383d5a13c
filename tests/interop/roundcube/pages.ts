/** Roundcube's pages as a person uses them: by the elements of its skin "elastic". */
import type { Frame, Locator, Page } from 'playwright-core'
import { eventually } from '../../support/peers.ts'
import { passwordOf, type Person } from '../../webmail/home.ts'

export async function signIn(page: Page, person: Person): Promise<void> {
  await page.goto('/')
  await page.locator('#rcmloginuser').fill(`${person}@home.test`)
  await page.locator('#rcmloginpwd').fill(passwordOf(person))
  await page.locator('#rcmloginsubmit').click()
  await rows(page).first().waitFor()
}

export function rows(page: Page): Locator {
  return page.locator('#messagelist tr.message')
}

/** The row of this subject is chosen; the letter stands beside the list when this ends. */
export async function openLetter(page: Page, subject: string): Promise<Frame> {
  const row = rows(page).filter({ hasText: subject }).first()
  const href = await row.locator('.subject a').getAttribute('href')
  const [uid = 'no UID'] = /_uid=\d+/.exec(href ?? '') ?? []
  // after a letter has gone the next one is shown by itself, which may come behind the click: only its number tells which one this is
  const isIt = (url: string) => url.includes('_action=preview') && `${url}&`.includes(`${uid}&`)
  const frame = await eventually(
    `${subject} is shown`,
    async () => {
      await row.click()
      return frameAt(page, isIt, 3_000).catch(() => undefined)
    },
    30_000,
  )
  await frame.locator('#messagebody').waitFor()
  return frame
}

/** Waits until one of the page's frames is at such an address. */
function frameAt(page: Page, fits: (url: string) => boolean, timeoutMs?: number): Promise<Frame> {
  return eventually('the frame shows it', () => page.frames().find(frame => fits(frame.url())), timeoutMs)
}

/** Does with the letter that is shown what makes it leave the list. */
export async function sendAway(page: Page, subject: string, act: () => Promise<unknown>): Promise<void> {
  await openLetter(page, subject)
  await act()
  await rows(page).filter({ hasText: subject }).waitFor({ state: 'hidden' })
}

/** From a menu of the toolbar above a letter. */
export async function fromMenu(page: Page, menu: string, item: string): Promise<void> {
  await page.locator(`#toolbar-menu a.${menu}`).click()
  await page.locator(`a.${item}:visible`).click()
}

/** Does what leads to a request of this action, and waits for its answer. */
export async function answered(page: Page, action: string, act: () => Promise<unknown>): Promise<void> {
  const response = page.waitForResponse(response => response.url().includes(`_action=${action}`))
  await act()
  await (await response).finished()
}

/** Looks for a word in the subject and the sender or, with `inside`, the whole letter. */
export async function search(page: Page, word: string, inside = false): Promise<void> {
  const box = page.locator('#mailsearchform')
  if (inside) {
    await page.locator('.searchbar a.options').click()
    await page.locator('input[name="s_mods[]"][value=text] + label').click()
  }
  await box.fill(word)
  await answered(page, 'search', () => box.press('Enter'))
}

export function subjects(page: Page): Promise<readonly string[]> {
  return rows(page).locator('.subject a').allInnerTexts()
}

/** In the place of whoever stands there. */
export async function setRecipient(page: Page, address: string): Promise<void> {
  const field = page.locator('ul.recipient-input').first()
  for (const other of await field.locator('li.recipient a.icon').all()) await other.click()
  await field.locator('input').fill(address)
  await field.locator('input').press('Enter')
}

/** A page of the settings, whose form stands in a frame of it. */
export async function openSettings(page: Page, action: string): Promise<void> {
  await page.goto(`/?_task=settings&_action=${action}`)
}

/** The button of a list for a further entry. */
export function createButton(page: Page): Locator {
  return page.locator('a.create:visible').first()
}

/** The form behind the button for a new one, or behind a row of the list. */
export async function openForm(page: Page, behind: Locator): Promise<Frame> {
  await behind.click()
  const frame = await frameAt(page, url => url.includes('_framed=1'))
  await frame.locator('#_name, #vacation_subject').waitFor()
  return frame
}

/** Saves a form, and gives what it then says. */
export async function save(page: Page, form: Page | Frame): Promise<string> {
  await form.locator('.formbuttons button.submit').click()
  const said = page.locator('#messagestack .confirmation, #messagestack .error, #messagestack .warning').first()
  const words = await said.innerText()
  await said.evaluate('element => element.remove()')
  return words
}
