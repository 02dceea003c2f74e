/** Waiting requests, first come first served; preempted ones return to the front. A ring that doubles when full. */
export class WaitingQueue {
  private ring = new Int32Array(64);
  private head = 0;
  length = 0;

  /** The first slot; only when length > 0. */
  first(): number {
    return this.ring[this.head]!;
  }

  push(slot: number): void {
    if (this.length === this.ring.length) this.grow();
    this.ring[(this.head + this.length++) & (this.ring.length - 1)] = slot;
  }

  pushFront(slot: number): void {
    if (this.length === this.ring.length) this.grow();
    this.head = (this.head - 1) & (this.ring.length - 1);
    this.ring[this.head] = slot;
    this.length++;
  }

  shift(): number {
    const slot = this.ring[this.head]!;
    this.head = (this.head + 1) & (this.ring.length - 1);
    this.length--;
    return slot;
  }

  /** Every waiting slot, first to last. */
  *[Symbol.iterator](): Generator<number> {
    for (let i = 0; i < this.length; i++) yield this.ring[(this.head + i) & (this.ring.length - 1)]!;
  }

  private grow(): void {
    const bigger = new Int32Array(this.ring.length * 2);
    for (let i = 0; i < this.length; i++) bigger[i] = this.ring[(this.head + i) & (this.ring.length - 1)]!;
    this.ring = bigger;
    this.head = 0;
  }
}
