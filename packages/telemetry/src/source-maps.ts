/**
 * Preloaded by `node --import`: stacks name our own sources. `--enable-source-maps` would read the maps of every library
 * too, and keep them: 6 MiB in each process.
 */
import { setSourceMapsSupport } from "node:module";

setSourceMapsSupport(true, { nodeModules: false });
