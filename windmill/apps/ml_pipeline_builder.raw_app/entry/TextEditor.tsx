import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension, type Text } from "@codemirror/state";
import { EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { useEffect, useRef } from "react";

import type { Problem } from "../types";

type Props = {
  label: string;
  text: string;
  /** Absent where it can only be read. */
  onType?: (text: string) => void;
  problems?: Problem[];
  /** What it is compared with, line by line. */
  original?: string;
};

const BASICS: Extension = [
  lineNumbers(),
  foldGutter(),
  history(),
  bracketMatching(),
  highlightActiveLine(),
  yaml(),
  syntaxHighlighting(classHighlighter),
  EditorView.lineWrapping,
  keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
];

/** YAML as it is written, with what is wrong at its line. */
export function TextEditor({ label, text, onType, problems = [], original }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const typed = useRef(onType);
  typed.current = onType;
  useEffect(() => {
    const heard = EditorView.updateListener.of(({ docChanged, transactions, state }) => {
      if (docChanged && !transactions.some((each) => each.isUserEvent(FROM_OUTSIDE))) typed.current?.(textOf(state));
    });
    const extensions = [BASICS, lintGutter(), heard, EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }), reading(onType, original), lineEnds(text)];
    view.current = new EditorView({ parent: host.current!, state: EditorState.create({ doc: text, extensions }) });
    return () => view.current?.destroy();
  }, [original]);
  useEffect(() => replace(view.current!, text), [text]);
  useEffect(() => {
    const { state } = view.current!;
    view.current!.dispatch(setDiagnostics(state, problems.map((each) => diagnostic(each, state.doc))));
  }, [problems, text]);
  return <div className="text-editor" ref={host} />;
}

const FROM_OUTSIDE = "input.outside";

function reading(onType: unknown, original: string | undefined): Extension {
  const fixed = onType ? [] : [EditorState.readOnly.of(true), EditorView.editable.of(false)];
  const compared = original === undefined ? [] : unifiedMergeView({ original, mergeControls: false, gutter: true, collapseUnchanged: { margin: 3, minSize: 6 } });
  return [fixed, compared];
}

/** With the line ends that it came with. */
const textOf = (state: EditorState) => state.sliceDoc();
const lineEnds = (text: string) => EditorState.lineSeparator.of(/\r\n/.test(text) && !/[^\r]\n/.test(text) ? "\r\n" : "\n");

/** Only what differs, so that cursor and scroll stay. */
function replace(view: EditorView, text: string) {
  const old = view.state.doc.toString();
  const wanted = text.split(view.state.lineBreak).join("\n");
  if (old === wanted) return;
  let from = 0;
  while (from < old.length && old[from] === wanted[from]) from += 1;
  let [end, until] = [old.length, wanted.length];
  while (end > from && until > from && old[end - 1] === wanted[until - 1]) [end, until] = [end - 1, until - 1];
  view.dispatch({ changes: { from, to: end, insert: wanted.slice(from, until) }, userEvent: FROM_OUTSIDE });
}

function diagnostic({ message, fix, line = 1, column = 1 }: Problem, doc: Text): Diagnostic {
  const { from, to } = doc.line(Math.min(Math.max(1, line), doc.lines));
  return { from: Math.min(from + column - 1, to), to, severity: "error", message: [message, fix].filter(Boolean).join(" ") };
}
