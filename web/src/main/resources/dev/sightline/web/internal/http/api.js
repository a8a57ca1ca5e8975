// Asks the server. Every question carries the token of this page; see Guard in the server.

const token = document.querySelector('meta[name="page-token"]').content;

/** What the server said is wrong; offset is a place in the expression, if it knows one. */
export class Problem extends Error {
  constructor(message, offset) {
    super(message);
    this.offset = offset;
  }

  /** The message without the lines that draw its place for a terminal. */
  get line() {
    return this.message.split('\n')[0];
  }
}

/** The problem that was caught; any other failure is a mistake of the page, and is thrown on. */
export function problemOf(failure) {
  if (!(failure instanceof Problem)) {
    throw failure;
  }
  return failure;
}

export async function send(method, path, body) {
  let response;
  try {
    response = await fetch(path, { method, body, headers: { 'X-Sightline-Page': token } });
  } catch {
    throw new Problem('The workbench does not answer; it may have been stopped.');
  }
  if (!response.ok) {
    let said = {};
    try {
      said = await response.json();
    } catch {
      said = { message: `the server answered with status ${response.status}` };
    }
    throw new Problem(said.message, said.offset);
  }
  return response;
}

export async function ask(path, question) {
  return (await send('POST', path, JSON.stringify(question))).json();
}

/** A way to ask where the newest question counts: what is said to an earlier one is dropped. */
export function newest(path, onAnswer, onProblem) {
  let round = 0;
  return async (question) => {
    const mine = ++round;
    try {
      const answer = await ask(path, question);
      if (mine === round) {
        onAnswer(answer);
      }
    } catch (failure) {
      const problem = problemOf(failure);
      if (mine === round) {
        onProblem(problem);
      }
    }
  };
}

/** A picture: its header, and a byte for each square of its grid. */
export async function picture(question) {
  const response = await send('POST', '/api/mask/picture', JSON.stringify(question));
  const buffer = await response.arrayBuffer();
  const length = new DataView(buffer).getInt32(0);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  return { ...header, shades: new Uint8Array(buffer, 4 + length) };
}
