// The types of `panelctl/client`, for whoever has neither our sources nor the packages that are bundled: written out,
// with what names stand for that the entry does not export. Made when npm installs in a clone and when it packs, as it
// takes longer than a build.
import {renameSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import ts from 'typescript'

const root = join(import.meta.dirname, '..')
const entry = join(root, 'src', 'client.ts')
const {config} = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
const program = ts.createProgram([entry], ts.parseJsonConfigFileContent(config, ts.sys, root).options)
const checker = program.getTypeChecker()
const file = program.getSourceFile(entry)
const printer = ts.createPrinter()

const print = node => printer.printNode(ts.EmitHint.Unspecified, node, file)

function typeText(type, flags = 0) {
  return print(checker.typeToTypeNode(type, file, ts.NodeBuilderFlags.NoTruncation | flags))
}

/** What it does, as its source says. */
function comment(symbol) {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker))
  return text === '' ? '' : `/** ${text.replaceAll('\n', ' ')} */\n`
}

const isFunction = symbol => checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0

/** The members of an object, each with its comment; where they are functions of a group, theirs too. */
function members(properties) {
  const lines = properties.map(property => {
    const type = checker.getTypeOfSymbol(property)
    const functions = type.flags & ts.TypeFlags.Object ? type.getProperties() : []
    const isGroup = functions.length > 0 && functions.every(isFunction) && !isFunction(property)
    const isOptional = property.flags & ts.SymbolFlags.Optional ? '?' : ''
    const text = isGroup ? members(functions) : typeText(type)
    return `${comment(property)}readonly ${property.name}${isOptional}: ${text};`
  })
  return `{\n${lines.join('\n').replace(/^/gm, '    ')}\n}`
}

function declaration(symbol) {
  const {name, flags} = symbol
  if (flags & ts.SymbolFlags.Function) {
    const signatures = checker.getTypeOfSymbol(symbol).getCallSignatures()
    return signatures.map(
      signature =>
        `${comment(symbol)}export declare function ${name}${checker.signatureToString(signature, file, ts.TypeFormatFlags.NoTruncation)};`,
    )
  }
  const type = checker.getDeclaredTypeOfSymbol(symbol)
  if (flags & ts.SymbolFlags.Class) {
    const own = type.getProperties().filter(({declarations}) => !declarations.some(isOfError))
    return `${comment(symbol)}export declare class ${name} extends Error ${members(own).replace('{', '{\n    private constructor();')}`
  }
  const text = type.isUnion()
    ? typeText(type, ts.NodeBuilderFlags.InTypeAlias)
    : members(type.getProperties())
  return `${comment(symbol)}export type ${name} = ${text};`
}

const isOfError = ({parent}) => parent.getSourceFile().fileName.includes('/typescript/lib/')
const resolved = checker
  .getExportsOfModule(checker.getSymbolAtLocation(file))
  .map(symbol => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
const text = `${resolved.flatMap(declaration).join('\n\n')}\n`
const [foreign] = /import\("[^"]*"\)[.\w]*/.exec(text) ?? []
if (foreign) throw new Error(`src/client.ts has to export what it shows: ${foreign}`)
const written = join(root, 'dist', 'client.d.cts')
writeFileSync(`${written}.${process.pid}`, text)
renameSync(`${written}.${process.pid}`, written)
