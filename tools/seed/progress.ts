import type { WriteStream } from "node:tty";
import type { Progress } from "./load-dataset.ts";

const barWidth = 30;
const number = new Intl.NumberFormat("en");

/** `loading opportunities [######        ] 2,100 / 8,933` */
export const progressLine = ({ collection, done, total }: Progress): string => {
  const filled = total === 0 ? barWidth : Math.floor((done / total) * barWidth);
  const bar = "#".repeat(filled).padEnd(barWidth);
  return `loading ${collection} [${bar}] ${number.format(done)} / ${number.format(total)}`;
};

/** A bar that is redrawn in place on a terminal; elsewhere a line for each collection and each quarter of the whole. */
export const showProgress = (out: Pick<WriteStream, "write" | "isTTY">): ((progress: Progress) => void) => {
  let told = "";
  return (progress) => {
    const { collection, done, total } = progress;
    if (out.isTTY) {
      out.write(`\r\u001B[K${progressLine(progress)}${done === total ? "\n" : ""}`);
      return;
    }
    const step = `${collection} ${Math.floor((done / Math.max(total, 1)) * 4)}`;
    if (step === told) return;
    told = step;
    out.write(`loading ${collection}: ${number.format(done)} of ${number.format(total)}\n`);
  };
};
