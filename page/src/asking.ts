// How the program is asked, and what is said where it refuses or does not answer.

import { refusal } from "./refusals";
import { t } from "./words";

/** What the program refuses, in its own words. */
export class Refused extends Error {
  constructor(
    readonly problems: string[],
    readonly status: number,
  ) {
    super(problems.join(" "));
  }
}

async function problemsOf(response: Response): Promise<string[]> {
  try {
    return ((await response.json()) as { problems: string[] }).problems;
  } catch {
    return [`${response.status} ${response.statusText}`];
  }
}

/** Ask; a refusal is thrown. */
export async function ask(address: string, how: RequestInit = {}): Promise<Response> {
  const response = await fetch(address, how);
  if (!response.ok) throw new Refused(await problemsOf(response), response.status);
  return response;
}

/** Ask with JSON. */
export function post(address: string, content: object, signal: AbortSignal | null = null): Promise<Response> {
  return ask(address, { method: "POST", headers: { "content-type": "application/json" }, signal, body: JSON.stringify(content) });
}

/** The lines of an answer that comes bit by bit. */
export async function* linesOf(response: Response): AsyncGenerator<string> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      yield line;
    }
  }
}

/** What the program refuses, in the language chosen. */
export function linesFor({ problems }: Refused): string[] {
  return problems.map(refusal);
}

/** The same in one line, or one for an outage. */
export function lineOf(error: unknown, outage = "lost"): string {
  return error instanceof Refused ? linesFor(error).join(" ") : t(outage);
}
