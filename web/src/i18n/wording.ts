/** The same keys, other words. */
export type Wording<T> = { [K in keyof T]: T[K] extends string ? string : Wording<T[K]> };
