/** What the app says: in every language, in one place each, and nowhere else. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import ts from "typescript";

import { keptLanguage } from "../../windmill/apps/ml_pipeline_builder.raw_app/memory";
import { money, percent, perHour, seconds } from "../../windmill/apps/ml_pipeline_builder.raw_app/words/figures";
import { en } from "../../windmill/apps/ml_pipeline_builder.raw_app/words/en";
import { fr } from "../../windmill/apps/ml_pipeline_builder.raw_app/words/fr";
import { firstLanguage, language, speak, t, watchLanguage } from "../../windmill/apps/ml_pipeline_builder.raw_app/words/words";

const APP = join(process.argv.at(-1)!, "../windmill/apps/ml_pipeline_builder.raw_app");
const NO_SOURCES = new Set(["node_modules", "dist", "words"]);
const SOURCES = readdirSync(APP, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".d.ts") && !NO_SOURCES.has(file.split(/[\\/]/)[0]!));

const flat = (words: Record<string, Record<string, string>>): [string, string][] =>
  Object.entries(words).flatMap(([area, names]) => Object.entries(names).map(([name, said]): [string, string] => [`${area}.${name}`, said]));

const putIn = (said: string) => [...said.matchAll(/\{\{\w+\}\}/g)].map(([each]) => each).sort();

test("each language says the same things, with the same values put in", () => {
  const [english, french] = [new Map(flat(en)), new Map(flat(fr))];
  assert.deepEqual([...french.keys()].sort(), [...english.keys()].sort());
  for (const [key, said] of english) assert.deepEqual([...new Set(putIn(french.get(key)!))], [...new Set(putIn(said))], key);
});

test("in French no line breaks before a mark, nor within quotation marks", () => {
  const breaks = flat(fr).filter(([, said]) => / [:;?!»%]|« /.test(said) || /[^\s\u00a0:`(](?=[;?!])/.test(said));
  assert.deepEqual(breaks, []);
});

test("every word is said somewhere", () => {
  const all = SOURCES.map((file) => readFileSync(join(APP, file), "utf8")).join("\n") + readFileSync(join(APP, "words/figures.ts"), "utf8") + readFileSync(join(APP, "words/keyNames.ts"), "utf8") + readFileSync(join(APP, "words/LanguageButton.tsx"), "utf8");
  const said = (key: string) => all.includes(`"${key.replace(/_(one|other)$/, "")}"`) || all.includes(`\`${key.split(".")[0]}.\${`);
  assert.deepEqual(flat(en).map(([key]) => key).filter((key) => !said(key)), []);
});

const TOLD = new Set(["label", "title", "placeholder", "description", "aria-label", "ariaLabel", "alt", "words", "closeButtonLabel"]);
const WORD = /\p{L}{2}/u;
const SENTENCE = /\p{L}{2,}[,.;:]? \p{L}{2,}/u;
// Names of fonts and of YAML, what a catalog in Git is written with, selectors, and what others say that is looked for.
const NOT_SAID = [/^Inter, system-ui/, /^YAML$/, /^(kind|name): /, / of $/, /^\$\{inputs\.\w+\}$/, /^input, textarea/, /^ at line$/, /^There is no deployment or run$/];

function literals(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(APP, file), "utf8"), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const look = (node: ts.Node, attribute = "") => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return;
    const name = ts.isJsxAttribute(node) ? node.name.getText() : attribute;
    if (ts.isCallExpression(node) && ["t", "keyNames"].includes(node.expression.getText())) return;
    const text = ts.isJsxText(node) || ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node) ? node.text : "";
    const says = ts.isJsxText(node) || (TOLD.has(name) && !ts.isConditionalExpression(node.parent)) ? WORD : SENTENCE;
    if (name !== "className" && says.test(text) && !NOT_SAID.some((each) => each.test(text))) found.push(`${file}: ${text.trim()}`);
    ts.forEachChild(node, (child) => look(child, name));
  };
  look(source);
  return found;
}

test("no words stand in a component, nor where it is computed what one shows", () => {
  assert.ok(SOURCES.length > 50);
  assert.deepEqual(SOURCES.flatMap(literals), []);
});

test("what was chosen is spoken, else the first of the browser's languages that there is", () => {
  assert.equal(firstLanguage(undefined, ["de-DE", "fr-CA", "en"]), "fr");
  assert.equal(firstLanguage("en", ["fr"]), "en");
  assert.equal(firstLanguage("xx", ["de"]), "en");
});

// Node keeps nothing; a browser's would be this.
const kept = new Map<string, string>();
Object.defineProperty(globalThis, "localStorage", { value: { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value) } });

test("money, times and shares follow the language, and whoever shows them is told of another", () => {
  let told = 0;
  const stop = watchLanguage(() => (told += 1));
  assert.deepEqual([perHour(0.43), money(0.0042), seconds(1234.5), percent(0.973)], ["$0.43/h", "$0.0042", "1,234.5 s", "97.3%"]);
  speak("fr");
  assert.deepEqual([told, language(), keptLanguage()], [1, "fr", "fr"]);
  assert.deepEqual([perHour(0.43), seconds(1234.5), percent(0.973)].map((each) => each.replace(/[\u00a0\u202f]/g, "~")), ["0,43~$/h", "1~234,5~s", "97,3~%"]);
  assert.equal(t("home.nodes", { count: 1 }), "1 nœud");
  assert.equal(t("home.nodes", { count: 0 }), "0 nœud");
  stop();
  speak("en");
  assert.equal(told, 1);
});

test("what is put in is shown as it is: neither markup nor another word of ours", () => {
  assert.equal(t("commands.open", { name: "<b>{{x}} $t(common.close)</b>" }), "Open <b>{{x}} $t(common.close)</b>");
});
