import { Kbd, Modal, Text } from "@mantine/core";

const KEYS: [string, string[]][] = [
  ["Check the drawing", ["C"]],
  ["Deploy", ["Ctrl", "Enter"]],
  ["Undo", ["Ctrl", "Z"]],
  ["Redo", ["Ctrl", "Shift", "Z"]],
  ["Duplicate the chosen node", ["Ctrl", "D"]],
  ["Remove what is chosen", ["Delete"]],
  ["Search components", ["/"]],
  ["Fit the drawing into view", ["F"]],
  ["Zoom in and out", ["+", "-"]],
  ["Add the first component found", ["Enter"]],
  ["YAML beside the canvas", ["Y"]],
  ["Arrange the nodes", ["L"]],
  ["Add a note", ["N"]],
  ["Save to Git", ["Ctrl", "S"]],
  ["All commands", ["Ctrl", "K"]],
  ["Rename the chosen node", ["F2"]],
  ["Walk along the edges", ["←", "→", "↑", "↓"]],
  ["Move the chosen node", ["Shift", "←"]],
  ["Copy, cut and paste what is chosen, as text", ["Ctrl", "C / X / V"]],
  ["Show these keys", ["?"]],
];
const GESTURES: [string, string][] = [
  ["Connect two nodes", "Drag from a port to anywhere on the other node, or click both ports"],
  ["Add what fits a port", "Drag from it and let go over the canvas"],
  ["Add a component", "Double-click the canvas, or pick it on the left"],
];

export function Help({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} size={560} title={<Text fw={600}>Keys and gestures</Text>} centered transitionProps={{ duration: 120 }}>
      <dl className="keys">
        {KEYS.map(([what, keys]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{keys.map((key) => <Kbd key={key}>{key}</Kbd>)}</dd>
          </div>
        ))}
        {GESTURES.map(([what, how]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd className="quiet">{how}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
