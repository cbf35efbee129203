/** Loaded into test processes by vitest when `npm run examples` asks for it: writes down what services answer. */
import { appendFileSync } from "node:fs";
import path from "node:path";
import { onAnswered } from "@keynode/grpc/answered";

/** A longer answer makes no example that anybody would read. */
const MAX_BYTES = 64 * 1024;

const folder = process.env["KEYNODE_EXAMPLES"];
if (folder !== undefined) {
  onAnswered(({ method, request, answer }) => {
    if (request.length + answer.length > MAX_BYTES) return;
    const [asked, answered] = [request, answer].map((bytes) => Buffer.from(bytes).toString("base64"));
    appendFileSync(path.join(folder, `${process.pid}.jsonl`), `${JSON.stringify([method, asked, answered])}\n`);
  });
}
