/** Rangesets as Xen keeps them: ascending, apart, neighbours joined. */

/** Adds the numbers `first` to `last` to a set. */
export const addRange = (set: [number, number][], first: number, last: number): void => {
  const apart = set.filter(([a, b]) => b + 1 < first || a > last + 1);
  const joined = set.filter(([a, b]) => b + 1 >= first && a <= last + 1);
  const whole: [number, number] = [
    Math.min(first, ...joined.map(([a]) => a)),
    Math.max(last, ...joined.map(([, b]) => b)),
  ];
  set.splice(0, set.length, ...[...apart, whole].sort(([a], [b]) => a - b));
};
