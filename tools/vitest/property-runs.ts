import fastCheck from "fast-check";

/**
 * How properties are sought to be wrong: from one seed where a change is checked, so that what fails is what was changed;
 * from a new one, ten times as long, where there is time. A failure names its seed and path, which `fc.assert` takes.
 */
fastCheck.configureGlobal({
  // What was thrown stands in the message: reports show no causes.
  includeErrorInReport: true,
  ...(process.env["KEYNODE_TEST_LONG"] === "1" ? { numRuns: 1_000 } : { seed: 20_260_101 }),
});
