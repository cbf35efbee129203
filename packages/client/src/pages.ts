/** One page of a list as the API answers it. */
export type Page = { readonly nextPageToken?: string };

/** The rows of a list: iterated over all pages, each fetched when the one before is used up. */
export type Pages<Answer extends Page, Row> = AsyncIterable<Row> & {
  /** Page by page. */
  readonly pages: () => AsyncIterable<Answer>;
  /** The first page alone, with the `nextPageToken` that leads on. */
  readonly page: () => Promise<Answer>;
};

/** `rows` names the one list of the answer; `fetchPage` gets the token of the page to fetch, none for the first. */
export const pagesOf = <Answer extends Page, Row>(
  rows: keyof Answer,
  fetchPage: (pageToken: string | undefined) => Promise<Answer>,
): Pages<Answer, Row> => {
  async function* pages(): AsyncGenerator<Answer> {
    let token: string | undefined;
    do {
      const page = await fetchPage(token);
      yield page;
      token = page.nextPageToken;
    } while (token);
  }
  return {
    pages,
    page: () => fetchPage(undefined),
    [Symbol.asyncIterator]: async function* () {
      for await (const page of pages()) yield* page[rows] as Row[];
    },
  };
};
