/** What a black hole holds passes at no time: it waits until the toxic ends, as segments on a cut line are sent again until then. */
export const never = Number.POSITIVE_INFINITY;
