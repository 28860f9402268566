// The WebAssembly module in headless Chromium as subjects, through its driver.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { WORKS } from "./timed.mjs";

const TYPES = { html: "text/html", js: "text/javascript", mjs: "text/javascript", wasm: "application/wasm", json: "application/json" };
/// Without these a page's clock has steps of 100 microseconds, with them of 5.
const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

/// Serves files by their names, from the first of the folders that has one.
const serve = (folders) => new Promise((ready) => {
  const server = createServer(async (request, response) => {
    const name = basename(new URL(request.url, "http://127.0.0.1").pathname) || "page.html";
    for (const folder of folders) {
      const content = await readFile(join(folder, name)).catch(() => null);
      if (!content) continue;
      const type = TYPES[name.split(".").pop()] ?? "application/octet-stream";
      return response.writeHead(200, { "content-type": type, ...ISOLATED }).end(content);
    }
    response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1", () => ready(server));
});

/// Starts the driver on a port that it chooses.
const drive = async (driver) => {
  const running = spawn(driver, ["--port=0"], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: running.stdout })) {
    const port = /started successfully on port (\d+)/.exec(line)?.[1];
    if (port) return { running, address: `http://127.0.0.1:${port}` };
  }
  throw new Error("the browser's driver did not start");
};

/// The subjects, the browser's version, and `end`, which ends it. `capabilities` is what the driver is asked for.
export const chromium = async (driver, capabilities, folders) => {
  const server = await serve(folders);
  const { running, address } = await drive(driver);
  const ask = async (method, path, body) => {
    const answer = await fetch(address + path, { method, body: body && JSON.stringify(body) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${path}: ${value?.message}`);
    return value;
  };
  const session = await ask("POST", "/session", { capabilities: { alwaysMatch: capabilities } });
  const within = `/session/${session.sessionId}`;
  await ask("POST", `${within}/timeouts`, { script: 120_000 });
  await ask("POST", `${within}/url`, { url: `http://127.0.0.1:${server.address().port}/` });
  const run = (what, lines) => (times) => {
    const script = "const [what, lines, times, done] = arguments; window.ready.then((run) => run(what, lines, times)).then(done);";
    return ask("POST", `${within}/execute/async`, { script, args: [what, lines, times] });
  };
  const subject = (what, lines) => ({ name: `chromium ${what}`, lines, run: run(what, lines) });
  return {
    version: session.capabilities.browserVersion,
    subjects: Object.entries(WORKS).flatMap(([what, sizes]) => sizes.map((lines) => subject(what, lines))),
    end: async () => {
      await ask("DELETE", within);
      running.kill();
      server.close();
    },
  };
};
