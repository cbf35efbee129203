import { type TestContext, test } from "vitest";

declare module "vitest" {
  interface TaskMeta {
    /** The capability that this test is the acceptance of. */
    capability?: string;
  }
}

/** Id of a capability of the catalogue. */
export type CapabilityId = `C-${number}`;

/**
 * Registers the test that proves a capability: it runs the capability's own given/when/then through the gateway. Passing
 * is what makes `npm run capabilities` count the id.
 */
export const acceptance = (id: CapabilityId, title: string, run: (context: TestContext) => Promise<void>): void => {
  test(`${id} ${title}`, async (context) => {
    context.task.meta.capability = id;
    await run(context);
  });
};
