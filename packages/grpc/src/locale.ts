import type { Locale } from "@keynode/decider/error-table";

const MAX_REMEMBERED = 256;
const remembered = new Map<string, Locale>();

/** The better of our two languages for an Accept-Language header (RFC 9110 §12.5.4); English when it names neither. */
export const localeOf = (acceptLanguage: string | undefined): Locale => {
  if (acceptLanguage === undefined) return "en";
  const known = remembered.get(acceptLanguage);
  if (known !== undefined) return known;
  const locale = preferred(acceptLanguage);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(acceptLanguage, locale);
  return locale;
};

const preferred = (acceptLanguage: string): Locale => {
  let best: { locale: Locale; weight: number } = { locale: "en", weight: 0 };
  for (const item of acceptLanguage.slice(0, 512).split(",")) {
    const [range = "", ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
    const language = range.split("-", 1)[0];
    if (language !== "zh" && language !== "en") continue;
    const quality = parameters.find((parameter) => parameter.startsWith("q="));
    const weight = quality === undefined ? 1 : Number(quality.slice(2));
    if (weight > best.weight) best = { locale: language, weight };
  }
  return best.locale;
};
