// Runs the JavaScript build of solc as the native compiler runs: `--standard-json` from standard input or
// from a file, imports read from disk within the allowed folders, `--version`. Nothing else is offered.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const solc = require("solc");

function fail(message) {
  process.stderr.write(message + "\n");
  process.exit(1);
}

function parseArguments(args) {
  const options = { action: null, inputFile: null, allowPaths: [], basePath: "", includePaths: [] };
  // Both --option value and --option=value.
  const queue = args.flatMap((arg) => arg.match(/^(--[a-z-]+)=(.*)$/s)?.slice(1) ?? [arg]);
  while (queue.length > 0) {
    const arg = queue.shift();
    switch (arg) {
      case "--version":
      case "--standard-json":
        options.action = arg;
        break;
      case "--allow-paths":
        options.allowPaths.push(...(queue.shift() || "").split(",").filter(Boolean));
        break;
      case "--base-path":
        options.basePath = queue.shift() || "";
        break;
      case "--include-path":
        options.includePaths.push(queue.shift() || "");
        break;
      case "--pretty-json": // the output is the same JSON, laid out otherwise
      case "-":
        break;
      default:
        if (arg.startsWith("-")) fail(`unrecognised option '${arg}'`);
        options.inputFile = arg;
    }
  }
  return options;
}

function isInside(folder, file) {
  const relative = path.relative(folder, file);
  return relative.split(path.sep)[0] !== ".." && !path.isAbsolute(relative);
}

// The import callback: the same search and the same fence as the native compiler's file reader.
function makeReader({ allowPaths, basePath, includePaths }) {
  const searched = [basePath, ...includePaths].map((folder) => path.resolve(folder));
  const realFolder = (folder) => (fs.existsSync(folder) ? fs.realpathSync(folder) : path.resolve(folder));
  const allowed = [...searched, ...allowPaths.map((folder) => path.resolve(folder))].map(realFolder);
  return (name) => {
    const sourceName = name.startsWith("file://") ? name.slice("file://".length) : name;
    const found = searched
      .map((folder) => path.resolve(folder, sourceName))
      .find((candidate) => fs.existsSync(candidate) && fs.statSync(candidate).isFile());
    if (found === undefined) {
      const places = searched.map((folder) => `"${folder}"`).join(", ");
      return { error: `File not found. Searched the following locations: ${places}.` };
    }
    if (!allowed.some((folder) => isInside(folder, fs.realpathSync(found)))) {
      return { error: "File outside of allowed directories." };
    }
    return { contents: fs.readFileSync(found, "utf8") };
  };
}

const options = parseArguments(process.argv.slice(2));
if (options.action === "--version") {
  process.stdout.write("solc, the solidity compiler commandline interface\nVersion: " + solc.version() + "\n");
} else if (options.action === "--standard-json") {
  const input = fs.readFileSync(options.inputFile === null ? 0 : options.inputFile, "utf8");
  process.stdout.write(solc.compile(input, { import: makeReader(options) }) + "\n");
} else {
  fail("This compiler takes --standard-json or --version.");
}
