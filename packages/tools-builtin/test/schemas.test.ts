import { expect, test } from 'vitest'

import {
  createFetchTool,
  createListFilesTool,
  createReadFileTool,
  createSearchFilesTool,
  createShellTool,
  createWriteFileTool,
} from '../src/index.ts'

// The texts are hashed into every run that has the tool: a change makes old recordings another agent's.
test('the schemas are the ones that recordings were made with', () => {
  const tools = [
    createFetchTool(),
    createReadFileTool({ root: '.' }),
    createListFilesTool({ root: '.' }),
    createSearchFilesTool({ root: '.' }),
    createWriteFileTool({ root: '.' }),
    createShellTool({ allow: ['ls'], cwd: '.' }),
  ]
  expect(tools.map(({ name, inputSchema }) => `${name} ${inputSchema}`)).toMatchInlineSnapshot(`
    [
      "fetch {"type":"object","properties":{"maxBytes":{"type":"integer","description":"Read at most so many bytes of the body.","maximum":262144,"minimum":1},"method":{"type":"string","description":"HEAD asks for status and headers only.","enum":["GET","HEAD"],"default":"GET"},"url":{"type":"string","description":"The absolute http: or https: URL.","maxLength":8192,"minLength":1}},"required":["url"],"additionalProperties":false}",
      "read_file {"type":"object","properties":{"limit":{"type":"integer","description":"How many lines, or bytes, to return at most.","minimum":1},"offset":{"type":"integer","description":"How many lines, or bytes, to leave out first.","default":0,"minimum":0},"path":{"type":"string","description":"The path below the root, with slashes.","maxLength":4096,"minLength":1},"unit":{"type":"string","description":"Whether offset and limit count lines or bytes.","enum":["lines","bytes"],"default":"lines"}},"required":["path"],"additionalProperties":false}",
      "list_files {"type":"object","properties":{"limit":{"type":"integer","description":"How many entries to return at most.","default":1000,"maximum":1000,"minimum":1},"path":{"type":"string","description":"The directory, below the root.","default":".","maxLength":4096,"minLength":1},"pattern":{"type":"string","description":"Only paths that match this glob, such as *.ts or src/**/*.md.","maxLength":1000,"minLength":1},"recursive":{"type":"boolean","description":"Whether to list everything below it too.","default":false}},"required":[],"additionalProperties":false}",
      "search_files {"type":"object","properties":{"exclude":{"type":"array","description":"No files that match one of these globs.","items":{"type":"string","maxLength":1000,"minLength":1},"maxItems":50},"ignoreCase":{"type":"boolean","description":"Whether small and capital letters are the same.","default":false},"include":{"type":"array","description":"Only files that match one of these globs.","items":{"type":"string","maxLength":1000,"minLength":1},"maxItems":50},"limit":{"type":"integer","description":"How many matches to return at most.","default":200,"maximum":200,"minimum":1},"path":{"type":"string","description":"The directory, below the root.","default":".","maxLength":4096,"minLength":1},"query":{"type":"string","description":"The text, or the regular expression of JavaScript, to find in a line.","maxLength":1000,"minLength":1},"regex":{"type":"boolean","description":"Whether query is a regular expression.","default":false}},"required":["query"],"additionalProperties":false}",
      "write_file {"type":"object","properties":{"contents":{"type":"string","description":"The text, without changes.","maxLength":1048576,"minLength":0},"mode":{"type":"string","description":"What becomes of a file that exists.","enum":["create","overwrite","append"],"default":"create"},"path":{"type":"string","description":"The path below the root, with slashes.","maxLength":4096,"minLength":1}},"required":["contents","path"],"additionalProperties":false}",
      "shell {"type":"object","properties":{"args":{"type":"array","description":"Its arguments, each as one text.","items":{"type":"string","maxLength":100000,"minLength":0},"default":[],"maxItems":1000},"program":{"type":"string","description":"The program.","enum":["ls"]}},"required":["program"],"additionalProperties":false}",
    ]
  `)
})
