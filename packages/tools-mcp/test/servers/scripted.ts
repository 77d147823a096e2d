import type { McpStdioTransport } from '../../src/index.ts'

const PRELUDE = `
const tools = []; const handlers = {}; let initialize = {}; let onMessage = () => false; let answers = {};
const send = (m) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...m }) + '\\n');
const result = (id, r) => send({ id, result: r });
const text = (t) => ({ content: [{ type: 'text', text: t }] });
const tool = (name, handler, more = {}) => { tools.push({ name, description: name, inputSchema: { type: 'object' }, ...more }); handlers[name] = handler; };
let asked = 0;
const elicit = (params) => new Promise((r) => { const id = 'q' + ++asked; answers[id] = r; send({ id, method: 'elicitation/create', params }); });
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const m = JSON.parse(line);
  if (onMessage(m, line) === true) return;
  if (m.method === undefined) { answers[m.id]?.(m.result ?? m.error); return; }
  if (m.id === undefined) return;
  if (m.method === 'initialize') return result(m.id, { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' }, ...initialize });
  if (m.method === 'ping') return result(m.id, {});
  if (m.method === 'tools/list') return result(m.id, { tools });
  if (m.method === 'tools/call') { const h = handlers[m.params.name]; const r = h(m.params, m.id); if (r instanceof Promise) r.then((v) => result(m.id, v)); else if (r !== undefined) result(m.id, r); return; }
  send({ id: m.id, error: { code: -32601, message: 'no ' + m.method } });
});
`

/** A server that is a program text. */
export function scripted(source: string, env?: Record<string, string>): McpStdioTransport {
  return { type: 'stdio', command: process.execPath, args: ['-e', PRELUDE + source], ...(env ? { env } : {}) }
}
