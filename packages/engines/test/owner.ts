/** Run as a process of its own: owns a bus on the folder in its first argument until it is killed. */
import { resolveNats } from "../src/resolve.ts";

const [, , dataDir] = process.argv;
if (dataDir === undefined) throw new Error("usage: owner.ts FOLDER");
const bus = await resolveNats({ dataDir, log: () => {}, own: true });
process.once("SIGTERM", () => void bus.stop().then(() => process.exit(0)));
console.log(bus.url);
setInterval(() => {}, 60_000);
