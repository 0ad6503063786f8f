import { ActionIcon, Group, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { Trash2 } from "lucide-react";

import { Data, takesFiles } from "./data/Data";
import { useColumns } from "./data/useColumns";
import { NodeName } from "./keys/NodeName";
import { fromCanvasNode, portColor, type CanvasNode } from "./drawing";
import { Form } from "./Form";
import { inWords } from "./useReadings";
import type { Catalog, Draft, Port, Problem, Reading, Values } from "./types";
import { t } from "./words/words";

type Props = {
  catalog: Catalog;
  draft: Draft;
  node: CanvasNode | undefined;
  problem: Problem | undefined;
  reading: Reading | undefined;
  onDraft: (change: Partial<Draft>) => void;
  onConfig: (id: string, config: Values) => void;
  onRename: (id: string, next: string) => void;
  onRemove: (id: string) => void;
};

/** The settings of the chosen node; of the pipeline when none is chosen. */
export function Inspector(props: Props) {
  const columns = useColumns(props.draft);
  return (
    <Stack gap="md" p="md">
      {props.node ? <NodeSettings {...props} columns={columns} node={props.node} /> : <PipelineSettings {...props} columns={columns} />}
    </Stack>
  );
}

type ShownProps = Props & { columns: string[] };

function PipelineSettings({ catalog, draft, columns, onDraft }: ShownProps) {
  const fed = draft.nodes.filter((node) => takesFiles(node) && inputOf(node.config?.path));
  return (
    <>
      <Heading title={t("common.pipeline")} summary={catalog.pipelines[draft.template]?.summary ?? ""} />
      <TextInput
        label={t("common.name")}
        description={t("inspector.nameHint")}
        value={draft.name}
        onChange={(event) => onDraft({ name: event.target.value })}
      />
      <Form
        key={draft.template}
        schema={draft.declared}
        values={draft.inputs}
        columns={columns}
        onChange={(inputs) => onDraft({ inputs })}
      />
      {fed.map((node) => (
        <Data key={node.id} {...{ draft, node }} onPath={(path) => onDraft({ inputs: { ...draft.inputs, [inputOf(node.config?.path)!]: path } })} />
      ))}
    </>
  );
}

/** The input that a setting is, where it is one. */
const inputOf = (value: unknown): string | undefined => /^\$\{inputs\.(\w+)\}$/.exec(String(value))?.[1];

function NodeSettings({ catalog, draft, node, problem, reading, columns, onDraft, onConfig, onRename, onRemove }: ShownProps & { node: CanvasNode }) {
  const component = catalog.components[node.data.component];
  const drawn = fromCanvasNode(node);
  const input = inputOf(drawn.config?.path);
  const setPath = (path: string) =>
    input ? onDraft({ inputs: { ...draft.inputs, [input]: path } }) : onConfig(node.id, { ...node.data.config, path });
  if (!component) return <Text>{t("node.gone")}</Text>;
  return (
    <>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <Heading title={component.title} summary={component.summary} />
        <Tooltip label={t("common.remove")}>
          <ActionIcon variant="subtle" color="gray" aria-label={t("node.remove")} onClick={() => onRemove(node.id)}>
            <Trash2 size={16} />
          </ActionIcon>
        </Tooltip>
      </Group>
      {problem && <ProblemText problem={problem} />}
      {reading && <ReadingText reading={reading} />}
      <NodeName id={node.id} taken={draft.nodes.map(({ id }) => id)} onRename={onRename} />
      {takesFiles(drawn) && <Data key={`data-${node.id}`} {...{ draft }} node={drawn} onPath={setPath} />}
      <Form
        key={node.id}
        schema={component.config}
        values={node.data.config}
        columns={columns}
        onChange={(config) => onConfig(node.id, config)}
      />
      <Stack gap={4} className="ports-list">
        <Ports title={t("node.in")} ports={component.inputs} />
        <Ports title={t("node.out")} ports={component.outputs} />
      </Stack>
    </>
  );
}

function Heading({ title, summary }: { title: string; summary: string }) {
  return (
    <div>
      <Text component="h2" fw={600} size="lg" m={0}>
        {title}
      </Text>
      <Text c="dimmed">{summary}</Text>
    </div>
  );
}

function ProblemText({ problem }: { problem: Problem }) {
  return (
    <div className="problem" role="alert" lang="en">
      <Text>{problem.message}</Text>
      {problem.fix && <Text c="dimmed">{problem.fix}</Text>}
    </div>
  );
}

/** What the live pipeline read here; what it did not, and why. */
function ReadingText({ reading }: { reading: Reading }) {
  const { given, read, kind, left_out, listed } = reading;
  const all = Object.values(left_out).reduce((sum, count) => sum + count, 0);
  const told = listed.reduce((sum, { count }) => sum + count, 0);
  return (
    <section className="reading" aria-label={t("inspector.whatWasRead")}>
      <Text>{t("inspector.read", { read, given, kind })}</Text>
      <ul>
        {listed.map((each, index) => <li key={index}>{inWords(each)}{each.count > 1 && ` (${each.count})`}</li>)}
        {all > told && <li>{t("common.andMore", { n: all - told })}</li>}
      </ul>
    </section>
  );
}

function Ports({ title, ports }: { title: string; ports: Record<string, Port> }) {
  return Object.entries(ports).map(([name, port]) => (
    <Group key={name} gap="xs">
      <Text c="dimmed" w={28}>
        {title}
      </Text>
      <span className="swatch" style={{ background: portColor(port.type) }} />
      <Text>{name}</Text>
      {port.optional && <Text c="dimmed">{t("common.optional")}</Text>}
    </Group>
  ));
}
