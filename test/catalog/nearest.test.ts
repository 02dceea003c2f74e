import fc from 'fast-check';
import { editDistance, nearest, nearestNames } from '../../src/core/catalog/nearest';

const KEYS = ['workload', 'constraints', 'config_space', 'simulation', 'objective'];

test.each([
  ['workloads', 'workload'],
  ['constrains', 'constraints'],
  ['Simulation', 'simulation'],
  ['simulaiton', 'simulation'],
  ['obj', 'objective'],
  ['prices', null],
  ['', null],
])('the nearest to %j is %j', (name, expected) => {
  expect(nearest(name, KEYS)).toBe(expected);
});

test('names come nearest first and no more than asked for', () => {
  expect(nearestNames('a100', ['h100', 'a100-80gb', 'a100', 'b200'], 2)).toEqual(['a100', 'a100-80gb']);
});

test('edit distance is a metric bounded by the longer word', () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance === 0).toBe(a === b);
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
    }),
    { seed: 7 },
  );
});
