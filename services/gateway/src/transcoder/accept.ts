/** More ranges than this are not looked at: nobody means them. */
const MAX_RANGES = 32;

/**
 * The offered media type that an Accept header wants most (RFC 9110 §12.5.1), the first of those it wants equally;
 * undefined when it takes none of them. A more specific range decides over a less specific one.
 */
export const preferredType = <Type extends string>(
  accept: string | undefined,
  offered: readonly [Type, ...Type[]],
): Type | undefined => {
  const [first] = offered;
  if (accept === undefined || accept === "" || accept === "*/*" || accept === first) return first;
  return preferred(accept, offered, (type) => [type, `${type.slice(0, type.indexOf("/"))}/*`, "*/*"]);
};

/** The offered content coding that an Accept-Encoding header wants most (RFC 9110 §12.5.3); undefined for none. */
export const preferredEncoding = <Encoding extends string>(
  acceptEncoding: string | undefined,
  offered: readonly Encoding[],
): Encoding | undefined =>
  acceptEncoding === undefined ? undefined : preferred(acceptEncoding, offered, (encoding) => [encoding, "*"]);

/** `namesOf` tells by what names an offer may be asked for, the most specific first. */
const preferred = <Offer extends string>(
  header: string,
  offered: readonly Offer[],
  namesOf: (offer: Offer) => readonly string[],
): Offer | undefined => {
  const ranges = header.toLowerCase().split(",", MAX_RANGES).map(rangeOf);
  let best: { readonly offer: Offer; readonly quality: number } | undefined;
  for (const offer of offered) {
    const quality = qualityOf(namesOf(offer), ranges);
    if (quality > (best?.quality ?? 0)) best = { offer, quality };
  }
  return best?.offer;
};

type Range = { readonly name: string; readonly quality: number };

const rangeOf = (text: string): Range => {
  const [name = "", ...parameters] = text.split(";").map((part) => part.trim());
  const weight = parameters.find((parameter) => parameter.startsWith("q="));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return { name, quality: quality >= 0 && quality <= 1 ? quality : 0 };
};

const qualityOf = (names: readonly string[], ranges: readonly Range[]): number => {
  for (const name of names) {
    const range = ranges.find((one) => one.name === name);
    if (range) return range.quality;
  }
  return 0;
};
