/** After the first of what came, a look at it is soon; then there is one a minute, ms. */
const FIRST_MS = 10_000;
const EVERY_MS = 60_000;
/** Where a look takes long, it may take one part in so many of the time. */
const SHARE = 4;

const MINUTE_MS = 60_000;

/** When what comes in is looked at next: soon, but neither more often than is of use nor all the time. */
export class Following {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private looking: Promise<void> | undefined;
  private ended = false;
  private notBefore: number | undefined;
  /** When the first came that no look has seen, ms; and the first that the running look has not seen. */
  private unseen: number | undefined;
  private seenBy: number | undefined;

  constructor(
    private readonly look: () => Promise<void>,
    private readonly nowMs: () => number,
  ) {}

  /** Something came in. */
  heard(): void {
    this.unseen ??= this.nowMs();
    this.plan();
  }

  /** Whole minutes by which what was looked at is behind what came. */
  get minutesBehind(): number {
    const oldest = this.seenBy ?? this.unseen;
    return oldest === undefined ? 0 : Math.floor((this.nowMs() - oldest) / MINUTE_MS);
  }

  /** The same, to be read; '' where it is not behind. */
  get lagText(): string {
    const behind = this.minutesBehind;
    if (behind === 0) return '';
    return `the analysis is ${behind} ${behind === 1 ? 'minute' : 'minutes'} behind`;
  }

  /** No look begins any more; one that has begun goes on. */
  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private plan(): void {
    if (this.ended || this.timer !== undefined || this.looking || this.unseen === undefined) return;
    const now = this.nowMs();
    const at = (this.notBefore ??= now + FIRST_MS);
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        this.looking = this.turn();
      },
      Math.max(0, at - now),
    );
  }

  private async turn(): Promise<void> {
    const started = this.nowMs();
    this.seenBy = this.unseen;
    this.unseen = undefined;
    try {
      await this.look();
    } catch {
      // Whoever looks tells why it failed. What came since is no reason to wait longer for the next look.
      this.unseen = this.seenBy ?? this.unseen;
    }
    this.seenBy = undefined;
    const took = this.nowMs() - started;
    this.notBefore = started + Math.max(EVERY_MS, SHARE * took);
    this.looking = undefined;
    this.plan();
  }
}
