import type { Collection } from "mongodb";

/** Gives a document, where it lies, the fields that came to be after it was stored. */
export type Complete<Document> = (document: Document) => void;

/**
 * The same collection, whose documents are complete as they are found, one by one or many. What an aggregation or a
 * `findOneAnd…` answers is as it was stored.
 */
export const completed = <Document extends object>(
  collection: Collection<Document>,
  complete: Complete<Document>,
): Collection<Document> => {
  const whole = (document: Document): Document => {
    complete(document);
    return document;
  };
  // The driver's own `findOne` goes through `find`.
  const find = (...given: Parameters<typeof collection.find>) => collection.find(...given).map(whole as never);
  return Object.assign(Object.create(collection) as Collection<Document>, { find });
};
