// Runs the WebAssembly module and prints what it hands over.
import { readFileSync } from "node:fs";

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {
  host: {
    print: (text, length) =>
      console.log(new TextDecoder().decode(new Uint8Array(instance.exports.memory.buffer, text, length))),
  },
});
instance.exports.run();
