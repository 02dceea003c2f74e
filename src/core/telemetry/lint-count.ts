import type { Sieve } from './findings';

const FEW = 30;

/** Whether enough is left to learn from. */
export function lintCount(sieve: Sieve, noun: 'request' | 'iteration'): void {
  const left = sieve.kept().length;
  const excluded = sieve.total - left;
  if (left === 0) {
    sieve.add({
      code: 'EMPTY',
      severity: 'error',
      message: sieve.total === 0 ? `no ${noun} at all` : `none of the ${sieve.total} rows can be used`,
      whatToDo: sieve.total === 0 ? 'record some hundred of them' : 'mend what the other findings say',
    });
    return;
  }
  if (left === 1) {
    sieve.add({
      code: 'ONE_SAMPLE',
      severity: 'error',
      message: `one ${noun}${excluded > 0 ? ` left of ${sieve.total} rows` : ''}: it says nothing of the spread and leaves nothing to check against`,
      whatToDo: 'record some hundred of them',
    });
    return;
  }
  // Failed requests and repeated rows do not make the others doubtful.
  const harmless = sieve.findings
    .filter(({ code, excluded: out }) => out && (code === 'FAILED' || code === 'DUPLICATE'))
    .reduce((sum, { rowCount }) => sum + rowCount, 0);
  if (excluded - harmless > left) {
    sieve.add({
      code: 'MOSTLY_FAULTY',
      severity: 'error',
      message: `${excluded - harmless} rows cannot be right, ${left} are left`,
      whatToDo: 'find out why: what made most rows wrong may have touched the others',
    });
  } else if (left < FEW) {
    sieve.add({
      code: 'TOO_FEW',
      severity: 'warning',
      message: `${left} ${noun}s`,
      whatToDo: `record at least ${FEW}, better some hundred: so few move a calibration little`,
    });
  }
}
