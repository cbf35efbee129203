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
  const ranges = accept.toLowerCase().split(",", MAX_RANGES).map(rangeOf);
  let best: { readonly type: Type; readonly quality: number } | undefined;
  for (const type of offered) {
    const quality = qualityOf(type, ranges);
    if (quality > (best?.quality ?? 0)) best = { type, quality };
  }
  return best?.type;
};

type Range = { readonly type: string; readonly quality: number };

const rangeOf = (text: string): Range => {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim());
  const weight = parameters.find((parameter) => parameter.startsWith("q="));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 };
};

const qualityOf = (type: string, ranges: readonly Range[]): number => {
  const group = `${type.slice(0, type.indexOf("/"))}/*`;
  for (const wanted of [type, group, "*/*"]) {
    const range = ranges.find((one) => one.type === wanted);
    if (range) return range.quality;
  }
  return 0;
};
