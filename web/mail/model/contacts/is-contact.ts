/** Whether an address is among the contacts; undefined: they have not been read (yet). Small, since the first page has it. */
import { type Signal, signal } from '@preact/signals'

export const isContact: Signal<((email: string) => boolean) | undefined> = signal(undefined)
