/** How often something was right on labelled incidents, recorded and simulated ones apart. */
export interface HitRate {
  /** Id of the ranking method; 'rca.fusion' is the ranking that is shown. */
  readonly method: string;
  /** Fault kind as the labels name it; '' over all. */
  readonly kind: string;
  readonly simulated: boolean;
  /** Incidents in which its own first was a true cause. */
  readonly hits: number;
  /** Incidents in which it named anything. */
  readonly of: number;
  /** 95 % interval of the share (Wilson). */
  readonly low: number;
  readonly high: number;
}

/** Labelled incidents whose first answer was said to be this likely, by a fit that had not seen their system. */
export interface ConfidenceBin {
  readonly simulated: boolean;
  /** Smallest and largest confidence in the bin. */
  readonly from: number;
  readonly to: number;
  readonly hits: number;
  readonly of: number;
}
