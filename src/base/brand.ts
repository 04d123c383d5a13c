declare const brand: unique symbol

/** A value that has passed the check its name promises; only the one constructor beside the type makes it. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name }
