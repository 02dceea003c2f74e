/** At most `most` of the values, evenly taken, in their order. */
export const evenly = <T>(values: readonly T[], most: number): readonly T[] =>
  values.length <= most
    ? values
    : Array.from({ length: most }, (_, i) => values[Math.floor((i * values.length) / most)]!);
