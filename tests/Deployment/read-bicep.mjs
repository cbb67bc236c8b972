// Reads Bicep files and prints, as JSON, what they declare and use, and where they cannot be read. It is no compiler: names
// and structure only, no types.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Parser, Language } from 'web-tree-sitter';

await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(createRequire(import.meta.url).resolve('tree-sitter-bicep/tree-sitter-bicep.wasm')));

const named = node => node.namedChildren.filter(child => child.type !== 'comment');
const nameOf = node => named(node).find(child => child.type === 'identifier')?.text;
const unquoted = text => text.replace(/^'|'$/g, '');

function* walk(node) {
  yield node;
  for (const child of node.children)
    yield* walk(child);
}

function property(object, name) {
  const found = named(object).find(p => p.type === 'object_property' && unquoted(named(p)[0].text) === name);
  return found && named(found)[1];
}

function bodyOf(declaration) {
  for (const node of walk(declaration)) {
    if (node.type === 'object')
      return node;
  }
}

function read(path) {
  const root = parser.parse(readFileSync(path, 'utf8')).rootNode;
  const file = { errors: [], params: {}, vars: [], outputs: [], resources: [], modules: [], undeclared: [], unused: [], moduleOutputs: [], calls: [] };
  const declared = new Map();
  const used = new Set();
  const declare = (name, kind) => declared.set(name, kind);
  const isDeclaredHere = new Set();

  for (const node of walk(root)) {
    const at = `${node.startPosition.row + 1}:${node.startPosition.column + 1}`;
    if (node.isError || node.isMissing)
      file.errors.push(`${at} ${node.text.slice(0, 60)}`);
    switch (node.type) {
      case 'parameter_declaration':
        file.params[nameOf(node)] = node.children.some(child => child.type === '=');
        declare(nameOf(node), 'param');
        isDeclaredHere.add(named(node)[0].id);
        break;
      case 'variable_declaration':
        file.vars.push(nameOf(node));
        declare(nameOf(node), 'var');
        isDeclaredHere.add(named(node)[0].id);
        break;
      case 'output_declaration':
        file.outputs.push(nameOf(node));
        isDeclaredHere.add(named(node)[0].id);
        break;
      case 'resource_declaration':
        file.resources.push({
          name: nameOf(node),
          type: unquoted(named(node)[1].text),
          existing: node.children.some(child => child.type === 'existing' || child.text === 'existing'),
          text: node.text,
        });
        declare(nameOf(node), 'resource');
        isDeclaredHere.add(named(node)[0].id);
        break;
      case 'module_declaration': {
        const params = property(bodyOf(node), 'params');
        file.modules.push({
          name: nameOf(node),
          path: unquoted(named(node)[1].text),
          params: params ? named(params).map(p => unquoted(named(p)[0].text)) : [],
        });
        declare(nameOf(node), 'module');
        isDeclaredHere.add(named(node)[0].id);
        break;
      }
      case 'lambda_expression': {
        const head = named(node)[0];
        for (const name of head.type === 'parenthesized_expression' ? named(head) : [head]) {
          declare(name.text, 'local');
          isDeclaredHere.add(name.id);
        }
        break;
      }
      case 'loop_variable':
      case 'loop_enumerator':
        declare(node.text, 'local');
        break;
      case 'for_statement': {
        const initializer = node.childForFieldName('initializer');
        if (initializer) {
          declare(initializer.text, 'local');
          isDeclaredHere.add(initializer.id);
        }
        break;
      }
      case 'object_property':
        if (named(node)[0].type === 'identifier')
          isDeclaredHere.add(named(node)[0].id);
        break;
      case 'call_expression': {
        const callee = node.childForFieldName('function');
        if (callee?.type === 'identifier') {
          file.calls.push(callee.text);
          isDeclaredHere.add(callee.id);
        }
        break;
      }
      case 'decorator':
        for (const inner of walk(node))
          isDeclaredHere.add(inner.id);
        break;
    }
  }

  for (const node of walk(root)) {
    if (node.type !== 'identifier' || isDeclaredHere.has(node.id))
      continue;
    used.add(node.text);
    if (!declared.has(node.text))
      file.undeclared.push(`${node.startPosition.row + 1}:${node.startPosition.column + 1} ${node.text}`);
  }

  for (const [name, kind] of declared) {
    if ((kind === 'param' || kind === 'var') && !used.has(name))
      file.unused.push(name);
  }

  const text = root.text;
  for (const { name } of file.modules) {
    for (const match of text.matchAll(new RegExp(`\\b${name}\\.\\??outputs\\.(\\w+)`, 'g')))
      file.moduleOutputs.push({ module: name, output: match[1] });
  }

  return file;
}

console.log(JSON.stringify(Object.fromEntries(process.argv.slice(2).map(path => [path, read(path)]))));
