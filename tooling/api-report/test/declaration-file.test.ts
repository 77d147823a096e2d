import { expect, test } from 'vitest'
import { parseDeclarations } from '../src/declaration-file.ts'

test.each([
  'export declare function open(path: string): void;',
  'export declare abstract class Base {\n}',
  'export interface Options {\n}',
  'export type Name = string;',
  'export declare const LIMIT = 3;',
  'declare class Late {\n}\nexport { Late };',
  'interface Late {\n}\nexport { type Late };',
  'interface Late {\n}\nexport type { Late as Later };',
])('an exported declaration without TSDoc is found: %s', (text) => {
  expect(parseDeclarations(`${text}\n`).undocumented).toHaveLength(1)
  expect(parseDeclarations(`/** Says what it is. */\n${text}\n`).undocumented).toEqual([])
})

test('the comment of one declaration does not document the next', () => {
  const text = '/** One. */\nexport declare const one = 1;\nexport declare const two = 2;\n'
  expect(parseDeclarations(text).undocumented).toEqual(['two'])
})

test('a comment that is not TSDoc documents nothing', () => {
  expect(parseDeclarations('/* note */\nexport declare const one = 1;\n').undocumented).toEqual(['one'])
  expect(parseDeclarations('/** Doc. */\n/* note */\nexport declare const one = 1;\n').undocumented).toEqual(['one'])
})

test('what stays inside the module needs no TSDoc', () => {
  expect(parseDeclarations('declare const inner = 1;\nexport {};\n').undocumented).toEqual([])
})

test('what comes from elsewhere is documented there', () => {
  const { undocumented, imports } = parseDeclarations("export { one, type Two } from './one.ts';\n")
  expect(undocumented).toEqual([])
  expect(imports).toEqual(['./one.d.ts'])
})

test('every way to name another file is followed, packages are not', () => {
  const text = `import { type A } from './a.ts';
import type { Z } from 'zod';
export * from '../b.js';
export declare function c(): import("./c.ts").C;
`
  expect(parseDeclarations(text).imports).toEqual(['./a.d.ts', '../b.d.ts', './c.d.ts'])
})

test('the source map is left out', () => {
  expect(parseDeclarations('export {};\n//# sourceMappingURL=index.d.ts.map').text).toBe('export {};\n')
})
