/** Whose a record is, as masking asks. */
export type RecordOwnership = { readonly id: string; readonly ownerId: string; readonly teamId: string };

/** For messages that do not say themselves whose record they show. */
const known = new WeakMap<object, RecordOwnership>();

/** Keeps whose record a message shows which a read mask took owner or id from: it is masked as the whole record is. */
export const withOwnership = <Message extends object>(message: Message, record: Message): Message => {
  known.set(message, ownershipOf(record));
  return message;
};

export const ownershipOf = (message: object): RecordOwnership => {
  const kept = known.get(message);
  if (kept !== undefined) return kept;
  const { id, ownerId, teamId } = message as Partial<Record<keyof RecordOwnership, unknown>>;
  return { id: text(id), ownerId: text(ownerId), teamId: text(teamId) };
};

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Whether a message shows a part of a record only, which a read mask named. */
export const isPart = (message: object): boolean => known.has(message);
