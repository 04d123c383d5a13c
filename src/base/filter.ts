/** Conditions under AND, OR and NOT: what is asked of things that each have conditions of their own kind. */
export type Filter<Condition> =
  | { readonly operator: 'AND' | 'OR' | 'NOT'; readonly filters: readonly Filter<Condition>[] }
  | { readonly operator: undefined; readonly condition: Condition }

/** NOT: none of them. An empty AND is true, an empty OR false, as they are anywhere. */
export function matches<Condition>(filter: Filter<Condition>, test: (condition: Condition) => boolean): boolean {
  switch (filter.operator) {
    case undefined:
      return test(filter.condition)
    case 'AND':
      return filter.filters.every(one => matches(one, test))
    case 'OR':
      return filter.filters.some(one => matches(one, test))
    case 'NOT':
      return !filter.filters.some(one => matches(one, test))
  }
}
