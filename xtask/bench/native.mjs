// The native program as subjects: asked through its input, it answers with nanoseconds.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export const LINES = [5, 50, 200, 500];

/// The subjects, and `end`, which ends the program.
export const native = (program) => {
  const running = spawn(program, ["serve"], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: running.stdout })[Symbol.asyncIterator]();
  const ask = async (question) => {
    running.stdin.write(`${question}\n`);
    const { value, done } = await answers.next();
    if (done) throw new Error(`the native program ended at \`${question}\``);
    return Number(value);
  };
  const subject = (what, lines) => ({ name: `native ${what}`, lines, run: (times) => ask(`${what} ${lines} ${times}`) });
  return {
    subjects: ["decide", "digest"].flatMap((what) => LINES.map((lines) => subject(what, lines))),
    end: () => running.stdin.end(),
  };
};
