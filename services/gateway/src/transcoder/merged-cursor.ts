/** How far a merged stream has come: each part's own cursor, and when it began, for parts that have told none yet. */
export type MergedPlace = { readonly beganMs: number; readonly cursors: ReadonlyMap<string, string> };

/** `tmbz3k1p0~lead.AZ…~account.AZ…`: visible ASCII, short enough for a header. */
export const mergedCursor = ({ beganMs, cursors }: MergedPlace): string =>
  [`t${beganMs.toString(36)}`, ...[...cursors].map(([part, cursor]) => `${part}.${cursor}`)].join("~");

const BEGAN = /^t[\da-z]{1,10}$/;
const PART = /^([a-z][a-z\d]*)\.([\w-]{1,128})$/;

/** Undefined for what no merged stream has told. */
export const mergedPlace = (cursor: string): MergedPlace | undefined => {
  const [began = "", ...parts] = cursor.split("~");
  if (!BEGAN.test(began)) return undefined;
  const cursors = new Map<string, string>();
  for (const text of parts) {
    const [, part, own] = PART.exec(text) ?? [];
    if (part === undefined || own === undefined) return undefined;
    cursors.set(part, own);
  }
  return { beganMs: Number.parseInt(began.slice(1), 36), cursors };
};
