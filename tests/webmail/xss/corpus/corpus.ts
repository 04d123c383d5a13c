/** All hostile letters, numbered. */
import type { Attack } from './attack.ts'
import { bombs } from './bombs.ts'
import { mutations } from './mutation.ts'
import { navigations } from './navigation.ts'
import { outside } from './outside.ts'
import { requests } from './requests.ts'
import { scripts } from './scripts.ts'
import { texts } from './text.ts'
import { urls } from './urls.ts'

export type Letter = {
  readonly id: number
  readonly attack: Attack
  readonly html: string
  readonly text: string
  readonly label: string
}

export const allAttacks: readonly Attack[] = [
  ...scripts,
  ...urls,
  ...mutations,
  ...requests,
  ...outside,
  ...navigations,
  ...texts,
  ...bombs,
]

/** `canary`: the origin whose requests are counted */
export function letters(canary: string): readonly Letter[] {
  return allAttacks.map((attack, id) => {
    const payload = { js: `top.postMessage(${id},\`*\`)`, url: `${canary}/c/${id}` }
    return {
      id,
      attack,
      html: attack.html?.(payload) ?? '',
      text: attack.text?.(payload) ?? '',
      label: attack.label?.(payload) ?? '',
    }
  })
}
