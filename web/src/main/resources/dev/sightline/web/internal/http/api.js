// Asks the server. Every question carries the token of this page; see Guard in the server.

const token = document.querySelector('meta[name="page-token"]').content;

/** What the server said is wrong; offset is a place in the expression, if it knows one. */
export class Problem extends Error {
  constructor(message, offset, status) {
    super(message);
    this.offset = offset;
    this.status = status;
  }
}

export async function send(method, path, body, signal) {
  let response;
  try {
    response = await fetch(path, { method, body, signal, headers: { 'X-Sightline-Page': token } });
  } catch (failure) {
    if (failure.name === 'AbortError') {
      throw failure;
    }
    throw new Problem('The workbench does not answer; it may have been stopped.', undefined, 0);
  }
  if (!response.ok) {
    let said = {};
    try {
      said = await response.json();
    } catch {
      said = { message: `the server answered with status ${response.status}` };
    }
    throw new Problem(said.message, said.offset, response.status);
  }
  return response;
}

export async function ask(path, question, signal) {
  return (await send('POST', path, JSON.stringify(question), signal)).json();
}

/** A picture: its header, and a byte for each square of its grid. */
export async function picture(question, signal) {
  const response = await send('POST', '/api/mask/picture', JSON.stringify(question), signal);
  const buffer = await response.arrayBuffer();
  const length = new DataView(buffer).getInt32(0);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  return { ...header, shades: new Uint8Array(buffer, 4 + length) };
}
