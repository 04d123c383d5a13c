/** What a change to the directory comes to: a refusal, or steps to write and the answer to give. */
import type { DirectoryStep } from '#store/directory/rows.ts'
import type { DirectoryRefusal } from '../directory.ts'

export type Plan<Answer> = { readonly steps: readonly DirectoryStep[]; readonly answer: Answer } | DirectoryRefusal

export function refuse(refused: DirectoryRefusal['refused'], detail?: string): DirectoryRefusal {
  return detail === undefined ? { refused } : { refused, detail }
}

export function isDirectoryRefusal(value: object): value is DirectoryRefusal {
  return 'refused' in value
}

/** The answer to a change that tells nothing. */
export const done: object = Object.freeze({})
