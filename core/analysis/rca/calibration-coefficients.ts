interface Coefficients {
  readonly intercept: number;
  /** By the name of the feature; 0 where it is not named. */
  readonly weights: Readonly<Record<string, number>>;
}

/** Fitted by hand on 103 answered incidents, a first estimate. */
export const COEFFICIENTS: { readonly first: Coefficients; readonly others: Coefficients } = {
  first: {
    intercept: -4.79,
    weights: {
      lead: 3.633,
      place: 2.287,
      firstByStrength: 1.774,
    },
  },
  others: {
    intercept: -4.79,
    weights: {
      lead: 3.633,
      place: 2.287,
      firstByStrength: 1.774,
    },
  },
};
