/** What a batch keeps of its letters beside their grams. Fields are packed as soon as a group of them is whole: objects that live as long as a batch are dear. */
import type { LetterFacts } from '#formats/search/facts.ts'
import { type FieldTexts, packFields } from '#formats/search/field-texts.ts'
import { fieldGroupLetters } from '#formats/search/limits.ts'

export class CollectedLetters {
  readonly emails: number[] = []
  readonly facts: LetterFacts[] = []
  readonly #packed: Uint8Array[] = []
  #group: FieldTexts[] = []

  add(email: number, fields: FieldTexts, facts: LetterFacts): void {
    this.emails.push(email)
    this.facts.push(facts)
    this.#group.push(fields)
    if (this.#group.length === fieldGroupLetters) this.#pack()
  }

  /** By group, packed. To be asked for once, when all are there. */
  fieldGroups(): readonly Uint8Array[] {
    if (this.#group.length > 0) this.#pack()
    return this.#packed
  }

  #pack(): void {
    this.#packed.push(packFields(this.#group))
    this.#group = []
  }
}
