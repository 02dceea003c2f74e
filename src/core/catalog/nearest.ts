/** The allowed name a person most likely meant; null when nothing is near. */
export function nearest(name: string, allowed: readonly string[]): string | null {
  return nearestNames(name, allowed, 1)[0] ?? null;
}

/** Up to `n` allowed names within a few edits of `name` or sharing its start, the nearest first. */
export function nearestNames(name: string, allowed: readonly string[], n: number): string[] {
  const wanted = name.toLowerCase();
  return allowed
    .map((candidate) => ({ candidate, distance: distanceTo(wanted, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= editBudget(wanted))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, n)
    .map(({ candidate }) => candidate);
}

/** A third of the letters may differ, at most four: more is another word. */
const editBudget = (name: string): number => Math.min(4, Math.max(1, Math.floor(name.length / 3)));

/** Edits between the two; a name that is the start of the other is one edit away, however long the rest is. */
function distanceTo(wanted: string, candidate: string): number {
  if (wanted.length >= 2 && candidate.startsWith(wanted))
    return Math.min(1, candidate.length - wanted.length);
  if (candidate.length >= 2 && wanted.startsWith(candidate)) return 1;
  return editDistance(wanted, candidate);
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours. */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(substitution, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (beforePrevious[j - 2] ?? 0) + 1);
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
