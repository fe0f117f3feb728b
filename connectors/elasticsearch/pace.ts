const FIRST_PAGE = 500;
const SMALLEST_PAGE = 10;
/** `index.max_result_window` of an index that nobody has set otherwise. */
const LARGEST_PAGE = 10_000;
/** A page is sized to about this many bytes of JSON… */
const PAGE_BYTES = 8 << 20;
/** …and to about this long a wait. */
const SLOW_MS = 5000;
const FAST_MS = 1500;
/** Good answers after which one more search at once is tried again. */
const GOOD_ENOUGH = 20;

interface Answered {
  readonly asked: number;
  readonly documents: number;
  /** Of the answer as it came, decompressed. */
  readonly bytes: number;
  readonly ms: number;
}

/**
 * How many documents a page asks for and how many pages are asked for at once: less after an answer that was
 * slow, large or a refusal for want of memory or threads, more while answers come easily.
 */
export class Pace {
  private documents: number;
  private allowed: number;
  /** Above it pages grow by small steps: the server has refused more before. */
  private careful = Number.POSITIVE_INFINITY;
  private good = 0;
  private busy = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly lanes: number,
    private largest = LARGEST_PAGE,
  ) {
    this.allowed = lanes;
    this.documents = Math.min(FIRST_PAGE, largest);
  }

  /** Documents that the next page asks for. */
  get size(): number {
    return this.documents;
  }

  /** Pages that may be under way at once. */
  get atOnce(): number {
    return this.allowed;
  }

  answered({ asked, documents, bytes, ms }: Answered): void {
    if (++this.good >= GOOD_ENOUGH && this.allowed < this.lanes) {
      this.good = 0;
      this.allowed++;
      this.waiting.shift()?.();
    }
    if (documents === 0) return;
    const byBytes = Math.floor(PAGE_BYTES / (bytes / documents));
    if (ms > SLOW_MS) this.set(Math.min(this.documents, asked >> 1, byBytes));
    else if (documents === asked && asked === this.documents && ms < FAST_MS) {
      const quickly = Math.min(asked * 4, Math.max(asked, this.careful));
      const slowly = asked + Math.max(1, asked >> 3);
      this.set(Math.min(Math.max(quickly, slowly), byBytes));
    } else if (byBytes < this.documents) this.set(byBytes);
  }

  /** The server had too little memory or too few threads for a page of this size. */
  refused(asked: number): void {
    this.good = 0;
    this.allowed = Math.max(1, this.allowed >> 1);
    this.careful = asked >> 1;
    this.set(Math.min(this.documents, asked >> 1));
  }

  /** An answer was over a limit of bytes; false where even one document is. */
  tooLarge(asked: number): boolean {
    if (asked <= 1) return false;
    this.documents = Math.max(1, Math.min(this.documents, asked >> 2));
    return true;
  }

  /** The index allows no larger pages. */
  capped(at: number): void {
    this.largest = Math.max(1, Math.min(this.largest, at));
    this.documents = Math.min(this.documents, this.largest);
  }

  /** Does something while not more than may be are under way. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    while (this.busy >= this.allowed) await new Promise<void>((go) => this.waiting.push(go));
    this.busy++;
    try {
      return await work();
    } finally {
      this.busy--;
      this.waiting.shift()?.();
    }
  }

  private set(documents: number): void {
    const least = Math.min(SMALLEST_PAGE, this.largest);
    this.documents = Math.min(this.largest, Math.max(least, documents));
  }
}
