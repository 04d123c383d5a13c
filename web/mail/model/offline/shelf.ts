/**
 * What this browser keeps of one person's mail, for when there is no network. There is one shelf, and it says whose it is: whoever comes with another
 * account finds it empty, and a page of somebody who has left can neither read nor write any more.
 */

export const shelfNames = ['facts', 'rows', 'letters', 'blobs', 'journal', 'drafts', 'files', 'replaced'] as const
export type ShelfName = (typeof shelfNames)[number]

export type ShelfChange =
  | { readonly in: ShelfName; readonly key: string; readonly value: unknown }
  | { readonly in: ShelfName; readonly drop: string }

export type Shelf = {
  get<Value>(name: ShelfName, key: string): Promise<Value | undefined>
  all<Value>(name: ShelfName): Promise<readonly Value[]>
  keys(name: ShelfName): Promise<readonly string[]>
  /** All of them or none */
  change(changes: readonly ShelfChange[]): Promise<void>
  close(): void
}

/** The shelf belongs to another account by now. */
export class NotOurs extends Error {}
