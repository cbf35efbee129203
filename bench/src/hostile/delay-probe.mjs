// Loaded into every process of the installation: keeps count of how late its event loop is, and writes it down at the end.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";

const folder = process.env.EVENT_LOOP_DELAYS;
const [, service] = /services\/([a-z-]+)\/dist\/main\.js$/.exec(process.argv[1] ?? "") ?? [];

if (folder !== undefined && service !== undefined) {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  // What starting cost is not what requests cost.
  process.on("SIGUSR2", () => histogram.reset());
  process.on("exit", () => {
    const ms = (nanoseconds) => nanoseconds / 1e6;
    const { mean, max } = histogram;
    const [p50, p99] = [histogram.percentile(50), histogram.percentile(99)];
    writeFileSync(
      path.join(folder, `${service}.json`),
      JSON.stringify({ p50Ms: ms(p50), p99Ms: ms(p99), meanMs: ms(mean), maxMs: ms(max) }),
    );
  });
}
