interface Coefficients {
  readonly intercept: number;
  /** By the name of the feature; 0 where it is not named. */
  readonly weights: Readonly<Record<string, number>>;
}

/** Fitted on 970 answered incidents, do not edit by hand: `faultline bench kept:runs --fit`. */
export const COEFFICIENTS: { readonly first: Coefficients; readonly others: Coefficients } = {
  first: {
    intercept: -4.3414,
    weights: {
      lead: 9.3664,
      share: 1.0655,
      place: 0,
      strongest: 2.1684,
      firstByStrength: -2.377,
      firstByNumber: 3.8361,
      named: -2.0699,
      opinions: -1.0284,
      trouble: -0.6716,
      early: -0.1581,
    },
  },
  others: {
    intercept: -13.6709,
    weights: {
      lead: 12.5307,
      share: 2.7721,
      place: 3.0453,
      strongest: -3.1773,
      firstByStrength: -0.1747,
      firstByNumber: 7.7492,
      named: -8.4437,
      opinions: 11.9652,
      trouble: 3.56,
      early: -0.2397,
    },
  },
};
